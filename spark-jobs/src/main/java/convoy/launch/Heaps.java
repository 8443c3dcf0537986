package convoy.launch;

import java.util.Map;
import org.apache.spark.network.util.JavaUtils;

/**
 * The heaps that driver and executors get unless someone says otherwise, in mebibytes: those of
 * conf/spark-defaults.conf, or what a small machine can give without swapping.
 */
record Heaps(long driver, long executor) {
  static final String DRIVER_KEY = "spark.driver.memory";
  static final String EXECUTOR_KEY = "spark.executor.memory";

  private static final String SPARKS_DEFAULT = "1g";
  private static final long LEAST = 512;

  /** Percent of the machine's memory that tasks may take; the rest is the system's. */
  private static final int TASKS_PERCENT = 60;

  /** Percent that a driver may take beside executors on the same machine. */
  private static final int DRIVER_PERCENT = 15;

  /** The heaps that {@code settings} ask for. */
  static Heaps of(Map<String, String> settings) {
    return new Heaps(
        JavaUtils.byteStringAsMb(settings.getOrDefault(DRIVER_KEY, SPARKS_DEFAULT)),
        JavaUtils.byteStringAsMb(settings.getOrDefault(EXECUTOR_KEY, SPARKS_DEFAULT)));
  }

  /** These heaps, where all tasks run in the driver, on a machine of {@code machine} mebibytes. */
  Heaps local(long machine) {
    return new Heaps(capped(driver, machine * TASKS_PERCENT / 100), executor);
  }

  /** These heaps, where driver and executors share a machine of {@code machine} mebibytes. */
  Heaps localCluster(long machine, int executors) {
    return new Heaps(
        capped(driver, machine * DRIVER_PERCENT / 100),
        capped(executor, machine * TASKS_PERCENT / 100 / executors));
  }

  private static long capped(long wanted, long most) {
    return Math.max(LEAST, Math.min(wanted, most));
  }
}
