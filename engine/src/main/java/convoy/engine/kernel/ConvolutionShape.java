package convoy.engine.kernel;

/**
 * The sizes of a convolution of one image, NHWC; the batch is not part of it, so that nothing which
 * depends on a shape can depend on the batch.
 *
 * @param h input height
 * @param w input width
 * @param c input channels
 * @param k filters, the output's channels
 * @param window kernel size, stride and padding
 * @param xPixelStride floats from one input pixel to the next, at least c
 * @param yPixelStride floats from one output pixel to the next, at least k
 */
public record ConvolutionShape(
    int h, int w, int c, int k, Window window, int xPixelStride, int yPixelStride) {

  public ConvolutionShape {
    if (h < 1 || w < 1 || c < 1 || k < 1) {
      throw new IllegalArgumentException(
          "convolution of " + h + "x" + w + "x" + c + " to " + k + " filters: each must be >= 1");
    }
    if (xPixelStride < c || yPixelStride < k) {
      throw new IllegalArgumentException(
          "pixel strides "
              + xPixelStride
              + " and "
              + yPixelStride
              + ", wanted at least "
              + c
              + " and "
              + k);
    }
    if (window.outputHeight(h) < 1 || window.outputWidth(w) < 1) {
      throw new IllegalArgumentException(
          "a "
              + window.r()
              + "x"
              + window.s()
              + " kernel does not fit an input of "
              + h
              + "x"
              + w
              + " with its padding");
    }
  }

  /** A dense layer of {@code inputs} to {@code outputs}: a 1x1 convolution of one pixel. */
  public static ConvolutionShape dense(int inputs, int outputs) {
    Window pixel = new Window(1, 1, 1, 1, 0, 0, 0, 0);
    return new ConvolutionShape(1, 1, inputs, outputs, pixel, inputs, outputs);
  }

  /** The same convolution of operands whose pixels lie that far apart. */
  public ConvolutionShape withPixelStrides(int x, int y) {
    return new ConvolutionShape(h, w, c, k, window, x, y);
  }

  /** Output height P. */
  public int p() {
    return window.outputHeight(h);
  }

  /** Output width Q. */
  public int q() {
    return window.outputWidth(w);
  }

  /** Weights that feed one output: R * S * C, the length of the forward sum. */
  public int taps() {
    return window.r() * window.s() * c;
  }

  /** Multiplications of the forward pass of one image, padding counted. */
  public long multiplications() {
    return (long) p() * q() * k * taps();
  }
}
