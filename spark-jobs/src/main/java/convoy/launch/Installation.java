package convoy.launch;

import java.nio.file.Path;
import java.util.Map;

/**
 * Where Convoy and the Spark in use are, on this machine.
 *
 * @param home Convoy's folder
 * @param sparkHome the Spark in use
 * @param sparkConf where its settings are
 * @param javaFlags those that the environment gives to every JVM here
 */
record Installation(Path home, Path sparkHome, Path sparkConf, String javaFlags) {
  static final String LOG_SETTINGS = "log4j2.properties";

  /**
   * As bin/convoy hands it down: CONVOY_HOME, SPARK_HOME and, where set, SPARK_CONF_DIR and the
   * variables that Java reads.
   */
  static Installation of(Map<String, String> environment) {
    Path spark = folder(environment, "SPARK_HOME");
    String conf = environment.getOrDefault("SPARK_CONF_DIR", "");
    return new Installation(
        folder(environment, "CONVOY_HOME"),
        spark,
        conf.isEmpty() ? spark.resolve("conf") : Path.of(conf).toAbsolutePath(),
        CollectorChoice.flagsIn(environment));
  }

  Path jar() {
    return home.resolve("spark-jobs/target/convoy.jar");
  }

  Path convoyConf() {
    return home.resolve("conf");
  }

  Path sparkSubmit() {
    return sparkHome.resolve("bin/spark-submit");
  }

  private static Path folder(Map<String, String> environment, String variable) {
    String value = environment.getOrDefault(variable, "");
    if (value.isEmpty()) {
      throw new IllegalArgumentException(variable + " is not set; start this with bin/convoy");
    }
    return Path.of(value).toAbsolutePath();
  }
}
