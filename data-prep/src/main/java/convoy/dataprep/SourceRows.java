package convoy.dataprep;

import convoy.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.Iterator;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.DataTypes;
import org.apache.spark.sql.types.StructType;
import org.apache.spark.util.SerializableConfiguration;

/**
 * The items of a source as Spark rows: images with the hash that decides their place, and problems.
 */
final class SourceRows {
  /** Hashes are divided into so many buckets by their first bits, in the order of the hashes. */
  static final int BUCKETS = 1024;

  private static final StructType SCHEMA =
      new StructType()
          .add("problem", DataTypes.StringType, true)
          .add("split", DataTypes.IntegerType, true)
          .add("label", DataTypes.IntegerType, true)
          .add("height", DataTypes.IntegerType, true)
          .add("width", DataTypes.IntegerType, true)
          .add("channels", DataTypes.IntegerType, true)
          .add("image", DataTypes.BinaryType, true)
          .add("origin", DataTypes.StringType, true)
          .add("hash", DataTypes.BinaryType, true)
          .add("bucket", DataTypes.IntegerType, true)
          .add("name", DataTypes.StringType, true);

  private SourceRows() {}

  /**
   * Reads a source in tasks, one for each slice, in the order of the slices.
   *
   * @param spark a session whose settings may be changed
   * @param classNames the data set's class names, which labels are mapped to by name
   * @param resize what images of another size are scaled to
   */
  static Dataset<Row> read(
      SparkSession spark, ImageSource source, List<String> classNames, Optional<ImageSize> resize) {
    SerializableConfiguration configuration =
        new SerializableConfiguration(spark.sparkContext().hadoopConfiguration());
    int[] labels = source.classNames().stream().mapToInt(classNames::indexOf).toArray();
    // An Optional can not travel to the executors.
    List<ImageSize> sizes = resize.stream().toList();
    MapPartitionsFunction<SourceSlice, Row> read =
        slices ->
            new Rows(
                slices,
                new Storage(configuration.value()),
                labels,
                classNames,
                sizes.stream().findFirst());
    spark.conf().set("spark.sql.leafNodeDefaultParallelism", source.slices().size());
    return spark
        .createDataset(source.slices(), Encoders.javaSerialization(SourceSlice.class))
        .mapPartitions(read, Encoders.row(SCHEMA));
  }

  /** Whether the row is a problem; all else but {@link #problem} is of images only. */
  static boolean isProblem(Row row) {
    return !row.isNullAt(0);
  }

  static String problem(Row row) {
    return row.getString(0);
  }

  static Split split(Row row) {
    return Split.values()[row.getInt(1)];
  }

  /** Index into the data set's class names, or {@link ImageDataset#NO_LABEL}. */
  static int label(Row row) {
    return row.isNullAt(2) ? ImageDataset.NO_LABEL : row.getInt(2);
  }

  static ImageSize size(Row row) {
    return new ImageSize(row.getInt(3), row.getInt(4), row.getInt(5));
  }

  static byte[] pixels(Row row) {
    return row.getAs(6);
  }

  static String origin(Row row) {
    return row.getString(7);
  }

  static int bucket(Row row) {
    return row.getInt(9);
  }

  /** Turns items into rows, slice after slice. */
  private static final class Rows implements Iterator<Row> {
    private final Iterator<SourceSlice> slices;
    private final Storage storage;
    private final int[] labels;
    private final List<String> classNames;
    private final Optional<ImageSize> resize;
    private Iterator<SourceItem> items = List.<SourceItem>of().iterator();

    Rows(
        Iterator<SourceSlice> slices,
        Storage storage,
        int[] labels,
        List<String> classNames,
        Optional<ImageSize> resize) {
      this.slices = slices;
      this.storage = storage;
      this.labels = labels;
      this.classNames = classNames;
      this.resize = resize;
    }

    @Override
    public boolean hasNext() {
      while (!items.hasNext() && slices.hasNext()) {
        try {
          items = slices.next().read(storage);
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
      return items.hasNext();
    }

    @Override
    public Row next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      SourceItem item = items.next();
      if (item instanceof SourceItem.Image image) {
        try {
          return row(image, pixels(image));
        } catch (IllegalArgumentException e) {
          return problem(image.origin() + ": " + e.getMessage());
        }
      }
      return problem(((SourceItem.Problem) item).line());
    }

    private static Row problem(String line) {
      Object[] values = new Object[SCHEMA.size()];
      values[0] = line;
      return RowFactory.create(values);
    }

    private byte[] pixels(SourceItem.Image image) {
      ImageSize wanted = resize.orElse(image.size());
      return wanted.equals(image.size())
          ? image.pixels()
          : ImageScaling.scaled(image.size(), image.pixels(), wanted.height(), wanted.width());
    }

    private Row row(SourceItem.Image image, byte[] pixels) {
      boolean labelled = image.label() != ImageDataset.NO_LABEL;
      Integer label = labelled ? labels[image.label()] : null;
      String className = labelled ? classNames.get(label) : ContentHash.NO_CLASS;
      ImageSize size = resize.orElse(image.size());
      byte[] hash = ContentHash.of(className, size, pixels);
      int bucket = ((hash[0] & 0xFF) << 8 | hash[1] & 0xFF) * BUCKETS >> 16;
      return RowFactory.create(
          null,
          image.split().ordinal(),
          label,
          size.height(),
          size.width(),
          size.channels(),
          pixels,
          image.origin(),
          hash,
          bucket,
          image.name().isEmpty() ? null : image.name());
    }
  }
}
