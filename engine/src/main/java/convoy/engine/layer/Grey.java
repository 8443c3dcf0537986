package convoy.engine.layer;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.kernel.Window;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;

/**
 * Colour to grey, by the weights of luma in ITU-R recommendation BT.601: 0.299, 0.587 and 0.114 of
 * red, green and blue.
 *
 * <p>Shapes: x (N, H, W, 3), y (N, H, W, 1). Forward: y = sum over c of x[c] w[c]. Backward: dx[c]
 * = dy w[c]; with delta = dy, dC/da of each colour is delta w[c], and there is no dC/dw. It is a
 * 1x1 {@link Convolution} of one filter, and computed so; nothing is trained.
 */
public record Grey() implements OperationLayer {
  /** Of red, green and blue. */
  private static final float[] WEIGHTS = {0.299f, 0.587f, 0.114f};

  private static final int COLOURS = 3;

  @Override
  public String kind() {
    return "grey";
  }

  @Override
  public Shape outputShape(Shape x) {
    if (x.c() != COLOURS) {
      throw new IllegalArgumentException(
          "the input is "
              + x.image()
              + ", wanted 3 channels (red, green, blue): grey images need no grey layer");
    }
    return new Shape(x.n(), x.h(), x.w(), 1);
  }

  @Override
  public long multiplications(Shape x) {
    return x.n() * shape(x, COLOURS, 1).multiplications();
  }

  @Override
  public long executedMultiplications(Kernels kernels, Shape x) {
    return x.n() * kernels.executedMultiplications(shape(x, COLOURS, 1));
  }

  @Override
  public ScratchSize scratch(Kernels kernels, Shape x) {
    return kernels.scratch(shape(x, COLOURS, 1));
  }

  @Override
  public boolean backwardReadsInput(int number) {
    return false;
  }

  @Override
  public boolean backwardReadsOutput() {
    return false;
  }

  @Override
  public boolean writesWithPixelStride() {
    return true;
  }

  private static ConvolutionShape shape(Shape x, int xPixelStride, int yPixelStride) {
    Window pixel = new Window(1, 1, 1, 1, 0, 0, 0, 0);
    return new ConvolutionShape(x.h(), x.w(), COLOURS, 1, pixel, xPixelStride, yPixelStride);
  }

  @Override
  public Pass forward(Forward values) {
    Tensor x = values.x();
    ConvolutionShape shape = shape(x.shape(), x.pixelStride(), values.y().pixelStride());
    return FixedConvolution.forward(values, shape, 0, new Operand(WEIGHTS, 0));
  }

  @Override
  public Pass backward(Forward values, Backward gradients) {
    if (!gradients.first().isWanted()) {
      return Pass.NONE;
    }
    Tensor x = values.x();
    ConvolutionShape shape = shape(x.shape(), x.pixelStride(), gradients.dy().pixelStride());
    return FixedConvolution.backward(values, gradients, shape, 0, new Operand(WEIGHTS, 0));
  }
}
