package convoy.job;

import convoy.storage.Storage;
import java.io.IOException;
import java.util.Properties;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;

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

  /**
   * A file that a command will write, checked before its work. It may be a device or a pipe.
   *
   * @throws IllegalArgumentException if it is a folder, or if its folder can't be one; begins with
   *     {@code option} or names the folder
   */
  static Path outputFile(Storage storage, String option, String uri) throws IOException {
    Path file = storage.path(uri);
    if (storage.isFolder(file)) {
      throw new IllegalArgumentException(option + ": " + file + " is a folder, wanted a file");
    }
    if (!storage.isStream(file)) {
      storage.checkFolder(file.getParent());
    }
    return file;
  }
}
