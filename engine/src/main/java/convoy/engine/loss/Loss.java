package convoy.engine.loss;

import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.Workers;
import convoy.engine.layer.Layer;
import convoy.engine.settings.Settings;
import convoy.engine.tensor.Tensor;
import java.io.Serializable;
import java.util.List;

/**
 * What training makes small: a measure of how far the outputs of a network are from the labels.
 *
 * <p>Outputs are (N, K), labels (N). The loss of a batch is the mean over its images. A loss is
 * computed in double, in plain operations and with StrictMath, so that every machine gives the same
 * bits; its gradient by kernels, which give the same bits too.
 */
public sealed interface Loss extends Serializable permits SoftmaxCrossEntropy, MeanSquaredError {

  /** The name in settings: "softmaxCrossEntropy". */
  String name();

  /**
   * The loss of image {@code n}; NaN or infinite where an output leaves no sense in it.
   *
   * @throws IllegalArgumentException if {@code label} is none of the classes
   */
  double loss(Tensor outputs, int n, int label);

  /**
   * The pass that writes the gradient of the mean loss by the outputs over {@code dOutputs}.
   *
   * @param labels of the images, one for each, in the classes
   * @param workers where the kernels run
   */
  Pass gradient(Tensor outputs, int[] labels, Kernels kernels, Workers workers, Tensor dOutputs);

  /**
   * Checks that the network's outputs are what this loss takes.
   *
   * @param last the layer that makes them
   * @throws IllegalArgumentException if not; says what to change
   */
  void checkFits(Layer last);

  /** Its settings as a tree: {@code {softmaxCrossEntropy: {labelSmoothing: 0.1}}}. */
  ObjectNode toTree();

  /**
   * The loss by which a network is evaluated whose outputs {@code last} makes, without smoothing.
   *
   * @throws IllegalArgumentException if there is none for such outputs; says what to change
   */
  static Loss evaluating(Layer last) {
    Loss loss =
        MeanSquaredError.isSigmoid(last) ? new MeanSquaredError() : SoftmaxCrossEntropy.DEFAULT;
    loss.checkFits(last);
    return loss;
  }

  /**
   * Reads the loss at {@code key}: a name, or a name with settings; {@link
   * SoftmaxCrossEntropy#DEFAULT} where it is not set.
   *
   * @throws IllegalArgumentException if there is no such loss, or its settings are wrong
   */
  static Loss read(Settings settings, String key) {
    if (!settings.has(key)) {
      return SoftmaxCrossEntropy.DEFAULT;
    }
    List<String> names = List.of(SoftmaxCrossEntropy.NAME, MeanSquaredError.NAME);
    Settings.Choice choice = settings.choice(key, "loss", names);
    return switch (choice.name()) {
      case SoftmaxCrossEntropy.NAME -> SoftmaxCrossEntropy.read(choice.settings());
      case MeanSquaredError.NAME -> MeanSquaredError.read(choice.settings());
      default -> throw new IllegalStateException("there is no reader for " + choice.name());
    };
  }

  /** Index of the first output of image {@code n}. */
  static int row(Tensor outputs, int n) {
    return outputs.offset() + n * outputs.pixelStride();
  }

  /** Refuses a label that is none of {@code classes}. */
  static void checkLabel(int label, int classes) {
    if (label < 0 || label >= classes) {
      throw new IllegalArgumentException("got label " + label + ", wanted 0 to " + (classes - 1));
    }
  }
}
