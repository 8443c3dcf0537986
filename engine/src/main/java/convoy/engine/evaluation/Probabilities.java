package convoy.engine.evaluation;

import convoy.engine.kernel.ActivationFunction;
import convoy.engine.layer.Activation;
import convoy.engine.layer.Layer;
import convoy.engine.layer.Softmax;

/**
 * How a network's outputs become probabilities: by the softmax of its scores; where its last layer
 * is a softmax or a sigmoid they are its outputs as they are, and those of a sigmoid need not sum
 * to 1. Computed in double, with StrictMath, so that every machine gives the same bits.
 */
public final class Probabilities {
  private final boolean outputsAre;

  /** For the outputs of {@code last}, the network's last layer. */
  public Probabilities(Layer last) {
    outputsAre =
        last instanceof Softmax
            || last instanceof Activation activation
                && activation.function() == ActivationFunction.SIGMOID;
  }

  /** Whether outputs are probabilities as they are. */
  public boolean areOutputs() {
    return outputsAre;
  }

  /**
   * Writes the probabilities of one image over {@code probabilities}, NaN if an output is NaN. Of
   * scores that are infinite the largest ones share all of it.
   *
   * @param outputs those of the image, from {@code offset} on, one for each class
   */
  public void write(float[] outputs, int offset, double[] probabilities) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int c = 0; c < probabilities.length; c++) {
      probabilities[c] = outputs[offset + c];
      largest = Math.max(largest, probabilities[c]);
    }
    if (outputsAre) {
      return;
    }
    double sum = 0;
    for (int c = 0; c < probabilities.length; c++) {
      // Infinity less infinity is no number, and they are equal.
      double below = probabilities[c] == largest ? 0 : probabilities[c] - largest;
      probabilities[c] = StrictMath.exp(below);
      sum += probabilities[c];
    }
    for (int c = 0; c < probabilities.length; c++) {
      probabilities[c] /= sum;
    }
  }
}
