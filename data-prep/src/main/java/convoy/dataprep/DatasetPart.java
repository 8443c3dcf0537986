package convoy.dataprep;

import java.util.List;

/**
 * One immutable part of a data set: what one run of {@link Prepare} wrote.
 *
 * @param path its folder below that of the data set
 * @param splits the counts of {@link Split#TRAIN} and {@link Split#TEST}, in this order
 * @param channelSums sums over its training images
 * @param fingerprint the sum over its rows
 * @param seed the seed that permuted its rows
 * @param source where its images came from
 */
public record DatasetPart(
    String path,
    List<SplitCounts> splits,
    ChannelSums channelSums,
    Fingerprint fingerprint,
    long seed,
    String source) {
  static final String PARTS_FOLDER = "parts";

  public DatasetPart {
    splits = List.copyOf(splits);
    if (!path.matches(PARTS_FOLDER + "/[0-9]{1,9}")) {
      throw new IllegalArgumentException(
          "part path is '" + path + "', expected " + PARTS_FOLDER + "/ and a number");
    }
    if (splits.size() != Split.values().length
        || splits.get(0).split() != Split.TRAIN
        || splits.get(1).split() != Split.TEST) {
      throw new IllegalArgumentException(path + ": splits must be train and test, in this order");
    }
  }

  /** The counts of one split. */
  public SplitCounts counts(Split split) {
    return splits.get(split.ordinal());
  }
}
