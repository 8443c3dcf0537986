package convoy.engine.layer;

import convoy.engine.kernel.ConvolutionBackward;
import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Epilogue;
import convoy.engine.kernel.Operand;
import convoy.engine.tensor.Tensor;

/** The passes of a convolution of one filter whose weights are given and never trained. */
final class FixedConvolution {
  private FixedConvolution() {}

  /**
   * Convolves the channels from {@code channel} on of x, shape.c() of them, into channel {@code
   * channel} of y.
   *
   * @param packed the weights, packed for the kernels
   */
  static void forward(Forward values, ConvolutionShape shape, int channel, Operand packed) {
    Tensor x = values.x();
    Tensor y = values.y();
    values
        .kernels()
        .convolutionForward(
            shape,
            x.shape().n(),
            x.array(),
            x.offset() + channel,
            packed,
            Epilogue.NONE,
            y.array(),
            y.offset() + channel,
            values.workers());
  }

  /** Computes the gradient of those channels of x, which somebody wants. */
  static void backward(
      Forward values, Backward gradients, ConvolutionShape shape, int channel, Operand weights) {
    Tensor x = values.x();
    Tensor dy = gradients.dy();
    Tensor dx = gradients.first().dx();
    ConvolutionBackward operands =
        new ConvolutionBackward(
            new Operand(x.array(), x.offset() + channel),
            weights,
            Operand.NONE,
            new Operand(dy.array(), dy.offset() + channel),
            Operand.NONE,
            Operand.NONE,
            new Operand(dx.array(), dx.offset() + channel),
            gradients.first().accumulates());
    values.kernels().convolutionBackward(shape, x.shape().n(), operands, values.workers());
  }
}
