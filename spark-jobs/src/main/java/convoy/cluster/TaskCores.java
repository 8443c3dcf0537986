package convoy.cluster;

import java.util.OptionalInt;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.spark.SparkConf;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskContext;
import org.apache.spark.status.api.v1.ExecutorSummary;
import scala.jdk.javaapi.CollectionConverters;

/**
 * The cores of a task, and checks that an executor has as many; Spark would wait for a larger one
 * for ever.
 */
public final class TaskCores {
  /** Spark's setting: the cores of a task. Jobs set it to the threads of a replica. */
  public static final String KEY = "spark.task.cpus";

  private static final Pattern LOCAL = Pattern.compile("local(?:\\[\\s*(\\d+|\\*)\\s*(?:,.*)?])?");
  private static final String DRIVER = "driver";

  private TaskCores() {}

  /** How many cores the task has that calls this; 1 outside of one. */
  public static int ofThisTask() {
    TaskContext task = TaskContext.get();
    return task == null ? 1 : task.cpus();
  }

  /** How many cores a task takes. */
  public static int perTask(SparkConf conf) {
    return conf.getInt(KEY, 1);
  }

  /**
   * Checks what the settings alone tell, before a Spark is started with them: the cores of a local
   * master, or spark.executor.cores.
   *
   * @throws IllegalArgumentException if no executor could run a task
   */
  public static void check(SparkConf conf) {
    OptionalInt local = ofLocalMaster(conf.get("spark.master", ""));
    if (local.isPresent()) {
      check(conf, local.getAsInt());
    } else if (conf.contains("spark.executor.cores")) {
      check(conf, conf.getInt("spark.executor.cores", 1));
    }
  }

  /**
   * Checks the executors that have registered.
   *
   * @throws IllegalArgumentException if there are some and none of them can run a task
   */
  static void check(SparkContext context) {
    int most = ofLargestExecutor(context);
    if (most > 0) {
      check(context.getConf(), most);
    }
  }

  /** The cores that a local master names; empty of another master. */
  static OptionalInt ofLocalMaster(String master) {
    Matcher local = LOCAL.matcher(master);
    if (!local.matches()) {
      return OptionalInt.empty();
    }
    String cores = local.group(1);
    if (cores == null) {
      return OptionalInt.of(1);
    }
    return OptionalInt.of(
        cores.equals("*") ? Runtime.getRuntime().availableProcessors() : Integer.parseInt(cores));
  }

  /** The cores of the registered executor that has most; 0 if there is none beside the driver. */
  static int ofLargestExecutor(SparkContext context) {
    int most = 0;
    for (ExecutorSummary executor :
        CollectionConverters.asJava(context.statusStore().executorList(true))) {
      if (!executor.id().equals(DRIVER)) {
        most = Math.max(most, executor.totalCores());
      }
    }
    return most;
  }

  private static void check(SparkConf conf, int cores) {
    int needed = perTask(conf);
    if (needed > cores) {
      throw new IllegalArgumentException(
          "a task takes "
              + needed
              + " cores (spark.task.cpus, by default threadsPerReplica), and no executor has more than "
              + cores
              + ": lower it, or give the executors more");
    }
  }
}
