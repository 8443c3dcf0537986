package convoy.job;

import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Properties;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.apache.hadoop.util.VersionInfo;

/** Which Spark, Hadoop and Java go together with this build. */
public final class SparkCompatibility {
  private static final String SPARK_MINOR = "4.1";

  /** From here on Java lacks Subject.getSubject, which older Hadoop clients call. */
  private static final int JAVA_WITHOUT_SUBJECT = 24;

  private static final int[] HADOOP_WITHOUT_SUBJECT = {3, 4, 3};
  private static final String SPARK_VERSION_FILE = "spark-version-info.properties";
  private static final Pattern VERSION = Pattern.compile("(\\d+)\\.(\\d+)\\.(\\d+).*");

  private SparkCompatibility() {}

  /**
   * Checks the Spark and the Hadoop client on the class path, and the running Java.
   *
   * @throws IllegalArgumentException if Convoy can't run on them
   */
  public static void check() {
    check(sparkVersion(), VersionInfo.getVersion(), Runtime.version().feature());
  }

  static void check(String spark, String hadoop, int java) {
    if (!spark.startsWith(SPARK_MINOR + ".")) {
      throw new IllegalArgumentException(
          "Convoy is built for Spark "
              + SPARK_MINOR
              + "; this is "
              + spark
              + "; set SPARK_HOME to a Spark "
              + SPARK_MINOR
              + ", or unset it to use the one that the build assembles");
    }
    if (java >= JAVA_WITHOUT_SUBJECT && isOlder(hadoop, HADOOP_WITHOUT_SUBJECT)) {
      throw new IllegalArgumentException(
          "Hadoop client "
              + hadoop
              + " can't run on Java "
              + java
              + " (HADOOP-19212); use Java 17 or 21, or a Spark with Hadoop client 3.4.3 or newer");
    }
  }

  private static boolean isOlder(String version, int[] wanted) {
    Matcher matcher = VERSION.matcher(version);
    if (!matcher.matches()) {
      return false;
    }
    for (int i = 0; i < wanted.length; i++) {
      int part = Integer.parseInt(matcher.group(i + 1));
      if (part != wanted[i]) {
        return part < wanted[i];
      }
    }
    return false;
  }

  private static String sparkVersion() {
    try (InputStream stream =
        SparkCompatibility.class.getClassLoader().getResourceAsStream(SPARK_VERSION_FILE)) {
      if (stream == null) {
        throw new IllegalArgumentException(
            "there is no Spark on the class path; start this with bin/convoy or spark-submit");
      }
      Properties properties = new Properties();
      properties.load(stream);
      return properties.getProperty("version", "of unknown version");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
