package convoy.engine.layer;

import convoy.engine.kernel.ConvolutionBackward;
import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Epilogue;
import convoy.engine.kernel.Operand;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.List;

/**
 * An operation of weights and an optional bias that the convolution kernels compute, so that an
 * addition and a ReLU that follow can be part of it.
 */
public sealed interface Affine extends Operation permits Convolution, Dense {

  /** The convolution of {@code x}, pixels lying side by side. */
  ConvolutionShape shape(Shape x);

  /** The convolution that leads from {@code x} to {@code y}. */
  ConvolutionShape shape(Tensor x, Tensor y);

  /** The weights as the kernels want them; valid until the next call. */
  default Operand weights(Forward values) {
    return values.parameters().get(0).operand();
  }

  /** Makes the gradient of {@link #weights} that of the parameter. */
  default void finishWeightGradient(Tensor x, Operand dw) {}

  /** Computes y, with {@code summand} added if there is one, and its ReLU where {@code relu}. */
  default void forward(Forward values, Operand summand, boolean relu) {
    Tensor x = values.x();
    Tensor y = values.y();
    Operand w = weights(values);
    Operand bias = operand(values.parameters(), 1);
    ConvolutionShape shape = shape(x, y);
    Operand weights = values.kernels().packed(shape, w, values.workers());
    values
        .kernels()
        .convolutionForward(
            shape,
            x.shape().n(),
            x.array(),
            x.offset(),
            weights,
            new Epilogue(bias, summand, relu, Operand.NONE, Operand.NONE),
            y.array(),
            y.offset(),
            values.workers());
  }

  @Override
  default void forward(Forward values) {
    forward(values, Operand.NONE, false);
  }

  /** Computes the gradients; dy is that of the ReLU's output where {@code relu}. */
  default void backward(Forward values, Backward gradients, boolean relu) {
    Tensor x = values.x();
    Tensor dy = gradients.dy();
    Backward.InputGradient input = gradients.first();
    ConvolutionBackward operands =
        new ConvolutionBackward(
            x.operand(),
            weights(values),
            relu ? values.y().operand() : Operand.NONE,
            dy.operand(),
            operand(gradients.parameterGradients(), 0),
            operand(gradients.parameterGradients(), 1),
            input.isWanted() ? input.dx().operand() : Operand.NONE,
            input.accumulates());
    values.kernels().convolutionBackward(shape(x, dy), x.shape().n(), operands, values.workers());
    if (operands.dw().isPresent()) {
      finishWeightGradient(x, operands.dw());
    }
  }

  @Override
  default void backward(Forward values, Backward gradients) {
    backward(values, gradients, false);
  }

  @Override
  default boolean backwardReadsInput(int number) {
    return true;
  }

  @Override
  default boolean backwardReadsOutput() {
    return false;
  }

  @Override
  default boolean writesWithPixelStride() {
    return true;
  }

  private static Operand operand(List<Tensor> tensors, int number) {
    return number < tensors.size() ? tensors.get(number).operand() : Operand.NONE;
  }

  /** The spec of a bias of {@code size} values. */
  static ParameterSpec biasSpec(int size) {
    return new ParameterSpec("bias", List.of(size), new Initializer.Zeros());
  }
}
