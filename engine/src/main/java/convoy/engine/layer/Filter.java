package convoy.engine.layer;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A classic filter over each channel by itself, with weights that are given and never trained.
 *
 * <p>Shapes: x (N, H, W, C), y (N, P, Q, C), as of a {@link Convolution} of stride 1.
 *
 * <p>Forward: y[n,p,q,c] = sum over r, s of x[n, p + r - top, q + s - left, c] w[r,s], x being 0
 * outside the image. Backward: dx[n,h,w,c] = sum of dy[n,p,q,c] w[r,s] over all p, r with p + r -
 * top = h and q, s alike; with delta = dy, dC/da of what is filtered is delta convolved with w, and
 * there is no dC/dw. Each channel is computed as a convolution of one channel to one filter.
 *
 * @param kernel the weights w
 * @param padding what surrounds the image
 */
public record Filter(FilterKernel kernel, Padding padding) implements OperationLayer, Windowed {

  @Override
  public String kind() {
    return kernel.kind();
  }

  @Override
  public SlidingWindow window() {
    return new SlidingWindow(kernel.size(), kernel.size(), 1, 1, padding);
  }

  @Override
  public Shape outputShape(Shape x) {
    return window().outputShape(x, x.c());
  }

  @Override
  public long multiplications(Shape x) {
    return x.n() * x.c() * shape(x, x.c(), x.c()).multiplications();
  }

  @Override
  public long executedMultiplications(Kernels kernels, Shape x) {
    return x.n() * x.c() * kernels.executedMultiplications(shape(x, x.c(), x.c()));
  }

  @Override
  public ScratchSize scratch(Kernels kernels, Shape x) {
    return kernels.scratch(shape(x, x.c(), x.c()));
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

  /** One channel of {@code x}. */
  private ConvolutionShape shape(Shape x, int xPixelStride, int yPixelStride) {
    return new ConvolutionShape(x.h(), x.w(), 1, 1, window().over(x), xPixelStride, yPixelStride);
  }

  @Override
  public Pass forward(Forward values) {
    Tensor x = values.x();
    ConvolutionShape shape = shape(x.shape(), x.pixelStride(), values.y().pixelStride());
    Operand w = new Operand(kernel.weights(), 0);
    List<Pass> passes = new ArrayList<>();
    for (int c = 0; c < x.shape().c(); c++) {
      passes.add(FixedConvolution.forward(values, shape, c, w));
    }
    return Pass.inOrder(passes);
  }

  @Override
  public Pass backward(Forward values, Backward gradients) {
    if (!gradients.first().isWanted()) {
      return Pass.NONE;
    }
    Tensor x = values.x();
    ConvolutionShape shape = shape(x.shape(), x.pixelStride(), gradients.dy().pixelStride());
    Operand w = new Operand(kernel.weights(), 0);
    List<Pass> passes = new ArrayList<>();
    for (int c = 0; c < x.shape().c(); c++) {
      passes.add(FixedConvolution.backward(values, gradients, shape, c, w));
    }
    return Pass.inOrder(passes);
  }
}
