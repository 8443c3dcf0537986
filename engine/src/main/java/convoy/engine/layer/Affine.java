package convoy.engine.layer;

import convoy.engine.kernel.ConvolutionBackward;
import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Epilogue;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.List;

/**
 * An operation of weights and an optional bias that the convolution kernels compute, so that an
 * addition and a ReLU that follow can be part of it.
 */
public sealed interface Affine extends Operation permits Convolution, Dense, FoldedAffine {

  /** The shape of y for an input of shape {@code x}. */
  Shape outputShape(Shape x);

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

  @Override
  default int prepared(Kernels kernels, Shape x) {
    return kernels.packedSize(shape(x));
  }

  @Override
  default void prepare(Forward values) {
    values
        .kernels()
        .packWeights(
            shape(values.x(), values.y()), weights(values), values.prepared(), values.workers());
  }

  /** Computes y; {@code after} are the stages of its epilogue that follow the bias. */
  default void forward(Forward values, Epilogue after) {
    ConvolutionShape shape = shape(values.x(), values.y());
    Operand weights =
        values.prepared().isPresent()
            ? values.prepared()
            : values.kernels().packed(shape, weights(values), values.workers());
    forward(values, weights, after.with(operand(values.parameters(), 1)));
  }

  /** Computes y of {@code weights} as the kernels read them. */
  default void forward(Forward values, Operand weights, Epilogue epilogue) {
    Tensor x = values.x();
    Tensor y = values.y();
    values
        .kernels()
        .convolutionForward(
            shape(x, y),
            x.shape().n(),
            x.array(),
            x.offset(),
            weights,
            epilogue,
            y.array(),
            y.offset(),
            values.workers());
  }

  @Override
  default void forward(Forward values) {
    forward(values, Epilogue.NONE);
  }

  /**
   * Computes the gradients. Where there is a {@code relued} output, dy is its gradient, and the
   * output is undefined afterwards. dy is only read.
   */
  default void backward(Forward values, Backward gradients, Operand relued) {
    Tensor x = values.x();
    Tensor dy = gradients.dy();
    Backward.InputGradient input = gradients.first();
    ConvolutionBackward operands =
        new ConvolutionBackward(
            x.operand(),
            weights(values),
            relued,
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
    backward(values, gradients, Operand.NONE);
  }

  @Override
  default boolean backwardReadsInput(int number) {
    return true;
  }

  @Override
  default boolean inputGradientReadsInput(int number) {
    return false;
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
