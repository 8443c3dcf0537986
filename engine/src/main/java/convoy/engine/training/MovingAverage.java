package convoy.engine.training;

import java.io.Serializable;

/**
 * The exponential moving average of the weights, which is validated and evaluated in their place.
 *
 * <p>After each round, which has come to epoch t from epoch t - n (in parts of an epoch): average
 * += (weights - average) * (1 - decay^n) / (1 - decay^t). So the weights that a round led to a
 * epochs ago count decay^a of what they count at first, all rounds together count 1, and the first
 * begins the average. The decay is that of an epoch and not of a round, because rounds differ in
 * length: how far the average looks back depends neither on when replicas are averaged nor on the
 * rest of steps at the end of an epoch.
 *
 * <p>Polyak and Juditsky, "Acceleration of Stochastic Approximation by Averaging", 1992; the
 * divisor is that of Kingma and Ba, "Adam", 2015, section 3.
 *
 * @param decay what is left of a round's share after an epoch, below 1; 0, the default, keeps no
 *     average
 */
public record MovingAverage(double decay) implements Serializable {
  /** No average. */
  public static final MovingAverage NONE = new MovingAverage(0);

  public MovingAverage {
    if (!(decay >= 0 && decay < 1)) {
      throw new IllegalArgumentException(
          "movingAverage is " + decay + ", wanted a decay below 1, or 0 for none");
    }
  }

  /** Whether there is an average. */
  public boolean isOn() {
    return decay > 0;
  }

  /**
   * Moves the average by the weights that a round led to, each value by itself and in double.
   *
   * @param average overwritten; zeros before the first round
   * @param weights as many values
   * @param steps of the round
   * @param stepsPerEpoch steps of an epoch
   */
  void move(float[] average, float[] weights, StepRange steps, int stepsPerEpoch) {
    int length = steps.to() - steps.from();
    double rate = share(length, stepsPerEpoch) / share(steps.stepsBefore() + length, stepsPerEpoch);
    for (int i = 0; i < average.length; i++) {
      average[i] = (float) (average[i] + rate * ((double) weights[i] - average[i]));
    }
  }

  /** 1 - decay^t of {@code steps} steps, which are t epochs; right for decays next to 1 too. */
  private double share(long steps, int stepsPerEpoch) {
    return -StrictMath.expm1(StrictMath.log(decay) * steps / stepsPerEpoch);
  }
}
