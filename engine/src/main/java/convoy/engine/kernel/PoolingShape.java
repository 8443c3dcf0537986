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
}
