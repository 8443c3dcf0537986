package convoy.engine.kernel;

/**
 * The sizes of a pooling of one image, NHWC.
 *
 * @param h input height
 * @param w input width
 * @param c channels
 * @param window window size, stride and padding
 * @param xPixelStride floats from one input pixel to the next, at least c
 * @param yPixelStride floats from one output pixel to the next, at least c
 */
public record PoolingShape(int h, int w, int c, Window window, int xPixelStride, int yPixelStride) {

  public PoolingShape {
    if (h < 1 || w < 1 || c < 1) {
      throw new IllegalArgumentException(
          "pooling of " + h + "x" + w + "x" + c + ": each must be >= 1");
    }
    if (xPixelStride < c || yPixelStride < c) {
      throw new IllegalArgumentException(
          "pixel strides " + xPixelStride + " and " + yPixelStride + ", wanted at least " + c);
    }
    if (window.outputHeight(h) < 1 || window.outputWidth(w) < 1) {
      throw new IllegalArgumentException(
          "a " + window.r() + "x" + window.s() + " window does not fit an input of " + h + "x" + w);
    }
  }

  /** Output height P. */
  public int p() {
    return window.outputHeight(h);
  }

  /** Output width Q. */
  public int q() {
    return window.outputWidth(w);
  }

  /** The first row of the image under the windows at row p of the output. */
  public int firstRow(int p) {
    return Math.max(0, p * window.strideH() - window.top());
  }

  /** The first column of the image under the windows at column q of the output. */
  public int firstColumn(int q) {
    return Math.max(0, q * window.strideW() - window.left());
  }

  /** Rows of the image under the windows at row p of the output; 0 if those lie outside. */
  public int rows(int p) {
    int end = p * window.strideH() - window.top() + window.r();
    return Math.max(0, Math.min(h, end) - firstRow(p));
  }

  /** Columns of the image under the windows at column q of the output; 0 if those lie outside. */
  public int columns(int q) {
    int end = q * window.strideW() - window.left() + window.s();
    return Math.max(0, Math.min(w, end) - firstColumn(q));
  }

  /** Number of the input pixel (n, row, column), counted over the whole batch. */
  public int pixel(int n, int row, int column) {
    return (n * h + row) * w + column;
  }
}
