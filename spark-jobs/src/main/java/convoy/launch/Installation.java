package convoy.launch;

import java.nio.file.Path;
import java.util.Map;

/** Where Convoy and the Spark in use are. */
record Installation(Path home, Path sparkHome, Path sparkConf) {
  static final String LOG_SETTINGS = "log4j2.properties";

  /** As bin/convoy hands it down: CONVOY_HOME, SPARK_HOME and, where set, SPARK_CONF_DIR. */
  static Installation of(Map<String, String> environment) {
    Path spark = folder(environment, "SPARK_HOME");
    String conf = environment.getOrDefault("SPARK_CONF_DIR", "");
    return new Installation(
        folder(environment, "CONVOY_HOME"),
        spark,
        conf.isEmpty() ? spark.resolve("conf") : Path.of(conf).toAbsolutePath());
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
