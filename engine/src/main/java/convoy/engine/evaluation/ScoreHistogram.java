package convoy.engine.evaluation;

/**
 * The probabilities of one class for the images that belong to it and for the others, in bins, from
 * which the measures of ranking follow: one class against the rest.
 *
 * <p>The bins are of equal width in the log-odds log(p / (1 - p)) from -{@value #LIMIT} to {@value
 * #LIMIT}, as most probabilities lie near 0 or 1; the outermost take what lies beyond. Images of
 * one bin count as equal; how far the order within bins could move a measure is told with it.
 */
public final class ScoreHistogram {
  /** Beyond these log-odds a probability is within 1e-11 of 0 or of 1. */
  private static final double LIMIT = 25;

  private final long[] own;
  private final long[] others;

  /**
   * A measure and its resolution.
   *
   * @param value of the binned probabilities; NaN where it has no sense: without images of the
   *     class, and, for the area under the curve, without others
   * @param resolution the most by which the measure of the exact probabilities can differ
   */
  public record Binned(double value, double resolution) {}

  /** No images yet, in {@code bins} bins. */
  ScoreHistogram(int bins) {
    own = new long[bins];
    others = new long[bins];
  }

  /** Counts an image whose class is held for so probable. */
  void add(double probability, boolean belongs) {
    double odds = StrictMath.log(probability / (1 - probability));
    double position = (odds + LIMIT) / (2 * LIMIT) * own.length;
    int bin = (int) Math.max(0, Math.min(own.length - 1, position));
    (belongs ? own : others)[bin]++;
  }

  /** Adds the counts of {@code other}, which has as many bins. */
  void merge(ScoreHistogram other) {
    for (int i = 0; i < own.length; i++) {
      own[i] += other.own[i];
      others[i] += other.others[i];
    }
  }

  /**
   * The area under the receiver operating characteristic: the probability that an image of the
   * class gets a higher probability than one of the others, equal ones counted half.
   */
  public Binned rocAuc() {
    double below = 0, half = 0;
    long othersBelow = 0, belonging = 0;
    for (int i = 0; i < own.length; i++) {
      below += (double) own[i] * othersBelow;
      half += 0.5 * own[i] * others[i];
      othersBelow += others[i];
      belonging += own[i];
    }
    double pairs = (double) belonging * othersBelow;
    return new Binned((below + half) / pairs, half / pairs);
  }

  /**
   * The average precision: the sum over the thresholds, from the highest down, of precision times
   * the recall that the threshold adds, as scikit-learn defines it.
   */
  public Binned averagePrecision() {
    double sum = 0, least = 0, most = 0;
    long belonging = 0, all = 0;
    for (int i = own.length - 1; i >= 0; i--) {
      if (own[i] > 0) {
        double ends = belonging + own[i];
        sum += own[i] * ends / (all + own[i] + others[i]);
        // With all of the class behind the others, and none equal.
        least += ranked(belonging, own[i], all + others[i]);
        // With all of the class ahead of the others, and their probabilities equal.
        most += own[i] * ends / (all + own[i]);
      }
      belonging += own[i];
      all += own[i] + others[i];
    }
    double value = sum / belonging;
    return new Binned(value, Math.max(most / belonging - value, value - least / belonging));
  }

  /** The precisions at {@code count} images of the class in a row, behind so many images. */
  private static double ranked(long belonging, long count, long before) {
    double sum = 0;
    for (long k = 1; k <= count; k++) {
      sum += (double) (belonging + k) / (before + k);
    }
    return sum;
  }
}
