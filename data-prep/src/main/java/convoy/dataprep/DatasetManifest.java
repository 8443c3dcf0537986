package convoy.dataprep;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;

/**
 * The content of dataset.json: what a data set consists of. Its record components are the keys.
 *
 * @param formatVersion {@value #FORMAT_VERSION}
 * @param classNames the names that labels are indices into
 * @param height rows of each image
 * @param width columns of each image
 * @param channels bytes of each pixel
 * @param splits the counts of {@link Split#TRAIN} and {@link Split#TEST}, over all parts
 * @param channelMeans means of the training images' channels, of values from 0 to 255
 * @param channelStandardDeviations their standard deviations
 * @param fingerprint the sum over all rows
 * @param parts the parts, in the order in which they were written
 */
public record DatasetManifest(
    int formatVersion,
    List<String> classNames,
    int height,
    int width,
    int channels,
    List<SplitCounts> splits,
    List<Double> channelMeans,
    List<Double> channelStandardDeviations,
    Fingerprint fingerprint,
    List<DatasetPart> parts) {
  static final int FORMAT_VERSION = 1;

  public DatasetManifest {
    if (formatVersion != FORMAT_VERSION) {
      throw new IllegalArgumentException(
          "data set format is version " + formatVersion + ", this Convoy reads " + FORMAT_VERSION);
    }
    classNames = List.copyOf(classNames);
    splits = List.copyOf(splits);
    channelMeans = List.copyOf(channelMeans);
    channelStandardDeviations = List.copyOf(channelStandardDeviations);
    parts = List.copyOf(parts);
    ImageSize size = new ImageSize(height, width, channels);
    checkClassNames(classNames);
    checkParts(parts, classNames.size(), size);
    expectEqual("splits", splits, splits(parts, classNames.size()));
    expectEqual("fingerprint", fingerprint, fingerprint(parts));
    ChannelSums sums = channelSums(parts, channels);
    expectEqual("channelMeans", channelMeans, sums.means());
    expectEqual("channelStandardDeviations", channelStandardDeviations, sums.standardDeviations());
  }

  /** The manifest of a data set that consists of {@code parts}. */
  static DatasetManifest of(List<String> classNames, ImageSize size, List<DatasetPart> parts) {
    ChannelSums sums = channelSums(parts, size.channels());
    return new DatasetManifest(
        FORMAT_VERSION,
        classNames,
        size.height(),
        size.width(),
        size.channels(),
        splits(parts, classNames.size()),
        sums.means(),
        sums.standardDeviations(),
        fingerprint(parts),
        parts);
  }

  /** The size of every image. */
  public ImageSize imageSize() {
    return new ImageSize(height, width, channels);
  }

  /** The counts of one split, over all parts. */
  public SplitCounts counts(Split split) {
    return splits.get(split.ordinal());
  }

  /** Checks that there are class names and that each is there once. */
  static void checkClassNames(List<String> classNames) {
    if (classNames.isEmpty()) {
      throw new IllegalArgumentException("there are no class names");
    }
    HashSet<String> seen = new HashSet<>();
    for (String name : classNames) {
      if (name.isBlank() || !seen.add(name)) {
        throw new IllegalArgumentException("class name '" + name + "' is blank or there twice");
      }
    }
  }

  private static void checkParts(List<DatasetPart> parts, int classes, ImageSize size) {
    if (parts.isEmpty()) {
      throw new IllegalArgumentException("the data set has no parts");
    }
    HashSet<String> paths = new HashSet<>();
    for (DatasetPart part : parts) {
      if (!paths.add(part.path())) {
        throw new IllegalArgumentException("part " + part.path() + " is there twice");
      }
      for (SplitCounts counts : part.splits()) {
        expectEqual(part.path() + " classes", counts.imagesPerClass().size(), classes);
      }
      ChannelSums sums = part.channelSums();
      expectEqual(part.path() + " channels", sums.sums().size(), size.channels());
      long pixels = part.counts(Split.TRAIN).images() * size.height() * size.width();
      expectEqual(part.path() + " training pixels", sums.pixels(), pixels);
    }
  }

  private static void expectEqual(String what, Object got, Object expected) {
    if (!got.equals(expected)) {
      throw new IllegalArgumentException(
          what
              + ": got "
              + got
              + ", expected "
              + expected
              + " by the parts; was the file altered?");
    }
  }

  private static List<SplitCounts> splits(List<DatasetPart> parts, int classes) {
    List<SplitCounts> totals = new ArrayList<>();
    for (Split split : Split.values()) {
      SplitCounts total = SplitCounts.none(split, classes);
      for (DatasetPart part : parts) {
        total = total.plus(part.counts(split));
      }
      totals.add(total);
    }
    return totals;
  }

  private static Fingerprint fingerprint(List<DatasetPart> parts) {
    Fingerprint total = Fingerprint.ZERO;
    for (DatasetPart part : parts) {
      total = total.plus(part.fingerprint());
    }
    return total;
  }

  private static ChannelSums channelSums(List<DatasetPart> parts, int channels) {
    ChannelSums total = ChannelSums.none(channels);
    for (DatasetPart part : parts) {
      total = total.plus(part.channelSums());
    }
    return total;
  }
}
