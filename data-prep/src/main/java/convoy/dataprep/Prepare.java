package convoy.dataprep;

import java.io.IOException;
import org.apache.spark.sql.SparkSession;

/** Turns images into a data set of Parquet files. */
public final class Prepare {
  private final SparkSession spark;

  public Prepare(SparkSession spark) {
    this.spark = spark;
  }

  /**
   * Reads the source and writes a part, or the whole data set.
   *
   * @throws IllegalArgumentException if the source is no good or the output can't be written there
   * @throws IOException if files can't be read or written
   */
  public PrepareResult run(PrepareOptions options) throws IOException {
    throw new UnsupportedOperationException("under way: " + spark + options);
  }
}
