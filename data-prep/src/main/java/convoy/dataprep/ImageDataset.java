package convoy.dataprep;

import convoy.storage.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;

/**
 * A prepared data set: Parquet parts and the dataset.json that names them.
 *
 * @param folder where it lies
 * @param manifest what it consists of
 */
public record ImageDataset(Path folder, DatasetManifest manifest) {
  /** The file without which there is no data set; replaced in one step. */
  public static final String MANIFEST_FILE = "dataset.json";

  /**
   * The columns of a row: id counts the rows of a split from 0; label is null where the image has
   * none; image holds height x width x channels bytes, RGB; name is the image's file below its
   * source, null where it had none of its own, as in data sets of earlier versions.
   */
  public static final StructType SCHEMA =
      new StructType()
          .add("id", DataTypes.LongType, false)
          .add("label", DataTypes.IntegerType, true)
          .add("height", DataTypes.IntegerType, false)
          .add("width", DataTypes.IntegerType, false)
          .add("channels", DataTypes.IntegerType, false)
          .add("image", DataTypes.BinaryType, false)
          .add("name", DataTypes.StringType, true);

  /** Stands for the label of an image that has none, where a number is wanted. */
  public static final int NO_LABEL = -1;

  private static final int MANIFEST_LIMIT_BYTES = 1 << 26;

  /**
   * Opens the data set at a URI.
   *
   * @throws IllegalArgumentException if there is none, if Spark would expand its name, or if its
   *     dataset.json contradicts itself
   */
  public static ImageDataset open(String uri, Configuration configuration) throws IOException {
    Storage storage = new Storage(configuration);
    return open(storage, storage.path(uri));
  }

  static ImageDataset open(Storage storage, Path folder) throws IOException {
    Path file = new Path(folder, MANIFEST_FILE);
    if (!storage.exists(file)) {
      throw new IllegalArgumentException(
          folder + ": no data set here (" + MANIFEST_FILE + " is missing); write one by 'prepare'");
    }
    checkName(folder);
    return new ImageDataset(
        folder, storage.readJson(file, DatasetManifest.class, MANIFEST_LIMIT_BYTES));
  }

  /** The names that labels are indices into. */
  public List<String> classNames() {
    return manifest.classNames();
  }

  /** The size of every image. */
  public ImageSize imageSize() {
    return manifest.imageSize();
  }

  /**
   * Tells data sets of the same rows apart that have other ids: those are given part by part, and
   * in each by its seed.
   */
  public String rowOrder() {
    StringBuilder order = new StringBuilder();
    for (DatasetPart part : manifest.parts()) {
      order.append(part.fingerprint()).append(' ').append(part.seed()).append(' ');
      order.append(part.counts(Split.TRAIN).images()).append('\n');
    }
    return UUID.nameUUIDFromBytes(order.toString().getBytes(StandardCharsets.UTF_8)).toString();
  }

  /** How many images a split has; 0 if it is missing. */
  public long images(Split split) {
    return manifest.counts(split).images();
  }

  /** Says which rows it holds, in whatever order. */
  public Fingerprint fingerprint() {
    return manifest.fingerprint();
  }

  /** The parts that it consists of, in the order in which they were written. */
  public List<DatasetPart> parts() {
    return manifest.parts();
  }

  /**
   * Checks that Spark reads the data set that the name says, and no other.
   *
   * @throws IllegalArgumentException if not
   */
  static void checkName(Path folder) {
    if (folder.toString().matches(".*[{}\\[\\]*?\\\\].*")) {
      throw new IllegalArgumentException(
          folder + ": a data set's name must have none of { } [ ] * ? \\, which Spark expands");
    }
  }

  /** The folders of Parquet files of a split, one for each part that has such images. */
  public List<Path> folders(Split split) {
    List<Path> folders = new ArrayList<>();
    for (DatasetPart part : manifest.parts()) {
      if (part.counts(split).images() > 0) {
        folders.add(new Path(folder, part.path() + "/" + split.folderName()));
      }
    }
    return folders;
  }

  /**
   * The rows of a split, with the columns of {@link #SCHEMA}, in no particular order.
   *
   * @throws IllegalArgumentException if the split has no images
   */
  public Dataset<Row> rows(SparkSession spark, Split split) {
    List<Path> folders = folders(split);
    if (folders.isEmpty()) {
      throw new IllegalArgumentException(
          folder + ": the data set has no " + split.folderName() + " images");
    }
    String[] paths = folders.stream().map(Path::toString).toArray(String[]::new);
    return spark.read().schema(SCHEMA).parquet(paths);
  }
}
