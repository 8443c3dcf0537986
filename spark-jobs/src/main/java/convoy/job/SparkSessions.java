package convoy.job;

import convoy.cluster.TaskCores;
import java.io.IOException;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;

/** Starts the Spark session of a job, alike under bin/convoy and under a plain spark-submit. */
public final class SparkSessions {
  /** What a plain spark-submit does not know of conf/spark-defaults.conf and the jobs rely on. */
  private static final Map<String, String> SETTINGS =
      Map.of(
          // Small parts of files, so that all executors have work until the end: Spark's own are
          // for tables, whose rows take a millionth of the time of an image.
          "spark.sql.files.maxPartitionBytes", "8m",
          "spark.sql.files.openCostInBytes", "1m",
          // Counts what all tasks of a stage return, though the driver merges it as it comes.
          "spark.driver.maxResultSize", "0",
          // The images of a report by their ids: else a range from the lowest to the highest.
          "spark.sql.parquet.pushdown.inFilterThreshold", "1000",
          // Else Spark lists a data set of more than 32 parts by a job whose own classes would
          // have to be registered too.
          "spark.sql.sources.parallelPartitionDiscovery.threshold", "1000000",
          // In Java, where Spark's default unpacks a native library into the temporary folder.
          "spark.shuffle.mapStatus.compression.codec", "lzf",
          "spark.ui.showConsoleProgress", "false");

  /** What holds whatever the site has set: the records that travel are known to Kryo only. */
  private static final Map<String, String> FIXED =
      Map.of(
          "spark.serializer", "org.apache.spark.serializer.KryoSerializer",
          "spark.kryo.registrationRequired", "true");

  private static final String REGISTRATORS_KEY = "spark.kryo.registrator";
  private static final List<String> REGISTRATORS =
      List.of("convoy.averaging.ConvoyRegistrator", "convoy.evaluation.EvaluationRegistrator");

  private static final String PARTITIONS_KEY = "spark.sql.files.minPartitionNum";

  /** As not all executors may have registered when a session starts. */
  private static final int LEAST_PARTITIONS = 64;

  private static final String SCRATCH_KEY = "spark.local.dir";

  private SparkSessions() {}

  /**
   * Starts a session that shows as {@code name} in the UI; the caller closes it.
   *
   * @param taskCores cores of a task, unless spark.task.cpus is set
   * @throws IOException if a local Spark's scratch can't be made
   * @throws IllegalArgumentException if this Spark, its Hadoop client and this Java don't go
   *     together, or if a task takes more cores than an executor has
   */
  public static SparkSession start(String name, int taskCores) throws IOException {
    SparkCompatibility.check();
    SparkConf given = new SparkConf();
    given.setIfMissing(TaskCores.KEY, Integer.toString(taskCores));
    TaskCores.check(given);
    SparkSession.Builder session =
        SparkSession.builder().appName(name).config(TaskCores.KEY, given.get(TaskCores.KEY));
    SETTINGS.forEach(
        (key, value) -> {
          if (!given.contains(key)) {
            session.config(key, value);
          }
        });
    FIXED.forEach(session::config);
    session.config(REGISTRATORS_KEY, registrators(given));
    if (isAlone(given)) {
      ScratchFolder scratch =
          ScratchFolder.open(
              Path.of(given.get(SCRATCH_KEY, System.getProperty("java.io.tmpdir")).split(",")[0]));
      scratch.closeAtExit();
      session.config(SCRATCH_KEY, scratch.folder("spark").toString());
    }
    SparkSession started = session.getOrCreate();
    if (!given.contains(PARTITIONS_KEY)) {
      int partitions = Math.max(LEAST_PARTITIONS, 4 * started.sparkContext().defaultParallelism());
      started.conf().set(PARTITIONS_KEY, partitions);
    }
    return started;
  }

  /** Those of the site, then ours that are not among them. */
  private static String registrators(SparkConf given) {
    Set<String> all = new LinkedHashSet<>();
    for (String name : given.get(REGISTRATORS_KEY, "").split(",")) {
      if (!name.isBlank()) {
        all.add(name.strip());
      }
    }
    all.addAll(REGISTRATORS);
    return String.join(",", all);
  }

  /** Whether all of Spark runs in this process, and nobody has told it where its scratch goes. */
  private static boolean isAlone(SparkConf given) {
    return given.get("spark.master", "").matches("local(\\[.*])?")
        && System.getenv("SPARK_LOCAL_DIRS") == null;
  }
}
