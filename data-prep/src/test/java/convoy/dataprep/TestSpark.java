package convoy.dataprep;

import org.apache.spark.sql.SparkSession;

/** The Spark session of the tests: local, and as strict about Kryo as the jobs are. */
final class TestSpark {
  private TestSpark() {}

  /** The one session of this JVM; Spark stops it when the JVM ends. */
  static SparkSession session() {
    return SparkSession.builder()
        .master("local[2,4]")
        .appName("data-prep tests")
        .config("spark.ui.enabled", "false")
        .config("spark.driver.host", "localhost")
        .config("spark.driver.bindAddress", "127.0.0.1")
        .config("spark.sql.shuffle.partitions", "2")
        .config("spark.serializer", "org.apache.spark.serializer.KryoSerializer")
        .config("spark.kryo.registrationRequired", "true")
        .getOrCreate();
  }
}
