package convoy.averaging;

import convoy.job.SparkSessions;
import convoy.launch.LocalCluster;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/** Spark sessions for tests, with the settings that the jobs give theirs; one at a time. */
public final class TestSpark {
  /** The Spark that the build assembles; there from the integration tests on. */
  public static final Path HOME = Path.of("target/spark").toAbsolutePath();

  /** The jar that users submit; likewise. */
  static final Path JAR = Path.of("target/convoy.jar").toAbsolutePath();

  static final Map<String, String> SETTINGS =
      Map.of(
          "spark.ui.enabled", "false",
          "spark.driver.host", "127.0.0.1",
          "spark.driver.bindAddress", "127.0.0.1",
          "spark.sql.shuffle.partitions", "2");

  private TestSpark() {}

  /** A session whose tasks run in this JVM, {@code cores} at once; the one that is there, if so. */
  public static SparkSession local(int cores) {
    String master = useLocal(cores);
    Optional<SparkSession> running = running();
    if (running.isPresent() && !running.get().sparkContext().master().equals(master)) {
      running.get().stop();
    }
    return start();
  }

  /** A new session whose tasks run in this JVM, with {@code settings} besides. */
  public static SparkSession local(int cores, Map<String, String> settings) {
    stop();
    Map<String, String> all = new HashMap<>(settings);
    all.put("spark.master", "local[" + cores + ",4]");
    use(all);
    return start();
  }

  /** Lets sessions that others start in this JVM be local ones; returns their master. */
  public static String useLocal(int cores) {
    String master = "local[" + cores + ",4]";
    use(Map.of("spark.master", master));
    return master;
  }

  /** A new session on executors of {@code cluster}, with {@code settings} besides. */
  public static SparkSession on(LocalCluster cluster, Map<String, String> settings) {
    use(cluster, settings);
    return start();
  }

  /** Lets sessions that others start in this JVM be on executors of {@code cluster}. */
  public static void use(LocalCluster cluster, Map<String, String> settings) {
    stop();
    Map<String, String> all = new HashMap<>(settings);
    all.put("spark.master", cluster.masterUrl());
    all.put("spark.jars", JAR.toUri().toString());
    use(all);
  }

  private static SparkSession start() {
    try {
      return SparkSessions.start("tests", 1);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Ends the session that is there. */
  public static void stop() {
    running().ifPresent(SparkSession::stop);
  }

  private static void use(Map<String, String> settings) {
    System.getProperties().keySet().removeIf(key -> key.toString().startsWith("spark."));
    SETTINGS.forEach(System::setProperty);
    settings.forEach(System::setProperty);
  }

  /** The session that is there. */
  public static Optional<SparkSession> running() {
    return SparkSession.getDefaultSession().isDefined()
        ? Optional.of(SparkSession.getDefaultSession().get())
            .filter(session -> !session.sparkContext().isStopped())
        : Optional.empty();
  }
}
