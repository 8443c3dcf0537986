package convoy.engine.loss;

import convoy.engine.tensor.Tensor;

/**
 * Softmax with cross-entropy on integer labels.
 *
 * <p>With scores z (N, K) and labels t (N): p[n,k] = exp(z[n,k] - m[n]) / s[n], m[n] the largest
 * score and s[n] the sum over k of exp(z[n,k] - m[n]); loss[n] = log s[n] + m[n] - z[n,t[n]];
 * gradient of the mean loss: dz[n,k] = (p[n,k] - (k = t[n] ? 1 : 0)) / N. Goodfellow, Bengio and
 * Courville, "Deep Learning", 2016, section 6.2.2.3. Computed in double with StrictMath, so that
 * every machine gives the same bits.
 */
public final class SoftmaxCrossEntropy {
  private final double[] exponentials;

  /** The loss over {@code classes} classes; holds scratch memory, so one for each thread. */
  public SoftmaxCrossEntropy(int classes) {
    exponentials = new double[classes];
  }

  /**
   * The loss of image {@code n}; NaN or infinite if one of its scores is NaN or plus infinity, or
   * that of its label minus infinity.
   *
   * @throws IllegalArgumentException if {@code label} is none of the classes
   */
  public double loss(Tensor scores, int n, int label) {
    int row = row(scores, n);
    if (label < 0 || label >= exponentials.length) {
      throw new IllegalArgumentException(
          "got label " + label + ", wanted 0 to " + (exponentials.length - 1));
    }
    double largest = largest(scores, row);
    double sum = 0;
    for (int k = 0; k < exponentials.length; k++) {
      sum += StrictMath.exp(scores.array()[row + k] - largest);
    }
    return StrictMath.log(sum) + largest - scores.array()[row + label];
  }

  /** Writes the probabilities of image {@code n} over {@code probabilities}, one a class. */
  public void probabilities(Tensor scores, int n, float[] probabilities) {
    double sum = exponentials(scores, row(scores, n));
    for (int k = 0; k < exponentials.length; k++) {
      probabilities[k] = (float) (exponentials[k] / sum);
    }
  }

  /** Writes the gradient of the mean loss by the scores over {@code dScores}. */
  public void gradient(Tensor scores, int[] labels, Tensor dScores) {
    int images = scores.shape().n();
    for (int n = 0; n < images; n++) {
      int row = row(scores, n);
      int gradientRow = row(dScores, n);
      double sum = exponentials(scores, row);
      for (int k = 0; k < exponentials.length; k++) {
        double target = k == labels[n] ? 1 : 0;
        dScores.array()[gradientRow + k] = (float) ((exponentials[k] / sum - target) / images);
      }
    }
  }

  private double exponentials(Tensor scores, int row) {
    double largest = largest(scores, row);
    double sum = 0;
    for (int k = 0; k < exponentials.length; k++) {
      exponentials[k] = StrictMath.exp(scores.array()[row + k] - largest);
      sum += exponentials[k];
    }
    return sum;
  }

  private double largest(Tensor scores, int row) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < exponentials.length; k++) {
      largest = Math.max(largest, scores.array()[row + k]);
    }
    return largest;
  }

  private int row(Tensor scores, int n) {
    if (scores.shape().c() != exponentials.length) {
      throw new IllegalArgumentException(
          "got " + scores.shape().c() + " scores an image, wanted " + exponentials.length);
    }
    return scores.offset() + n * scores.pixelStride();
  }
}
