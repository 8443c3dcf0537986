package convoy.engine.evaluation;

/**
 * The measures that look at probabilities: Brier score, calibration, and for each class against the
 * rest the areas under the curves of ranking. Counted image by image in integers, and merged in any
 * order.
 */
public final class ProbabilityMeasures {
  /**
   * Units of a squared difference of 1; of images whose sum is 2, the most of a softmax, 4e9 fit.
   */
  private static final double BRIER_UNITS = 0x1p30;

  /** Bins of all classes' histograms together, where each gets at least LEAST_BINS. */
  private static final int ALL_BINS = 1 << 17;

  private static final int LEAST_BINS = 1 << 8;
  private static final int MOST_BINS = 1 << 13;

  private final ScoreHistogram[] histograms;
  private final Calibration calibration = new Calibration();
  private long images;
  private long brierUnits;

  /** Measures of no images yet. */
  public ProbabilityMeasures(int classes) {
    histograms = new ScoreHistogram[classes];
    for (int c = 0; c < classes; c++) {
      histograms[c] = new ScoreHistogram(bins(classes));
    }
  }

  /** Bins of each class's histogram: 8,192 for up to 16 classes, 256 for 257 and more. */
  static int bins(int classes) {
    int share = Integer.highestOneBit(Math.max(1, ALL_BINS / classes));
    return Math.max(LEAST_BINS, Math.min(MOST_BINS, share));
  }

  /**
   * Counts one image.
   *
   * @param label its class
   * @param predicted the class that it was taken for
   * @param probabilities of the classes, none of them NaN
   */
  public void add(int label, int predicted, double[] probabilities) {
    double squares = 0;
    for (int c = 0; c < histograms.length; c++) {
      double off = probabilities[c] - (c == label ? 1 : 0);
      squares += off * off;
      histograms[c].add(probabilities[c], c == label);
    }
    images++;
    brierUnits = Math.addExact(brierUnits, Math.round(squares * BRIER_UNITS));
    calibration.add(probabilities[predicted], predicted == label);
  }

  /**
   * Adds the counts of {@code other}.
   *
   * @throws IllegalArgumentException if it has another number of classes
   */
  public void merge(ProbabilityMeasures other) {
    if (other.histograms.length != histograms.length) {
      throw new IllegalArgumentException(
          "measures of " + other.histograms.length + " classes, wanted " + histograms.length);
    }
    for (int c = 0; c < histograms.length; c++) {
      histograms[c].merge(other.histograms[c]);
    }
    calibration.merge(other.calibration);
    images += other.images;
    brierUnits = Math.addExact(brierUnits, other.brierUnits);
  }

  /**
   * The Brier score: the mean over the images of the sum over the classes of (p - y)^2, y being 1
   * for the image's own class, else 0; from 0 to 2; NaN without images. Brier, "Verification of
   * Forecasts Expressed in Terms of Probability", 1950.
   */
  public double brierScore() {
    return images == 0 ? Double.NaN : brierUnits / BRIER_UNITS / images;
  }

  /** How confidence and accuracy go together. */
  public Calibration calibration() {
    return calibration;
  }

  /** How well class {@code c} is told from the rest. */
  public ScoreHistogram histogram(int c) {
    return histograms[c];
  }
}
