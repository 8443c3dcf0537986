package convoy.cluster;

import org.apache.spark.SparkContext;

/**
 * Where tasks run.
 *
 * @param executors how many there are; one in local mode, the driver itself
 * @param tasks that each of them can run at the same time
 */
public record TaskSlots(int executors, int tasks) {

  /** Those of the executors that have registered; before any has, of one as it was asked for. */
  public static TaskSlots of(SparkContext context) {
    int executors = context.isLocal() ? 1 : ExecutorWait.executors(context);
    int cores =
        context.isLocal()
            ? TaskCores.ofLocalMaster(context.master()).orElseThrow()
            : executors == 0
                ? context.getConf().getInt("spark.executor.cores", 1)
                : TaskCores.ofLargestExecutor(context);
    return new TaskSlots(
        Math.max(1, executors), Math.max(1, cores / TaskCores.perTask(context.getConf())));
  }

  /** Tasks that run at the same time on all executors. */
  public int count() {
    return executors * tasks;
  }

  /** How many of {@code shards} shards' tasks an executor runs at the same time, at most. */
  public int tasksAtOnce(int shards) {
    return Math.min(tasks, (shards + executors - 1) / executors);
  }
}
