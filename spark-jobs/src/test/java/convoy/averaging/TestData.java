package convoy.averaging;

import convoy.dataprep.ImageDataset;
import convoy.dataprep.Prepare;
import convoy.dataprep.PrepareOptions;
import convoy.dataprep.Split;
import convoy.engine.network.NetworkSpec;
import convoy.engine.random.RandomKey;
import convoy.engine.random.RandomKey.Purpose;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.UnaryOperator;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/** Data sets of a few images, and a network that trains on them in no time. */
public final class TestData {
  /** The classes of all data sets here. */
  public static final List<String> CLASSES = List.of("ant", "bee", "cat");

  private static final int PLANE = 32 * 32;

  /** The network of the tests, as YAML. */
  public static final String NETWORK =
      """
      name: tiny
      input: {height: 32, width: 32, channels: 3}
      layers:
        - scaling: {deviation: 255}
        - convolution: {filters: 4, kernel: 4, stride: 4}
        - relu
        - maxPooling: {window: 2}
        - flatten
        - dense: {units: 3}
      """;

  /** The same with a batch normalisation. */
  public static final String NORMALIZED =
      NETWORK.replace("- relu\n", "- batchNormalization: {momentum: 0.75}\n  - relu\n");

  /** All that can become of training images, as a setting. */
  public static final String AUGMENTATION =
      "augmentation={flip: true, crop: 4, cutout: 8, brightness: 0.2, contrast: 0.2,"
          + " saturation: 0.2}";

  private TestData() {}

  public static NetworkSpec network() {
    return NetworkSpec.fromYaml("tiny.yaml", NETWORK);
  }

  public static NetworkSpec normalized() {
    return NetworkSpec.fromYaml("normalized.yaml", NORMALIZED);
  }

  /**
   * Writes a source in CIFAR-10's layout; classes take turns, and the images of each are a little
   * brighter in one channel.
   */
  public static Path source(Path folder, long seed, int trainImages, int testImages)
      throws IOException {
    Files.createDirectories(folder);
    Files.writeString(folder.resolve("batches.meta.txt"), String.join("\n", CLASSES) + "\n");
    Files.write(folder.resolve("data_batch_1.bin"), records(seed, 0, trainImages));
    if (testImages > 0) {
      Files.write(folder.resolve("test_batch.bin"), records(seed, trainImages, testImages));
    }
    return folder;
  }

  private static byte[] records(long seed, int first, int count) {
    ByteArrayOutputStream records = new ByteArrayOutputStream();
    for (int i = first; i < first + count; i++) {
      RandomKey key = RandomKey.of(seed, Purpose.GENERATED_DATA).with(i);
      int label = i % CLASSES.size();
      records.write(label);
      for (int value = 0; value < 3 * PLANE; value++) {
        int brighter = value / PLANE == label ? 40 : 0;
        records.write(brighter + key.below(216, value));
      }
    }
    return records.toByteArray();
  }

  /** A data set in {@code folder} of newly generated images. */
  public static ImageDataset dataset(
      SparkSession spark, Path folder, long seed, int trainImages, int testImages)
      throws IOException {
    Path source = source(folder.resolve("source"), seed, trainImages, testImages);
    Path out = folder.resolve("dataset");
    return new Prepare(spark)
        .run(PrepareOptions.defaults(source.toString(), out.toString()))
        .dataset();
  }

  /** A copy of {@code dataset}, the rows of one split changed by {@code change}. */
  public static ImageDataset changed(
      SparkSession spark,
      ImageDataset dataset,
      Path copy,
      Split split,
      UnaryOperator<Dataset<Row>> change)
      throws IOException {
    Path original = Path.of(dataset.folder().toUri());
    Files.createDirectories(copy);
    Files.copy(
        original.resolve(ImageDataset.MANIFEST_FILE), copy.resolve(ImageDataset.MANIFEST_FILE));
    String part = dataset.manifest().parts().get(0).path();
    for (Split each : Split.values()) {
      Dataset<Row> rows = dataset.rows(spark, each);
      (each == split ? change.apply(rows) : rows)
          .write()
          .option("compression", "uncompressed")
          .parquet(copy.resolve(part).resolve(each.folderName()).toString());
    }
    return ImageDataset.open(copy.toString(), new Configuration());
  }

  /** A copy of {@code dataset} in which one split lies in {@code files} Parquet files. */
  public static ImageDataset inFiles(
      SparkSession spark, ImageDataset dataset, Path copy, Split split, int files)
      throws IOException {
    return changed(spark, dataset, copy, split, rows -> rows.repartition(files));
  }
}
