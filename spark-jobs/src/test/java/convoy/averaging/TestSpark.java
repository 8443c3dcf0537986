package convoy.averaging;

import convoy.job.SparkSessions;
import java.util.Map;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;

/** Spark sessions for tests, with the settings that the jobs give theirs; one at a time. */
public final class TestSpark {
  private static final Map<String, String> SETTINGS =
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
    return SparkSessions.start("tests");
  }

  /** Lets sessions that others start in this JVM be local ones; returns their master. */
  public static String useLocal(int cores) {
    String master = "local[" + cores + ",4]";
    SETTINGS.forEach(System::setProperty);
    System.setProperty("spark.master", master);
    return master;
  }

  /** Ends the session that is there. */
  public static void stop() {
    running().ifPresent(SparkSession::stop);
  }

  private static Optional<SparkSession> running() {
    return SparkSession.getDefaultSession().isDefined()
        ? Optional.of(SparkSession.getDefaultSession().get())
            .filter(session -> !session.sparkContext().isStopped())
        : Optional.empty();
  }
}
