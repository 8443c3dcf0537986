package convoy.engine.layer;

import convoy.engine.kernel.PoolingShape;
import convoy.engine.kernel.Window;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;

/**
 * Max pooling.
 *
 * <p>Shapes: x (N, H, W, C), y (N, P, Q, C), with P = (H + top + bottom - R) / strideH + 1 rounded
 * down, and Q alike.
 *
 * <p>Forward: y[n,p,q,c] = the largest x[n,h,w,c] under the window at (p, q); cells outside the
 * image count as minus infinity, and NaN wins. Backward: dy[n,p,q,c] is added to the dx of that
 * cell, of the first one by row and column if several are largest. Goodfellow, Bengio and
 * Courville, "Deep Learning", 2016, section 9.3.
 *
 * @param r window height R
 * @param s window width S
 * @param strideH rows from one window to the next
 * @param strideW columns from one window to the next
 * @param padding what surrounds the image
 */
public record MaxPooling(int r, int s, int strideH, int strideW, Padding padding)
    implements OperationLayer {

  public MaxPooling {
    if (r < 1 || s < 1 || strideH < 1 || strideW < 1) {
      throw new IllegalArgumentException(
          "maxPooling of window "
              + r
              + "x"
              + s
              + ", stride "
              + strideH
              + "x"
              + strideW
              + ": each must be >= 1");
    }
  }

  @Override
  public String kind() {
    return "maxPooling";
  }

  @Override
  public Shape outputShape(Shape x) {
    Window window = padding.window(r, s, strideH, strideW, x);
    int p = window.outputHeight(x.h());
    int q = window.outputWidth(x.w());
    if (p < 1 || q < 1) {
      throw new IllegalArgumentException(
          "a "
              + r
              + "x"
              + s
              + " window does not fit an input of "
              + x.heightWidthChannels()
              + ": use a smaller window, or padding: same");
    }
    if (Math.max(window.top(), window.bottom()) >= r
        || Math.max(window.left(), window.right()) >= s) {
      throw new IllegalArgumentException(
          "padding as large as the " + r + "x" + s + " window: some windows would hold no pixel");
    }
    return new Shape(x.n(), p, q, x.c());
  }

  @Override
  public boolean backwardReadsInput(int number) {
    return true;
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
    Window window = padding.window(r, s, strideH, strideW, in);
    return new PoolingShape(in.h(), in.w(), in.c(), window, x.pixelStride(), y.pixelStride());
  }

  @Override
  public void forward(Forward values) {
    Tensor x = values.x();
    Tensor y = values.y();
    values
        .kernels()
        .maxPoolingForward(
            shape(x, y),
            x.shape().n(),
            x.array(),
            x.offset(),
            y.array(),
            y.offset(),
            values.workers());
  }

  @Override
  public void backward(Forward values, Backward gradients) {
    if (!gradients.first().isWanted()) {
      return;
    }
    Tensor x = values.x();
    Tensor dy = gradients.dy();
    Tensor dx = gradients.first().dx();
    values
        .kernels()
        .maxPoolingBackward(
            shape(x, dy),
            x.shape().n(),
            x.array(),
            x.offset(),
            dy.array(),
            dy.offset(),
            gradients.first().accumulates(),
            dx.array(),
            dx.offset(),
            values.workers());
  }
}
