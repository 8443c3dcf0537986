package convoy.engine.loss;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.kernel.ActivationFunction;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.Workers;
import convoy.engine.layer.Activation;
import convoy.engine.layer.Layer;
import convoy.engine.settings.Settings;
import convoy.engine.tensor.Tensor;

/**
 * The quadratic cost of sigmoid outputs against one-hot labels.
 *
 * <p>With outputs a (N, K) and labels t (N), y[n,k] = (k = t[n] ? 1 : 0): loss[n] = C = 1/2 sum
 * over k of (a[n,k] - y[n,k])^2; gradient of the mean loss: da[n,k] = (a[n,k] - y[n,k]) / N. The
 * sigmoid layer multiplies it by a (1 - a), which makes the error of the last layer, delta = (a -
 * y) a (1 - a). Nielsen, "Neural Networks and Deep Learning", 2015, chapter 2, equations BP1 and
 * 30.
 */
public record MeanSquaredError() implements Loss {
  static final String NAME = "meanSquaredError";

  static MeanSquaredError read(Settings settings) {
    settings.onlyKeys();
    return new MeanSquaredError();
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public ObjectNode toTree() {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.putObject(NAME);
    return tree;
  }

  static boolean isSigmoid(Layer layer) {
    return layer instanceof Activation activation
        && activation.function() == ActivationFunction.SIGMOID;
  }

  @Override
  public void checkFits(Layer last) {
    if (!isSigmoid(last)) {
      throw new IllegalArgumentException(
          "the last layer is "
              + last.kind()
              + ", loss "
              + NAME
              + " wants sigmoid: add one, or set loss=softmaxCrossEntropy");
    }
  }

  @Override
  public double loss(Tensor outputs, int n, int label) {
    int row = Loss.row(outputs, n), classes = outputs.shape().c();
    Loss.checkLabel(label, classes);
    double sum = 0;
    for (int k = 0; k < classes; k++) {
      double error = outputs.array()[row + k] - (k == label ? 1.0 : 0.0);
      sum += error * error;
    }
    return sum / 2;
  }

  @Override
  public Pass gradient(
      Tensor outputs, int[] labels, Kernels kernels, Workers workers, Tensor dOutputs) {
    return () -> writeGradient(outputs, labels, dOutputs);
  }

  private static void writeGradient(Tensor outputs, int[] labels, Tensor dOutputs) {
    int images = outputs.shape().n(), classes = outputs.shape().c();
    for (int n = 0; n < images; n++) {
      int row = Loss.row(outputs, n), gradientRow = Loss.row(dOutputs, n);
      for (int k = 0; k < classes; k++) {
        double error = outputs.array()[row + k] - (k == labels[n] ? 1.0 : 0.0);
        dOutputs.array()[gradientRow + k] = (float) (error / images);
      }
    }
  }
}
