package convoy.job;

import java.io.IOException;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;

/** A job that runs on Spark: alone in a session of its own, or as a part of another job in its. */
@FunctionalInterface
public interface SparkJob extends Job {
  /** Does the work in {@code spark}, which stays open; otherwise as {@link Job#run()}. */
  Object run(SparkSession spark) throws Exception;

  /**
   * Cores that a task of this job takes, where spark.task.cpus says nothing.
   *
   * @throws IOException if the settings that tell cannot be read
   */
  default int taskCores() throws IOException {
    return 1;
  }

  @Override
  default Object run() throws Exception {
    String name = getClass().getAnnotation(Command.class).name();
    try (SparkSession spark = SparkSessions.start("convoy " + name, taskCores())) {
      return run(spark);
    }
  }
}
