package convoy.engine.training;

/**
 * What training on one shard gave, over the steps of one call.
 *
 * @param images number of images trained on
 * @param lossSum sum of the images' losses, each before the step that its batch took
 * @param correct number of images whose class had the largest score then
 * @param divergedAt index within the epoch of the step whose loss was NaN or infinite, or after
 *     which a parameter or a value of the optimizer's state was; -1 if none was, and training went
 *     through
 * @param computeNanos time of the steps
 */
public record TrainingMetrics(
    long images, double lossSum, long correct, int divergedAt, long computeNanos) {
  /** Nothing trained yet. */
  public static final TrainingMetrics NONE = new TrainingMetrics(0, 0, 0, -1, 0);

  /** Whether a loss, a parameter or the optimizer's state became NaN or infinite. */
  public boolean diverged() {
    return divergedAt >= 0;
  }

  /** Mean loss of an image. */
  public double loss() {
    return lossSum / images;
  }

  /** Share of the images that were classified correctly. */
  public double accuracy() {
    return (double) correct / images;
  }

  /** Both together, {@code other} after this; times add up. */
  public TrainingMetrics plus(TrainingMetrics other) {
    return new TrainingMetrics(
        images + other.images,
        lossSum + other.lossSum,
        correct + other.correct,
        diverged() ? divergedAt : other.divergedAt,
        computeNanos + other.computeNanos);
  }
}
