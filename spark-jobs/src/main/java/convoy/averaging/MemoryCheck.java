package convoy.averaging;

import convoy.engine.data.Shard;
import convoy.engine.tensor.Shape;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;

/**
 * Checks before the first round that what an executor and the driver have to hold at once fits
 * their heaps.
 *
 * @param driverBytes heap of the driver
 * @param heapBytes of one executor; in local mode, of the driver
 * @param tasks that run on it at the same time
 * @param local whether the driver itself runs the tasks
 */
record MemoryCheck(long driverBytes, long heapBytes, int tasks, boolean local) {
  /** What Spark and the JVM need beside the data. */
  private static final long RESERVED_BYTES = 300L << 20;

  /** What the tasks of a reduction hold at most. */
  private static final long REDUCTION_BYTES = 64L << 20;

  /**
   * How often an executor holds what a round sends: as it came, as arrays, and what the round
   * before sent until Spark has removed it.
   */
  private static final int STATES_OF_AN_EXECUTOR = 3;

  /** The executors of {@code context}, which train {@code shards} shards. */
  static MemoryCheck of(SparkContext context, int shards) {
    SparkConf conf = context.getConf();
    boolean local = context.isLocal();
    int executors = local ? 1 : Math.max(1, ExecutorWait.executors(context));
    int cores = context.defaultParallelism() / executors;
    if (!local) {
      cores = conf.getInt("spark.executor.cores", cores);
    }
    int taskCores = TaskCores.perTask(conf);
    long driver = Runtime.getRuntime().maxMemory();
    long heap = local ? driver : conf.getSizeAsMb("spark.executor.memory", "1g") << 20;
    int tasks = Math.min(Math.max(1, cores / taskCores), (shards + executors - 1) / executors);
    return new MemoryCheck(driver, heap, tasks, local);
  }

  /**
   * Checks that replicas, scorers, shards and states fit.
   *
   * @param evaluating bytes of what a task takes beside its replica, to evaluate and to estimate
   * @param image the shape of one image
   * @param images of the largest shard, validation images counted
   * @param carried bytes that the driver holds from round to round
   * @param sent bytes that each round sends to the executors
   * @throws IllegalArgumentException if they don't; says what to change
   */
  void check(
      ReplicaSettings replica, long evaluating, Shape image, long images, long carried, long sent) {
    long perTask = replica.sizeBytes() + evaluating + Shard.sizeBytes(image, images);
    // The driver keeps what it sends as it goes; in local mode tasks read its own arrays.
    long atDriver = RESERVED_BYTES + carried + sent;
    long states = local ? carried + sent : STATES_OF_AN_EXECUTOR * sent;
    long needed = RESERVED_BYTES + REDUCTION_BYTES + states + tasks * perTask;
    if (needed > heapBytes) {
      throw new IllegalArgumentException(
          "training needs about "
              + megabytes(needed)
              + " MB of heap on "
              + (local ? "the driver" : "each executor")
              + " ("
              + (tasks == 1 ? "1 task of " : tasks + " tasks at once, each of ")
              + megabytes(perTask)
              + " MB), it has "
              + megabytes(heapBytes)
              + " MB: raise "
              + (local ? "--driver-memory" : "--executor-memory")
              + ", lower batchSize"
              + (images > 1 ? ", or raise shards" : ""));
    }
    if (atDriver > driverBytes) {
      throw new IllegalArgumentException(
          "training needs about "
              + megabytes(atDriver)
              + " MB of heap on the driver, it has "
              + megabytes(driverBytes)
              + " MB: raise --driver-memory");
    }
  }

  private static long megabytes(long bytes) {
    return (bytes + (1 << 20) - 1) >> 20;
  }
}
