package convoy.engine.kernel;

/**
 * The convolution's three passes in double precision, straight from their common definition: each
 * (image, output, tap, filter) is one product of an x, a w and a y.
 */
final class ConvolutionTwin {
  /** What is done with the three places that meet in one product. */
  private interface Product {
    void at(int x, int w, int y);
  }

  private ConvolutionTwin() {}

  static double[] forward(
      ConvolutionShape shape,
      int images,
      float[] x,
      int xOffset,
      float[] w,
      float[] y,
      int yOffset) {
    double[] sums = cleared(y, yOffset, shape.k(), shape.yPixelStride());
    products(shape, images, (i, j, o) -> sums[yOffset + o] += (double) x[xOffset + i] * w[j]);
    return sums;
  }

  static double[] backwardData(
      ConvolutionShape shape,
      int images,
      float[] dy,
      int dyOffset,
      float[] w,
      boolean accumulate,
      float[] dx,
      int dxOffset) {
    double[] sums =
        accumulate ? doubles(dx) : cleared(dx, dxOffset, shape.c(), shape.xPixelStride());
    products(shape, images, (i, j, o) -> sums[dxOffset + i] += (double) dy[dyOffset + o] * w[j]);
    return sums;
  }

  static double[] backwardWeights(
      ConvolutionShape shape, int images, float[] x, int xOffset, float[] dy, int dyOffset) {
    double[] sums = new double[shape.taps() * shape.k()];
    products(shape, images, (i, j, o) -> sums[j] += (double) x[xOffset + i] * dy[dyOffset + o]);
    return sums;
  }

  private static void products(ConvolutionShape shape, int images, Product product) {
    Window window = shape.window();
    for (int n = 0; n < images; n++) {
      for (int p = 0; p < shape.p(); p++) {
        for (int q = 0; q < shape.q(); q++) {
          int y = ((n * shape.p() + p) * shape.q() + q) * shape.yPixelStride();
          for (int r = 0; r < window.r(); r++) {
            for (int s = 0; s < window.s(); s++) {
              int h = p * window.strideH() + r - window.top();
              int w = q * window.strideW() + s - window.left();
              if (h >= 0 && h < shape.h() && w >= 0 && w < shape.w()) {
                int x = ((n * shape.h() + h) * shape.w() + w) * shape.xPixelStride();
                int cell = (r * window.s() + s) * shape.c() * shape.k();
                channels(shape, x, cell, y, product);
              }
            }
          }
        }
      }
    }
  }

  private static void channels(ConvolutionShape shape, int x, int w, int y, Product product) {
    for (int c = 0; c < shape.c(); c++) {
      for (int k = 0; k < shape.k(); k++) {
        product.at(x + c, w + c * shape.k() + k, y + k);
      }
    }
  }

  private static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }

  /** The values as they are, except that the channels of each pixel are 0. */
  private static double[] cleared(float[] values, int offset, int channels, int pixelStride) {
    double[] doubles = doubles(values);
    for (int i = offset; i < values.length; i++) {
      if ((i - offset) % pixelStride < channels) {
        doubles[i] = 0;
      }
    }
    return doubles;
  }
}
