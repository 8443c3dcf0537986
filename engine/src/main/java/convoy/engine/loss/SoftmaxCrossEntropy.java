package convoy.engine.loss;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.Workers;
import convoy.engine.layer.Layer;
import convoy.engine.layer.Softmax;
import convoy.engine.settings.Settings;
import convoy.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Softmax with cross-entropy on integer labels.
 *
 * <p>With scores z (N, K), labels t (N) and smoothing e: targets y[n,k] = (k = t[n] ? 1 - e : 0) +
 * e / K; p[n,k] = exp(z[n,k] - m[n]) / s[n], m[n] the largest score and s[n] the sum over k of
 * exp(z[n,k] - m[n]); loss[n] = log s[n] + m[n] - sum over k of y[n,k] z[n,k]; gradient of the mean
 * loss: dz[n,k] = (p[n,k] - y[n,k]) / N, which is delta of the last layer, a = p being the softmax
 * of its z. Goodfellow, Bengio and Courville, "Deep Learning", 2016, sections 6.2.2.3 and 7.5.1;
 * Szegedy and others, "Rethinking the Inception Architecture", 2016, section 7. A dz below 1e-20 is
 * 0.
 *
 * @param labelSmoothing e, the share of the target that is spread over all classes; 0 or more and
 *     below 1, default 0
 */
public record SoftmaxCrossEntropy(double labelSmoothing) implements Loss {
  static final String NAME = "softmaxCrossEntropy";

  /**
   * Gradients closer to zero are taken for zero: they teach nothing, and on their way back they
   * would become subnormal numbers, for which processors take up to ten times as long.
   */
  private static final double SMALLEST = 1e-20;

  /** Without smoothing. */
  public static final SoftmaxCrossEntropy DEFAULT = new SoftmaxCrossEntropy(0);

  public SoftmaxCrossEntropy {
    if (!(labelSmoothing >= 0 && labelSmoothing < 1)) {
      throw new IllegalArgumentException(
          "labelSmoothing is " + labelSmoothing + ", wanted 0 or more and below 1");
    }
  }

  static SoftmaxCrossEntropy read(Settings settings) {
    settings.onlyKeys("labelSmoothing");
    double smoothing = settings.number("labelSmoothing", DEFAULT.labelSmoothing);
    return settings.checked(() -> new SoftmaxCrossEntropy(smoothing));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public ObjectNode toTree() {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.putObject(NAME).put("labelSmoothing", labelSmoothing);
    return tree;
  }

  @Override
  public void checkFits(Layer last) {
    if (last instanceof Softmax || MeanSquaredError.isSigmoid(last)) {
      String cure =
          last instanceof Softmax ? "leave it out" : "leave it out, or set loss=meanSquaredError";
      throw new IllegalArgumentException(
          "the last layer is " + last.kind() + ", loss " + NAME + " wants scores: " + cure);
    }
  }

  /**
   * {@inheritDoc} It is NaN or infinite if one of the scores is NaN or plus infinity, or that of
   * its label minus infinity; with smoothing, if any is infinite.
   */
  @Override
  public double loss(Tensor scores, int n, int label) {
    int row = Loss.row(scores, n), classes = scores.shape().c();
    Loss.checkLabel(label, classes);
    double largest = largest(scores, row);
    double sum = 0;
    for (int k = 0; k < classes; k++) {
      sum += StrictMath.exp(scores.array()[row + k] - largest);
    }
    double logarithm = StrictMath.log(sum) + largest;
    double own = scores.array()[row + label];
    if (labelSmoothing == 0) {
      return logarithm - own;
    }
    double mean = 0;
    for (int k = 0; k < classes; k++) {
      mean += scores.array()[row + k] / (double) classes;
    }
    return logarithm - ((1 - labelSmoothing) * own + labelSmoothing * mean);
  }

  @Override
  public Pass gradient(
      Tensor scores, int[] labels, Kernels kernels, Workers workers, Tensor dScores) {
    int images = scores.shape().n(), classes = scores.shape().c();
    List<Pass> passes = new ArrayList<>();
    if (scores.isDense() && dScores.isDense()) {
      passes.add(
          kernels.softmaxForward(images, classes, scores.operand(), dScores.operand(), workers));
    } else {
      for (int n = 0; n < images; n++) {
        Operand from = new Operand(scores.array(), Loss.row(scores, n));
        Operand to = new Operand(dScores.array(), Loss.row(dScores, n));
        passes.add(kernels.softmaxForward(1, classes, from, to, workers));
      }
    }
    passes.add(() -> subtractTargets(labels, dScores));
    return Pass.inOrder(passes);
  }

  /** Makes the gradient of the probabilities that stand in its place. */
  private void subtractTargets(int[] labels, Tensor dScores) {
    int images = dScores.shape().n(), classes = dScores.shape().c();
    float[] dz = dScores.array();
    double rest = labelSmoothing / classes;
    for (int n = 0; n < images; n++) {
      int row = Loss.row(dScores, n);
      for (int k = 0; k < classes; k++) {
        double target = k == labels[n] ? 1 - labelSmoothing + rest : rest;
        double gradient = (dz[row + k] - target) / images;
        dz[row + k] = Math.abs(gradient) < SMALLEST ? 0 : (float) gradient;
      }
    }
  }

  private static double largest(Tensor scores, int row) {
    double largest = Double.NEGATIVE_INFINITY;
    for (int k = 0; k < scores.shape().c(); k++) {
      largest = Math.max(largest, scores.array()[row + k]);
    }
    return largest;
  }
}
