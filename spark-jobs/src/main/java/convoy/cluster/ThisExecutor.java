package convoy.cluster;

import org.apache.spark.SparkEnv;

/** The executor that a task runs on. */
public final class ThisExecutor {
  private ThisExecutor() {}

  /** Which one it is and where, for people. */
  public static String name() {
    SparkEnv here = SparkEnv.get();
    return here.executorId() + " at " + here.blockManager().blockManagerId().host();
  }
}
