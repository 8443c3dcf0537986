package convoy.engine.evaluation;

import java.util.ArrayList;
import java.util.List;

/**
 * How far the confidence of predictions, the probability of the predicted class, is from the share
 * of them that is right; counted in bins of equal width.
 *
 * <p>Confidences are summed as integers, each rounded to a multiple of 2^-30, so that parts can be
 * merged in any order; 8e9 images fit.
 */
public final class Calibration {
  /** Bins between 0 and 1; bin i holds confidences above i / BINS up to (i + 1) / BINS. */
  static final int BINS = 15;

  private static final double UNITS = 0x1p30;

  private final long[] images = new long[BINS];
  private final long[] right = new long[BINS];
  private final long[] confidenceUnits = new long[BINS];

  /**
   * One bin of the reliability diagram.
   *
   * @param from the bin's lower end
   * @param to its upper end
   * @param images predictions whose confidence lies in it
   * @param confidence their mean confidence; 0 without images
   * @param accuracy the share of them that is right; 0 without images
   */
  public record Bin(double from, double to, long images, double confidence, double accuracy) {}

  /** Counts one prediction. */
  void add(double confidence, boolean isRight) {
    int bin = (int) Math.ceil(confidence * BINS) - 1;
    bin = Math.max(0, Math.min(BINS - 1, bin));
    images[bin]++;
    right[bin] += isRight ? 1 : 0;
    confidenceUnits[bin] = Math.addExact(confidenceUnits[bin], Math.round(confidence * UNITS));
  }

  /** Adds the counts of {@code other}. */
  void merge(Calibration other) {
    for (int i = 0; i < BINS; i++) {
      images[i] += other.images[i];
      right[i] += other.right[i];
      confidenceUnits[i] = Math.addExact(confidenceUnits[i], other.confidenceUnits[i]);
    }
  }

  /** The bins, from the lowest confidence up. */
  public List<Bin> bins() {
    List<Bin> bins = new ArrayList<>();
    for (int i = 0; i < BINS; i++) {
      long count = Math.max(1, images[i]);
      bins.add(
          new Bin(
              (double) i / BINS,
              (i + 1.0) / BINS,
              images[i],
              confidenceUnits[i] / UNITS / count,
              (double) right[i] / count));
    }
    return bins;
  }

  /**
   * The expected calibration error: the mean over all predictions of their bin's |accuracy -
   * confidence|; NaN without images. Guo and others, "On Calibration of Modern Neural Networks",
   * 2017, equation 3.
   */
  public double error() {
    double sum = 0;
    long all = 0;
    for (Bin bin : bins()) {
      sum += bin.images() * Math.abs(bin.accuracy() - bin.confidence());
      all += bin.images();
    }
    return all == 0 ? Double.NaN : sum / all;
  }
}
