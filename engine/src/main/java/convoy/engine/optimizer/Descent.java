package convoy.engine.optimizer;

import java.io.Serializable;

/**
 * How a gradient becomes a step: it is clipped, the weights decay, and the optimizer changes the
 * parameters, both at the learning rate that the schedule leaves to the step.
 *
 * <p>Clipping, as PyTorch's clip_grad_norm_ does it: with n the square root of the sum of squares
 * of the whole gradient, g *= clipNorm / (n + 1e-6) where that is below 1. Pascanu, Mikolov and
 * Bengio, "On the difficulty of training recurrent neural networks", 2013, algorithm 1. The sum is
 * one of doubles whose order the number of parameters alone decides.
 *
 * @param optimizer the update rule
 * @param schedule which share of the optimizer's learning rate a step takes
 * @param run how long the training is
 * @param weightDecay what pulls weights towards zero
 * @param clipNorm the largest norm of the gradient, above 0; 0 does not clip
 */
public record Descent(
    Optimizer optimizer, Schedule schedule, RunLength run, WeightDecay weightDecay, double clipNorm)
    implements Serializable {

  /**
   * What one step multiplies by.
   *
   * @param learningRate of the step
   * @param factor the optimizer's at this rate
   */
  public record Rates(double learningRate, float factor) {}

  public Descent {
    if (!(clipNorm >= 0 && clipNorm <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException(
          "clipNorm is " + clipNorm + ", wanted a number above 0, or 0 for no clipping");
    }
    schedule.checkFits(run);
    double decay = optimizer.learningRate() * weightDecay.rate();
    if (weightDecay.decoupled() && !(decay < 1)) {
      throw new IllegalArgumentException(
          "weightDecay.rate is "
              + weightDecay.rate()
              + ", learningRate "
              + optimizer.learningRate()
              + ": wanted a product below 1, or a step turns the weights around");
    }
  }

  /** The optimizer alone, at its own learning rate. */
  public static Descent of(Optimizer optimizer) {
    return new Descent(optimizer, Constant.DEFAULT, RunLength.ENDLESS, WeightDecay.NONE, 0);
  }

  /** The learning rate of step {@code t}, counted from 1 over the whole training. */
  public double learningRate(long t) {
    return optimizer.learningRate() * schedule.share(t - 1, run);
  }

  /**
   * What step {@code t}, counted from 1 over the whole training, multiplies by; {@code state} is
   * the optimizer's.
   */
  public Rates rates(long t, OptimizerState state) {
    double learningRate = learningRate(t);
    return new Rates(learningRate, optimizer.factor(t - state.stepsBefore(), learningRate));
  }

  /**
   * What comes before the optimizer's step: the gradient is clipped, and the weights decay.
   * Allocates nothing.
   *
   * @param parameters overwritten if weights decay by themselves
   * @param gradient of the loss, by each parameter; overwritten where it is clipped or the weights
   *     decay through it
   * @param weights where weights lie: pairs of a first index and one past the last
   * @param size number of trainable parameters
   * @param rates of this step
   */
  public void prepare(float[] parameters, float[] gradient, int[] weights, int size, Rates rates) {
    if (clipNorm > 0) {
      clip(gradient, size);
    }
    if (weightDecay.rate() > 0) {
      for (int i = 0; i < weights.length; i += 2) {
        weightDecay.decay(parameters, gradient, weights[i], weights[i + 1], rates.learningRate());
      }
    }
  }

  private void clip(float[] gradient, int size) {
    double factor = clipNorm / (norm(gradient, size) + 1e-6);
    // Infinity gives 0, and infinity times 0 is NaN: it shows. So does a NaN, which is left alone.
    if (factor < 1) {
      float scale = (float) factor;
      for (int i = 0; i < size; i++) {
        gradient[i] *= scale;
      }
    }
  }

  /** Four sums, of every fourth value each, so that additions need not wait for each other. */
  static double norm(float[] values, int size) {
    double a = 0, b = 0, c = 0, d = 0;
    int i = 0;
    for (; i + 4 <= size; i += 4) {
      a += (double) values[i] * values[i];
      b += (double) values[i + 1] * values[i + 1];
      c += (double) values[i + 2] * values[i + 2];
      d += (double) values[i + 3] * values[i + 3];
    }
    for (; i < size; i++) {
      a += (double) values[i] * values[i];
    }
    return StrictMath.sqrt((a + b) + (c + d));
  }
}
