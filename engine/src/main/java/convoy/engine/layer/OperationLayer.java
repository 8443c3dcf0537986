package convoy.engine.layer;

import convoy.engine.tensor.Shape;
import java.util.List;

/** A layer that is one operation of one input. */
public sealed interface OperationLayer extends Layer, Operation
    permits Scaling, Convolution, MaxPooling, Relu, Activation, Softmax, Dropout, Dense {

  /** The parameters that the layer needs for inputs of shape {@code x}; most layers need none. */
  default List<ParameterSpec> parameters(Shape x) {
    return List.of();
  }
}
