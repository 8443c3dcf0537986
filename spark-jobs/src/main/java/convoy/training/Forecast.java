package convoy.training;

/**
 * How long the parts of a training take, in seconds, judged by the last of each kind; 0 where there
 * was none yet.
 */
public final class Forecast {
  private double stepSeconds;
  private double validationSeconds;
  private double commitSeconds;

  /** Seconds from {@code nanoTime}, a value of {@link System#nanoTime}, to now. */
  public static double secondsSince(long nanoTime) {
    return (System.nanoTime() - nanoTime) / 1e9;
  }

  void roundTook(int steps, double seconds) {
    stepSeconds = seconds / steps;
  }

  void validationTook(double seconds) {
    validationSeconds = seconds;
  }

  void commitTook(double seconds) {
    commitSeconds = seconds;
  }

  /** A round of so many steps, and its checkpoint. */
  double round(int steps) {
    return steps * stepSeconds + commitSeconds;
  }

  /** A validation, and the checkpoint after it. */
  double validation() {
    return validationSeconds + commitSeconds;
  }

  /** A round that ends an epoch, its validation, and its checkpoint. */
  double lastRound(int steps) {
    return steps * stepSeconds + validation();
  }
}
