package convoy.training;

import convoy.cluster.TaskSlots;
import org.apache.spark.SparkContext;

/**
 * Checks before the first round that what an executor and the driver have to hold at once fits
 * their heaps.
 *
 * @param driverBytes heap of the driver
 * @param heapBytes of one executor; in local mode, of the driver
 * @param tasks that run on it at the same time
 * @param shards of the training
 * @param local whether the driver itself runs the tasks
 */
public record MemoryCheck(long driverBytes, long heapBytes, int tasks, int shards, boolean local) {

  /** The executors of {@code context}, which train {@code shards} shards. */
  public static MemoryCheck of(SparkContext context, int shards) {
    boolean local = context.isLocal();
    long driver = Runtime.getRuntime().maxMemory();
    long heap = local ? driver : context.getConf().getSizeAsMb("spark.executor.memory", "1g") << 20;
    return new MemoryCheck(driver, heap, TaskSlots.of(context).tasksAtOnce(shards), shards, local);
  }

  /**
   * Checks that replicas, scorers, shards and states fit.
   *
   * @param images of the largest shard, validation images counted
   * @throws IllegalArgumentException if they don't; says what to change
   */
  public void check(MemoryNeeds needs, long images) {
    long needed =
        local ? needs.local(tasks, shards, images) : needs.executor(tasks, shards, images);
    if (needed > heapBytes) {
      throw new IllegalArgumentException(
          "training needs about "
              + megabytes(needed)
              + " MB of heap on "
              + (local ? "the driver" : "each executor")
              + " ("
              + (tasks == 1 ? "1 task of " : tasks + " tasks at once, each of ")
              + megabytes(needs.task(images))
              + " MB), it has "
              + megabytes(heapBytes)
              + " MB: raise "
              + (local ? "--driver-memory" : "--executor-memory")
              + ", lower batchSize"
              + (images > 1 ? ", or raise shards" : ""));
    }
    if (needs.driver() > driverBytes) {
      throw new IllegalArgumentException(
          "training needs about "
              + megabytes(needs.driver())
              + " MB of heap on the driver, it has "
              + megabytes(driverBytes)
              + " MB: raise --driver-memory");
    }
  }

  private static long megabytes(long bytes) {
    return (bytes + (1 << 20) - 1) >> 20;
  }
}
