package convoy.engine.layer;

import convoy.engine.kernel.ConvolutionBackward;
import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Epilogue;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.tensor.Tensor;

/** The passes of a convolution of one filter whose weights are given and never trained. */
final class FixedConvolution {
  private FixedConvolution() {}

  /**
   * The pass that convolves the channels from {@code channel} on of x, shape.c() of them, into
   * channel {@code channel} of y.
   */
  static Pass forward(Forward values, ConvolutionShape shape, int channel, Operand weights) {
    Tensor x = values.x();
    return values
        .kernels()
        .convolutionForward(
            shape,
            x.shape().n(),
            operand(x, channel),
            weights,
            Epilogue.NONE,
            operand(values.y(), channel),
            values.workers());
  }

  /** The pass that computes the gradient of those channels of x, which somebody wants. */
  static Pass backward(
      Forward values, Backward gradients, ConvolutionShape shape, int channel, Operand weights) {
    Tensor x = values.x();
    ConvolutionBackward operands =
        new ConvolutionBackward(
            operand(x, channel),
            weights,
            Operand.NONE,
            operand(gradients.dy(), channel),
            Operand.NONE,
            Operand.NONE,
            operand(gradients.first().dx(), channel),
            gradients.first().accumulates());
    return values.kernels().convolutionBackward(shape, x.shape().n(), operands, values.workers());
  }

  private static Operand operand(Tensor tensor, int channel) {
    return new Operand(tensor.array(), tensor.offset() + channel);
  }
}
