package convoy.engine.layer;

import convoy.engine.kernel.PoolingFunction;

/** Layers with a window, for tests, in one line each. */
public final class TestLayers {
  private TestLayers() {}

  /** A convolution that is a correlation. */
  public static Convolution convolution(
      int filters, int r, int s, int strideH, int strideW, Padding padding, boolean bias) {
    SlidingWindow window = new SlidingWindow(r, s, strideH, strideW, padding);
    return new Convolution(
        filters, window, bias, Convolution.Mode.CORRELATION, Initialization.GLOROT_UNIFORM);
  }

  /** The same convolution in the other mode: its kernel is turned. */
  public static Convolution turned(Convolution layer) {
    return new Convolution(
        layer.filters(),
        layer.window(),
        layer.bias(),
        Convolution.Mode.CONVOLUTION,
        layer.initializer());
  }

  /** A max pooling. */
  public static Pooling maxPooling(int r, int s, int strideH, int strideW, Padding padding) {
    return new Pooling(PoolingFunction.MAX, new SlidingWindow(r, s, strideH, strideW, padding));
  }
}
