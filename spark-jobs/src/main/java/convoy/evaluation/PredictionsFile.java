package convoy.evaluation;

import convoy.dataprep.ImageDataset;
import convoy.engine.evaluation.Probabilities;
import convoy.engine.network.NetworkSpec;
import convoy.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A folder of Parquet files with a row for each image, model and view: id, name (null where the
 * image had no file of its own), label (null where there is none), model, view, predicted (null
 * where an output was NaN), probabilities of the classes.
 */
final class PredictionsFile {
  /** Partitions are small, so that all executors score until the end; files need not be. */
  private static final int PARTITIONS_A_FILE = 8;

  static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.LongType, false)
          .add("name", DataTypes.StringType, true)
          .add("label", DataTypes.IntegerType, true)
          .add("model", DataTypes.StringType, false)
          .add("view", DataTypes.StringType, false)
          .add("predicted", DataTypes.IntegerType, true)
          .add("probabilities", DataTypes.createArrayType(DataTypes.DoubleType, false), false);

  private final Storage storage;
  private final Path folder;

  /**
   * For a new folder.
   *
   * @throws IllegalArgumentException if it exists, or can't become one
   */
  PredictionsFile(Storage storage, Path folder) throws IOException {
    this.storage = storage;
    this.folder = folder;
    storage.checkFolder(folder);
    if (storage.exists(folder)) {
      throw new IllegalArgumentException(folder + " exists already: predictions want a new folder");
    }
  }

  /**
   * Writes all rows, under another name until they are complete. A process that is killed leaves
   * that one behind.
   *
   * @throws IOException if {@code folder} has come to exist meanwhile, among others
   */
  void write(SparkSession spark, JavaRDD<ScoredImage> images, ScoringPlan plan, List<String> models)
      throws IOException {
    int files = Math.max(1, images.getNumPartitions() / PARTITIONS_A_FILE);
    JavaRDD<Row> rows = images.coalesce(files).mapPartitions(part -> rows(part, plan, models));
    Path incomplete = Storage.temporary(folder);
    try {
      spark
          .createDataFrame(rows, SCHEMA)
          .write()
          .option("compression", "gzip")
          .parquet(incomplete.toString());
      storage.moveFolder(incomplete, folder);
    } finally {
      storage.discard(incomplete);
    }
  }

  private static Iterator<Row> rows(
      Iterator<ScoredImage> images, ScoringPlan plan, List<String> models) {
    List<Probabilities> readings = new ArrayList<>();
    for (NetworkSpec spec : plan.specs()) {
      readings.add(new Probabilities(spec.lastLayer()));
    }
    List<String> columns = plan.columns();
    return new Iterator<>() {
      private ScoredImage image;
      private int next = readings.size() * columns.size();

      @Override
      public boolean hasNext() {
        return next < readings.size() * columns.size() || images.hasNext();
      }

      @Override
      public Row next() {
        if (next == readings.size() * columns.size()) {
          image = images.next();
          next = 0;
        }
        int model = next / columns.size(), column = next % columns.size();
        next++;
        return row(
            image,
            models.get(model),
            columns.get(column),
            readings.get(model),
            image.outputs()[model][column]);
      }
    };
  }

  private static Row row(
      ScoredImage image, String model, String view, Probabilities reading, float[] outputs) {
    double[] probabilities = new double[outputs.length];
    reading.write(outputs, 0, probabilities);
    Integer predicted = 0;
    for (int c = 0; c < outputs.length; c++) {
      if (predicted != null && outputs[c] > outputs[predicted]) {
        predicted = c;
      }
      if (Float.isNaN(outputs[c])) {
        predicted = null;
      }
    }
    Integer label = image.label() == ImageDataset.NO_LABEL ? null : image.label();
    String name = image.name().isEmpty() ? null : image.name();
    return RowFactory.create(image.id(), name, label, model, view, predicted, probabilities);
  }
}
