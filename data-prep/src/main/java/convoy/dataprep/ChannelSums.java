package convoy.dataprep;

import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * Sums over the pixels of the training split, from which means and standard deviations follow.
 *
 * <p>They are integers, so neither the order of the images nor their partition into parts changes
 * the result.
 *
 * @param pixels pixels of each channel
 * @param sums sum of the values 0 to 255, for each channel
 * @param squares sum of their squares, for each channel
 */
public record ChannelSums(long pixels, List<Long> sums, List<Long> squares) {
  public ChannelSums {
    sums = List.copyOf(sums);
    squares = List.copyOf(squares);
    if (pixels < 0 || sums.size() != squares.size()) {
      throw new IllegalArgumentException(
          "channel sums: "
              + pixels
              + " pixels, "
              + sums.size()
              + " sums, "
              + squares.size()
              + " squares");
    }
    for (int c = 0; c < sums.size(); c++) {
      if (sums.get(c) < 0 || sums.get(c) > 255 * pixels || squares.get(c) < sums.get(c)) {
        throw new IllegalArgumentException(
            "channel "
                + c
                + ": sum "
                + sums.get(c)
                + ", squares "
                + squares.get(c)
                + " can't come from "
                + pixels
                + " pixels");
      }
    }
  }

  /** The sums of no pixels. */
  static ChannelSums none(int channels) {
    return new ChannelSums(0, Collections.nCopies(channels, 0L), Collections.nCopies(channels, 0L));
  }

  /** The sums over the pixels of both. */
  ChannelSums plus(ChannelSums other) {
    List<Long> moreSums = new ArrayList<>();
    List<Long> moreSquares = new ArrayList<>();
    for (int c = 0; c < sums.size(); c++) {
      moreSums.add(sums.get(c) + other.sums.get(c));
      moreSquares.add(squares.get(c) + other.squares.get(c));
    }
    return new ChannelSums(pixels + other.pixels, moreSums, moreSquares);
  }

  /** The mean of each channel, of values from 0 to 255; 0 of no pixels. */
  public List<Double> means() {
    List<Double> means = new ArrayList<>();
    for (long sum : sums) {
      means.add(pixels == 0 ? 0 : (double) sum / pixels);
    }
    return means;
  }

  /** The standard deviation of each channel (over all pixels, not a sample of them); 0 of none. */
  public List<Double> standardDeviations() {
    if (pixels == 0) {
      return Collections.nCopies(sums.size(), 0.0);
    }
    List<Double> deviations = new ArrayList<>();
    BigInteger count = BigInteger.valueOf(pixels);
    for (int c = 0; c < sums.size(); c++) {
      BigInteger sum = BigInteger.valueOf(sums.get(c));
      BigInteger scaled = count.multiply(BigInteger.valueOf(squares.get(c))).subtract(sum.pow(2));
      deviations.add(Math.sqrt(scaled.doubleValue()) / pixels);
    }
    return deviations;
  }
}
