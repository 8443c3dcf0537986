package convoy.cluster;

import org.apache.spark.SparkContext;

/**
 * The heap in which tasks run.
 *
 * @param bytes how large it may become
 * @param local whether it is the driver's, which runs the tasks itself, and not each executor's
 */
public record TaskHeap(long bytes, boolean local) {
  /** What Spark and the JVM need beside the data. */
  public static final long RESERVED_BYTES = 300L << 20;

  /** That of the executors of {@code context}. */
  public static TaskHeap of(SparkContext context) {
    return context.isLocal()
        ? new TaskHeap(Runtime.getRuntime().maxMemory(), true)
        : new TaskHeap(context.getConf().getSizeAsMb("spark.executor.memory", "1g") << 20, false);
  }

  /**
   * Checks that something fits.
   *
   * @param what needs the memory, as "training"
   * @param needed all that the heap has to hold at once
   * @param tasks that run in it at the same time
   * @param taskBytes how much of {@code needed} each of them takes
   * @param remedies what helps beside a larger heap, as ", lower batchSize"
   * @throws IllegalArgumentException if it doesn't; says what to change
   */
  public void check(String what, long needed, int tasks, long taskBytes, String remedies) {
    if (needed <= bytes) {
      return;
    }
    throw new IllegalArgumentException(
        what
            + " needs about "
            + megabytes(needed)
            + " MB of heap on "
            + (local ? "the driver" : "each executor")
            + " ("
            + (tasks == 1 ? "1 task of " : tasks + " tasks at once, each of ")
            + megabytes(taskBytes)
            + " MB), it has "
            + megabytes(bytes)
            + " MB: raise "
            + (local ? "--driver-memory" : "--executor-memory")
            + remedies);
  }

  /**
   * Checks that something fits the heap of a driver that runs no tasks.
   *
   * @param what needs the memory, as "training"
   * @param needed all that the heap has to hold at once
   * @param bytes how large it may become
   * @param remedies what helps beside a larger heap
   * @throws IllegalArgumentException if it doesn't; says what to change
   */
  public static void checkDriver(String what, long needed, long bytes, String remedies) {
    if (needed > bytes) {
      throw new IllegalArgumentException(
          what
              + " needs about "
              + megabytes(needed)
              + " MB of heap on the driver, it has "
              + megabytes(bytes)
              + " MB: raise --driver-memory"
              + remedies);
    }
  }

  /** Whole megabytes, of which the last may be a part. */
  public static long megabytes(long bytes) {
    return (bytes + (1 << 20) - 1) >> 20;
  }
}
