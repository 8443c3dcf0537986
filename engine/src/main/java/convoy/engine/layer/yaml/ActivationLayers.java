package convoy.engine.layer.yaml;

import convoy.engine.kernel.ActivationFunction;
import convoy.engine.layer.Activation;
import convoy.engine.layer.Linear;
import convoy.engine.layer.Relu;
import convoy.engine.layer.Softmax;
import java.util.List;

/** The activations; none has settings. */
final class ActivationLayers {
  static final List<LayerKind<?>> KINDS =
      List.of(
          LayerKind.without(Relu.class, new Relu()),
          LayerKind.without(Activation.class, new Activation(ActivationFunction.SIGMOID)),
          LayerKind.without(Activation.class, new Activation(ActivationFunction.TANH)),
          LayerKind.without(Softmax.class, new Softmax()),
          LayerKind.without(Linear.class, new Linear()));

  private ActivationLayers() {}
}
