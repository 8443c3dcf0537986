package convoy.job;

import convoy.storage.Storage;
import java.util.Properties;
import org.apache.hadoop.conf.Configuration;

/** The storage of jobs that start no Spark, and of what every job reads and writes beside it. */
final class JobStorage {
  private static final String PREFIX = "spark.hadoop.";

  private JobStorage() {}

  /** Opens it with Hadoop's own settings and those that spark-submit hands down. */
  static Storage open() {
    Configuration configuration = new Configuration();
    Properties properties = System.getProperties();
    for (String name : properties.stringPropertyNames()) {
      if (name.startsWith(PREFIX)) {
        configuration.set(name.substring(PREFIX.length()), properties.getProperty(name));
      }
    }
    return new Storage(configuration);
  }
}
