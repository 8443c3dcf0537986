package convoy.engine.layer;

import convoy.engine.kernel.Pass;
import convoy.engine.kernel.PoolingFunction;
import convoy.engine.kernel.PoolingShape;
import convoy.engine.kernel.Window;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.Locale;

/**
 * Max, mean or min pooling of each channel by itself.
 *
 * <p>Shapes: x (N, H, W, C), y (N, P, Q, C). Windows may overlap, and cells outside the image count
 * for nothing: as if they were minus infinity for the largest, plus infinity for the smallest; the
 * mean is taken over the cells inside the image.
 *
 * <p>Forward: y[n,p,q,c] = the largest, mean or smallest x[n,h,w,c] under the window at (p, q); NaN
 * wins. Backward, the gradient is sampled up as the derivative wants it: dy[n,p,q,c] is added to
 * the dx of the cell that was selected, of the first one by row and column if several were; of a
 * mean over m cells, dy[n,p,q,c] / m is added to the dx of each. So delta of layer l = s'(z) times
 * the delta of layer l + 1 sampled up. Goodfellow, Bengio and Courville, "Deep Learning", 2016,
 * section 9.3; Bouvrie, "Notes on Convolutional Neural Networks", 2006, section 3.2.
 *
 * @param function what is made of the cells
 * @param window size, stride and padding
 */
public record Pooling(PoolingFunction function, SlidingWindow window)
    implements OperationLayer, Windowed {

  @Override
  public String kind() {
    return function.name().toLowerCase(Locale.ROOT) + "Pooling";
  }

  @Override
  public Shape outputShape(Shape x) {
    Shape y = window.outputShape(x, x.c());
    Window padded = window.over(x);
    int lastRow = (y.h() - 1) * padded.strideH() - padded.top();
    int lastColumn = (y.w() - 1) * padded.strideW() - padded.left();
    if (padded.top() >= padded.r()
        || padded.left() >= padded.s()
        || lastRow >= x.h()
        || lastColumn >= x.w()) {
      throw new IllegalArgumentException(
          "with this padding some "
              + padded.r()
              + "x"
              + padded.s()
              + " windows would hold no pixel: lower it");
    }
    return y;
  }

  @Override
  public boolean backwardReadsInput(int number) {
    return function != PoolingFunction.MEAN;
  }

  @Override
  public boolean backwardReadsOutput() {
    return false;
  }

  @Override
  public boolean writesWithPixelStride() {
    return true;
  }

  private PoolingShape shape(Tensor x, Tensor y) {
    Shape in = x.shape();
    return new PoolingShape(
        in.h(), in.w(), in.c(), window.over(in), x.pixelStride(), y.pixelStride());
  }

  @Override
  public Pass forward(Forward values) {
    Tensor x = values.x(), y = values.y();
    return values
        .kernels()
        .poolingForward(
            function, shape(x, y), x.shape().n(), x.operand(), y.operand(), values.workers());
  }

  @Override
  public Pass backward(Forward values, Backward gradients) {
    Backward.InputGradient input = gradients.first();
    if (!input.isWanted()) {
      return Pass.NONE;
    }
    Tensor x = values.x(), dy = gradients.dy();
    return values
        .kernels()
        .poolingBackward(
            function,
            shape(x, dy),
            x.shape().n(),
            x.operand(),
            dy.operand(),
            input.accumulates(),
            input.dx().operand(),
            values.workers());
  }
}
