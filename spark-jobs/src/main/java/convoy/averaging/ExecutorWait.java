package convoy.averaging;

import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;

/**
 * Waits until the executors that were asked for have registered; a standalone application starts
 * before.
 */
final class ExecutorWait {
  private static final long POLL_MILLIS = 100;

  private ExecutorWait() {}

  /**
   * Waits for as many executors as spark.executor.instances, or cores as spark.cores.max, or else
   * one executor; local masters have theirs at once.
   *
   * @throws IllegalStateException if they are not there after {@code limitSeconds}
   */
  static void await(SparkContext context, int limitSeconds) throws InterruptedException {
    if (context.isLocal()) {
      return;
    }
    SparkConf conf = context.getConf();
    int wanted = Math.max(1, conf.getInt("spark.executor.instances", 1));
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(limitSeconds);
    while (executors(context) < wanted) {
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "waited "
                + limitSeconds
                + " s for "
                + wanted
                + " executors, "
                + executors(context)
                + " have registered: does the cluster have room for them? (waitForExecutorsSeconds)");
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }

  /** Executors that have registered; the driver is none. */
  static int executors(SparkContext context) {
    return context.statusTracker().getExecutorInfos().length - 1;
  }
}
