package convoy.dataprep;

import java.io.Serializable;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;

/**
 * What must be known of all rows before any is written: counts, sums and what is wrong; public
 * because Spark's encoders take no other.
 */
public final class SourceSummary implements Serializable {
  private static final long serialVersionUID = 1L;
  private static final int SPLITS = Split.values().length;

  /** Sizes beyond so many are not told apart; with two the source is refused anyway. */
  private static final int MAX_SIZES = 16;

  /**
   * How often a size occurs.
   *
   * @param images so many images have it
   * @param example the first one's origin
   */
  private record SizeUse(long images, String example) implements Serializable {}

  private final int classes;
  private long problems;
  private String firstProblem = "";
  private final TreeMap<ImageSize, SizeUse> sizes = new TreeMap<>();
  private final long[][] imagesPerClass;
  private final long[] unlabelledImages = new long[SPLITS];
  private final long[][] imagesPerBucket = new long[SPLITS][SourceRows.BUCKETS];
  private long trainPixels;
  private final long[] sums = new long[3];
  private final long[] squares = new long[3];
  private Fingerprint fingerprint = Fingerprint.ZERO;

  private SourceSummary(int classes) {
    this.classes = classes;
    imagesPerClass = new long[SPLITS][classes];
  }

  /** Goes over all rows, on the cluster. */
  static SourceSummary of(Dataset<Row> rows, List<String> classNames) {
    MapPartitionsFunction<Row, SourceSummary> summarise =
        partition -> {
          SourceSummary summary = new SourceSummary(classNames.size());
          while (partition.hasNext()) {
            summary.add(partition.next(), classNames);
          }
          return List.of(summary).iterator();
        };
    Iterator<SourceSummary> parts =
        rows.mapPartitions(summarise, Encoders.javaSerialization(SourceSummary.class))
            .collectAsList()
            .iterator();
    SourceSummary total = new SourceSummary(classNames.size());
    while (parts.hasNext()) {
      total.add(parts.next());
    }
    return total;
  }

  private void add(Row row, List<String> classNames) {
    if (SourceRows.isProblem(row)) {
      addProblems(1, SourceRows.problem(row));
      return;
    }
    Split split = SourceRows.split(row);
    int label = SourceRows.label(row);
    ImageSize size = SourceRows.size(row);
    byte[] pixels = SourceRows.pixels(row);
    addSize(size, new SizeUse(1, SourceRows.origin(row)));
    String className = ContentHash.NO_CLASS;
    if (label == ImageDataset.NO_LABEL) {
      unlabelledImages[split.ordinal()]++;
    } else {
      className = classNames.get(label);
      imagesPerClass[split.ordinal()][label]++;
    }
    imagesPerBucket[split.ordinal()][SourceRows.bucket(row)]++;
    fingerprint = fingerprint.plus(Fingerprint.ofRow(split, className, size, pixels));
    if (split == Split.TRAIN) {
      addPixels(pixels);
    }
  }

  private void addPixels(byte[] pixels) {
    trainPixels += pixels.length / 3;
    for (int c = 0; c < 3; c++) {
      long sum = 0;
      long square = 0;
      for (int i = c; i < pixels.length; i += 3) {
        int value = pixels[i] & 0xFF;
        sum += value;
        square += value * value;
      }
      sums[c] += sum;
      squares[c] += square;
    }
  }

  private void add(SourceSummary other) {
    addProblems(other.problems, other.firstProblem);
    other.sizes.forEach(this::addSize);
    for (int s = 0; s < SPLITS; s++) {
      addAll(imagesPerClass[s], other.imagesPerClass[s]);
      addAll(imagesPerBucket[s], other.imagesPerBucket[s]);
    }
    addAll(unlabelledImages, other.unlabelledImages);
    trainPixels += other.trainPixels;
    addAll(sums, other.sums);
    addAll(squares, other.squares);
    fingerprint = fingerprint.plus(other.fingerprint);
  }

  private void addProblems(long count, String first) {
    firstProblem = problems == 0 ? first : firstProblem;
    problems += count;
  }

  private void addSize(ImageSize size, SizeUse use) {
    if (sizes.containsKey(size) || sizes.size() < MAX_SIZES) {
      sizes.merge(size, use, (a, b) -> new SizeUse(a.images() + b.images(), a.example()));
    }
  }

  private static void addAll(long[] accumulator, long[] values) {
    for (int i = 0; i < values.length; i++) {
      accumulator[i] += values[i];
    }
  }

  /**
   * Refuses images that did not decode.
   *
   * @throws IllegalArgumentException with the first one's line
   */
  void checkProblems() {
    if (problems > 0) {
      String others = problems == 1 ? "" : " (and " + (problems - 1) + " more images are no good)";
      throw new IllegalArgumentException(firstProblem + others);
    }
  }

  /**
   * The size that most images have.
   *
   * @throws IllegalArgumentException if there are no images
   */
  ImageSize commonSize(String source) {
    Map.Entry<ImageSize, SizeUse> most = null;
    for (Map.Entry<ImageSize, SizeUse> entry : sizes.entrySet()) {
      if (most == null || entry.getValue().images() > most.getValue().images()) {
        most = entry;
      }
    }
    if (most == null) {
      throw new IllegalArgumentException(source + ": the source has no images");
    }
    return most.getKey();
  }

  /**
   * Refuses images of another size.
   *
   * @param whose what has the expected size, for the message
   */
  void checkSizes(ImageSize expected, String whose) {
    for (Map.Entry<ImageSize, SizeUse> entry : sizes.entrySet()) {
      if (!entry.getKey().equals(expected)) {
        throw new IllegalArgumentException(
            entry.getValue().example()
                + ": the image is "
                + entry.getKey()
                + ", expected "
                + expected
                + " as "
                + whose
                + "; scale it (--resize) or remove it");
      }
    }
  }

  /** The counts of one split. */
  SplitCounts counts(Split split) {
    List<Long> counts = new ArrayList<>();
    long images = unlabelledImages[split.ordinal()];
    for (int label = 0; label < classes; label++) {
      counts.add(imagesPerClass[split.ordinal()][label]);
      images += imagesPerClass[split.ordinal()][label];
    }
    return new SplitCounts(split, images, counts);
  }

  /** For each bucket, how many rows of the split lie in the buckets before it. */
  long[] bucketStarts(Split split) {
    long[] starts = new long[SourceRows.BUCKETS];
    for (int b = 1; b < starts.length; b++) {
      starts[b] = starts[b - 1] + imagesPerBucket[split.ordinal()][b - 1];
    }
    return starts;
  }

  ChannelSums channelSums() {
    return new ChannelSums(
        trainPixels,
        List.of(sums[0], sums[1], sums[2]),
        List.of(squares[0], squares[1], squares[2]));
  }

  Fingerprint fingerprint() {
    return fingerprint;
  }
}
