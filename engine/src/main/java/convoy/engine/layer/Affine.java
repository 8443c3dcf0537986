package convoy.engine.layer;

import convoy.engine.kernel.ConvolutionBackward;
import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Epilogue;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.ScratchSize;
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

  /** Where the weights lie as the kernels want them, behind {@link #weightArrangement}. */
  default Operand weights(Forward values) {
    return values.parameters().get(0).operand();
  }

  /** The pass that arranges the parameter as {@link #weights}; other passes may undo that. */
  default Pass weightArrangement(Forward values) {
    return Pass.NONE;
  }

  /** The pass that makes {@code dw}, the gradient of {@link #weights}, that of the parameter. */
  default Pass gradientArrangement(Tensor x, Operand dw) {
    return Pass.NONE;
  }

  @Override
  default int prepared(Kernels kernels, Shape x) {
    return kernels.packedSize(shape(x));
  }

  @Override
  default ScratchSize preparedScratch(Kernels kernels, Shape x) {
    return kernels.packedScratch(shape(x));
  }

  @Override
  default Pass preparation(Forward values) {
    ConvolutionShape shape = shape(values.x(), values.y());
    return Pass.inOrder(
        List.of(
            weightArrangement(values),
            values
                .kernels()
                .weightPacking(shape, weights(values), values.prepared(), values.workers())));
  }

  /** The pass that computes y; {@code after} are the stages of its epilogue behind the bias. */
  default Pass forward(Forward values, Epilogue after) {
    Epilogue epilogue = after.with(operand(values.parameters(), 1));
    if (values.prepared().isPresent()) {
      return preparedForward(values, epilogue);
    }
    Tensor x = values.x(), y = values.y();
    Pass convolution =
        values
            .kernels()
            .convolutionForward(
                shape(x, y),
                x.shape().n(),
                x.operand(),
                weights(values),
                epilogue,
                y.operand(),
                values.workers());
    return Pass.inOrder(List.of(weightArrangement(values), convolution));
  }

  /** The pass that computes y of prepared weights. */
  default Pass preparedForward(Forward values, Epilogue epilogue) {
    Tensor x = values.x(), y = values.y();
    return values
        .kernels()
        .packedConvolutionForward(
            shape(x, y),
            x.shape().n(),
            x.operand(),
            values.prepared(),
            epilogue,
            y.operand(),
            values.workers());
  }

  @Override
  default Pass forward(Forward values) {
    return forward(values, Epilogue.NONE);
  }

  /**
   * The pass that computes the gradients. Where there is a {@code relued} output, dy is its
   * gradient, and the output is undefined afterwards. dy is only read, or, if it is to be {@code
   * masked}, 0 afterwards where the output is not above 0.
   */
  default Pass backward(Forward values, Backward gradients, Operand relued, boolean masked) {
    Tensor x = values.x(), dy = gradients.dy();
    Backward.InputGradient input = gradients.first();
    Operand dw = operand(gradients.parameterGradients(), 0);
    ConvolutionBackward operands =
        new ConvolutionBackward(
            x.operand(),
            weights(values),
            relued,
            dy.operand(),
            masked,
            dw,
            operand(gradients.parameterGradients(), 1),
            input.isWanted() ? input.dx().operand() : Operand.NONE,
            input.accumulates());
    Pass convolution =
        values
            .kernels()
            .convolutionBackward(shape(x, dy), x.shape().n(), operands, values.workers());
    Pass last = dw.isPresent() ? gradientArrangement(x, dw) : Pass.NONE;
    return Pass.inOrder(List.of(weightArrangement(values), convolution, last));
  }

  @Override
  default Pass backward(Forward values, Backward gradients) {
    return backward(values, gradients, Operand.NONE, false);
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
