package convoy.engine.layer;

import convoy.engine.tensor.Shape;
import java.util.List;

/** A layer that is one operation of one input. */
public sealed interface OperationLayer extends Layer, Operation
    permits Scaling,
        Convolution,
        Pooling,
        GlobalAveragePooling,
        Filter,
        Grey,
        Relu,
        Activation,
        Softmax,
        LocalResponseNormalization,
        Dropout,
        Dense,
        Recurrent,
        BatchNormalization {

  /** The parameters that the layer trains for inputs of shape {@code x}; most layers need none. */
  default List<ParameterSpec> parameters(Shape x) {
    return List.of();
  }

  /**
   * What the layer measures in the forward passes of training: its means, and as many variances;
   * most layers measure nothing.
   */
  default List<ParameterSpec> statistics(Shape x) {
    return List.of();
  }

  /**
   * What computes the layer where nothing is measured or trained: in inference, and where the layer
   * is frozen.
   */
  default Operation evaluated() {
    return this;
  }

  /** What computes the layer as in training, but keeps nothing of what was measured before. */
  default Operation measured() {
    return this;
  }
}
