package convoy.cluster;

import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.function.BooleanSupplier;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;

/**
 * Waits until the executors that were asked for have registered; a standalone application starts
 * before.
 */
public final class ExecutorWait {
  private static final String INSTANCES = "spark.executor.instances";
  private static final String LEAST = "spark.dynamicAllocation.minExecutors";
  private static final String INITIAL = "spark.dynamicAllocation.initialExecutors";
  private static final long POLL_MILLIS = 100;
  private static final String STANDALONE =
      "; a standalone Spark gives an executor all cores of a worker, unless"
          + " --spark-conf spark.executor.cores=N says how many";

  private ExecutorWait() {}

  /**
   * Waits for as many executors as spark.executor.instances says, or for one; local masters have
   * theirs at once, and where Spark asks for executors as it has tasks for them, and nothing says
   * how many, those that it begins with are waited for, which may be none. Those that are there
   * must have the cores for a task.
   *
   * @param cancelled asked all the time
   * @throws IllegalStateException if they are not there after {@code limitSeconds}, or if Spark has
   *     given up before, as it does where no master answers
   * @throws IllegalArgumentException if a task takes more cores than any of them has
   * @throws CancellationException if {@code cancelled} said so
   */
  public static void await(SparkContext context, int limitSeconds, BooleanSupplier cancelled)
      throws InterruptedException {
    SparkConf conf = context.getConf();
    int wanted = Math.max(1, conf.getInt(INSTANCES, 1));
    if (asksAsNeeded(context) && !conf.contains(INSTANCES)) {
      wanted = Math.max(conf.getInt(LEAST, 0), conf.getInt(INITIAL, 0));
      if (wanted == 0) {
        return;
      }
    }
    await(
        context,
        wanted,
        limitSeconds,
        ", ask for less, or raise waitForExecutorsSeconds",
        cancelled);
  }

  /**
   * Waits for the first executor, of work that can begin with it; not where Spark asks for
   * executors as it has tasks for them.
   *
   * @param limitOption by which a user sets the limit
   * @throws IllegalStateException if there is none after {@code limitSeconds}, or if Spark has
   *     given up before
   * @throws IllegalArgumentException if a task takes more cores than it has
   */
  public static void awaitFirst(SparkContext context, int limitSeconds, String limitOption)
      throws InterruptedException {
    if (!asksAsNeeded(context)) {
      await(context, 1, limitSeconds, ", or raise " + limitOption, () -> false);
    }
  }

  private static boolean asksAsNeeded(SparkContext context) {
    return context.getConf().getBoolean("spark.dynamicAllocation.enabled", false);
  }

  private static void await(
      SparkContext context,
      int wanted,
      int limitSeconds,
      String otherRemedies,
      BooleanSupplier cancelled)
      throws InterruptedException {
    if (context.isLocal()) {
      return;
    }
    long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(limitSeconds);
    while (executors(context) < wanted) {
      if (cancelled.getAsBoolean()) {
        throw new CancellationException("while waiting for executors");
      }
      if (context.isStopped()) {
        throw new IllegalStateException(
            "the cluster refused or ended the application before it had executors: does "
                + context.master()
                + " answer? (--master)");
      }
      if (System.nanoTime() > deadline) {
        throw new IllegalStateException(
            "waited "
                + limitSeconds
                + " s for "
                + wanted
                + (wanted == 1 ? " executor, got " : " executors, got ")
                + executors(context)
                + ": make room"
                + otherRemedies
                + (context.master().startsWith("spark://") ? STANDALONE : ""));
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
    TaskCores.check(context);
  }

  /** Executors that have registered; the driver is none. */
  public static int executors(SparkContext context) {
    return context.statusTracker().getExecutorInfos().length - 1;
  }
}
