package convoy.engine.kernel;

import java.util.Arrays;

/**
 * The reference: every kernel as the plain loops of its definition.
 *
 * <p>Sums are accumulated in double and rounded once, so each result is the true one to within half
 * a unit in the last place or so. Where a sum runs over outputs side by side, the output channels
 * are innermost. Nothing here is tuned, and taps outside an image are left out, not multiplied by
 * zero.
 */
public class ScalarKernels implements Kernels {
  /** Floats in a part of an element-wise pass. */
  private static final int ELEMENTS = 1 << 14;

  /** Channels in a part of a sum over pixels. */
  private static final int CHANNELS = 16;

  @Override
  public String name() {
    return "scalar";
  }

  @Override
  public String description() {
    return "scalar kernels (plain loops, sums in double)";
  }

  @Override
  public ScratchSize scratch(ConvolutionShape shape) {
    return ScratchSize.NONE;
  }

  @Override
  public void convolutionForward(
      ConvolutionShape shape,
      int images,
      float[] x,
      int xOffset,
      float[] w,
      int wOffset,
      Epilogue epilogue,
      float[] y,
      int yOffset,
      Workers workers) {
    int P = shape.p();
    workers.run(
        images * P,
        (part, worker) ->
            forwardRow(shape, part / P, part % P, x, xOffset, w, wOffset, epilogue, y, yOffset));
  }

  /** Row p of the output of image n. */
  private static void forwardRow(
      ConvolutionShape shape,
      int n,
      int p,
      float[] x,
      int xOffset,
      float[] w,
      int wOffset,
      Epilogue epilogue,
      float[] y,
      int yOffset) {
    Window window = shape.window();
    int H = shape.h(), W = shape.w(), C = shape.c(), K = shape.k();
    int P = shape.p(), Q = shape.q(), S = window.s();
    double[] sums = new double[K];
    for (int q = 0; q < Q; q++) {
      Arrays.fill(sums, 0);
      for (int r = 0; r < window.r(); r++) {
        int h = p * window.strideH() + r - window.top();
        for (int s = 0; s < S; s++) {
          int col = q * window.strideW() + s - window.left();
          if (h < 0 || h >= H || col < 0 || col >= W) {
            continue;
          }
          int pixel = xOffset + ((n * H + h) * W + col) * shape.xPixelStride();
          for (int c = 0; c < C; c++) {
            double value = x[pixel + c];
            int weights = wOffset + ((r * S + s) * C + c) * K;
            for (int k = 0; k < K; k++) {
              sums[k] += value * w[weights + k];
            }
          }
        }
      }
      store(sums, epilogue, y, yOffset + ((n * P + p) * Q + q) * shape.yPixelStride());
    }
  }

  private static void store(double[] sums, Epilogue epilogue, float[] y, int offset) {
    for (int k = 0; k < sums.length; k++) {
      double sum = sums[k];
      if (epilogue.bias() != null) {
        sum += epilogue.bias()[epilogue.biasOffset() + k];
      }
      float value = (float) sum;
      y[offset + k] = epilogue.relu() && value < 0 ? 0 : value;
    }
  }

  @Override
  public void convolutionBackwardData(
      ConvolutionShape shape,
      int images,
      float[] dy,
      int dyOffset,
      float[] w,
      int wOffset,
      boolean accumulate,
      float[] dx,
      int dxOffset,
      Workers workers) {
    int H = shape.h(), W = shape.w();
    workers.run(
        images * H,
        (part, worker) -> {
          int n = part / H, h = part % H;
          for (int col = 0; col < W; col++) {
            int pixel = dxOffset + (part * W + col) * shape.xPixelStride();
            for (int c = 0; c < shape.c(); c++) {
              float sum = (float) dataGradient(shape, n, h, col, c, dy, dyOffset, w, wOffset);
              dx[pixel + c] = accumulate ? dx[pixel + c] + sum : sum;
            }
          }
        });
  }

  /** dx[n, h, col, c]: the sum over the windows that cover the pixel, and over k. */
  private static double dataGradient(
      ConvolutionShape shape,
      int n,
      int h,
      int col,
      int c,
      float[] dy,
      int dyOffset,
      float[] w,
      int wOffset) {
    Window window = shape.window();
    int P = shape.p(), Q = shape.q(), C = shape.c(), K = shape.k(), S = window.s();
    double sum = 0;
    for (int r = 0; r < window.r(); r++) {
      int top = h + window.top() - r;
      int p = top / window.strideH();
      if (top < 0 || top % window.strideH() != 0 || p >= P) {
        continue;
      }
      for (int s = 0; s < S; s++) {
        int left = col + window.left() - s;
        int q = left / window.strideW();
        if (left < 0 || left % window.strideW() != 0 || q >= Q) {
          continue;
        }
        int pixel = dyOffset + ((n * P + p) * Q + q) * shape.yPixelStride();
        int weights = wOffset + ((r * S + s) * C + c) * K;
        for (int k = 0; k < K; k++) {
          sum += (double) dy[pixel + k] * w[weights + k];
        }
      }
    }
    return sum;
  }

  @Override
  public void convolutionBackwardWeights(
      ConvolutionShape shape,
      int images,
      float[] x,
      int xOffset,
      float[] dy,
      int dyOffset,
      float[] dw,
      int dwOffset,
      Workers workers) {
    workers.run(
        shape.taps(),
        (tap, worker) ->
            weightGradientRow(shape, images, tap, x, xOffset, dy, dyOffset, dw, dwOffset));
  }

  /** dw[r, s, c, all k] where tap = (r * S + s) * C + c. */
  private static void weightGradientRow(
      ConvolutionShape shape,
      int images,
      int tap,
      float[] x,
      int xOffset,
      float[] dy,
      int dyOffset,
      float[] dw,
      int dwOffset) {
    Window window = shape.window();
    int H = shape.h(), W = shape.w(), C = shape.c(), K = shape.k();
    int P = shape.p(), Q = shape.q(), S = window.s();
    int r = tap / (S * C), s = tap / C % S, c = tap % C;
    double[] sums = new double[K];
    for (int n = 0; n < images; n++) {
      for (int p = 0; p < P; p++) {
        int h = p * window.strideH() + r - window.top();
        for (int q = 0; q < Q; q++) {
          int col = q * window.strideW() + s - window.left();
          if (h < 0 || h >= H || col < 0 || col >= W) {
            continue;
          }
          double value = x[xOffset + ((n * H + h) * W + col) * shape.xPixelStride() + c];
          int pixel = dyOffset + ((n * P + p) * Q + q) * shape.yPixelStride();
          for (int k = 0; k < K; k++) {
            sums[k] += value * dy[pixel + k];
          }
        }
      }
    }
    for (int k = 0; k < K; k++) {
      dw[dwOffset + tap * K + k] = (float) sums[k];
    }
  }

  @Override
  public void biasGradient(
      int pixels,
      int c,
      float[] dy,
      int dyOffset,
      int dyPixelStride,
      float[] db,
      int dbOffset,
      Workers workers) {
    workers.run(
        (c + CHANNELS - 1) / CHANNELS,
        (part, worker) -> {
          int first = part * CHANNELS;
          double[] sums = new double[Math.min(CHANNELS, c - first)];
          for (int pixel = 0; pixel < pixels; pixel++) {
            for (int i = 0; i < sums.length; i++) {
              sums[i] += dy[dyOffset + pixel * dyPixelStride + first + i];
            }
          }
          for (int i = 0; i < sums.length; i++) {
            db[dbOffset + first + i] = (float) sums[i];
          }
        });
  }

  @Override
  public void maxPoolingForward(
      PoolingShape shape,
      int images,
      float[] x,
      int xOffset,
      float[] y,
      int yOffset,
      Workers workers) {
    int P = shape.p(), Q = shape.q();
    workers.run(
        images * P,
        (part, worker) -> {
          for (int q = 0; q < Q; q++) {
            int output = yOffset + (part * Q + q) * shape.yPixelStride();
            for (int c = 0; c < shape.c(); c++) {
              int cell = largestCell(shape, part / P, part % P, q, c, x, xOffset);
              y[output + c] =
                  cell < 0 ? Float.NEGATIVE_INFINITY : x[xOffset + cell * shape.xPixelStride() + c];
            }
          }
        });
  }

  @Override
  public void maxPoolingBackward(
      PoolingShape shape,
      int images,
      float[] x,
      int xOffset,
      float[] dy,
      int dyOffset,
      boolean accumulate,
      float[] dx,
      int dxOffset,
      Workers workers) {
    int P = shape.p(), Q = shape.q(), inputs = shape.h() * shape.w();
    workers.run(
        images,
        (n, worker) -> {
          for (int pixel = n * inputs; pixel < (n + 1) * inputs && !accumulate; pixel++) {
            int input = dxOffset + pixel * shape.xPixelStride();
            Arrays.fill(dx, input, input + shape.c(), 0);
          }
          for (int output = 0; output < P * Q; output++) {
            int gradient = dyOffset + (n * P * Q + output) * shape.yPixelStride();
            for (int c = 0; c < shape.c(); c++) {
              int cell = largestCell(shape, n, output / Q, output % Q, c, x, xOffset);
              if (cell >= 0) {
                dx[dxOffset + cell * shape.xPixelStride() + c] += dy[gradient + c];
              }
            }
          }
        });
  }

  /**
   * The pixel, counted over the whole batch, whose x is the largest in channel c under the window
   * at (p, q) of image n: the first NaN, else the first of the largest, -1 if the window lies
   * wholly outside the image.
   */
  private static int largestCell(
      PoolingShape shape, int n, int p, int q, int c, float[] x, int xOffset) {
    Window window = shape.window();
    int H = shape.h(), W = shape.w();
    int cell = -1;
    float largest = Float.NEGATIVE_INFINITY;
    for (int r = 0; r < window.r(); r++) {
      int h = p * window.strideH() + r - window.top();
      for (int s = 0; s < window.s(); s++) {
        int col = q * window.strideW() + s - window.left();
        if (h < 0 || h >= H || col < 0 || col >= W) {
          continue;
        }
        int pixel = (n * H + h) * W + col;
        float value = x[xOffset + pixel * shape.xPixelStride() + c];
        boolean firstNaN = Float.isNaN(value) && !Float.isNaN(largest);
        if (cell < 0 || value > largest || firstNaN) {
          cell = pixel;
          largest = value;
        }
      }
    }
    return cell;
  }

  @Override
  public void reluForward(
      int size, float[] x, int xOffset, float[] y, int yOffset, Workers workers) {
    workers.run(
        elementParts(size),
        (part, worker) -> {
          for (int i = part * ELEMENTS; i < elementEnd(part, size); i++) {
            float value = x[xOffset + i];
            y[yOffset + i] = value < 0 ? 0 : value;
          }
        });
  }

  @Override
  public void reluBackward(
      int size,
      float[] y,
      int yOffset,
      float[] dy,
      int dyOffset,
      boolean accumulate,
      float[] dx,
      int dxOffset,
      Workers workers) {
    workers.run(
        elementParts(size),
        (part, worker) -> {
          for (int i = part * ELEMENTS; i < elementEnd(part, size); i++) {
            float gradient = y[yOffset + i] > 0 ? dy[dyOffset + i] : 0;
            dx[dxOffset + i] = accumulate ? dx[dxOffset + i] + gradient : gradient;
          }
        });
  }

  @Override
  public void add(
      int size,
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      float[] y,
      int yOffset,
      Workers workers) {
    workers.run(
        elementParts(size),
        (part, worker) -> {
          for (int i = part * ELEMENTS; i < elementEnd(part, size); i++) {
            y[yOffset + i] = a[aOffset + i] + b[bOffset + i];
          }
        });
  }

  @Override
  public void scale(
      int pixels,
      int c,
      float[] x,
      int xOffset,
      float[] factor,
      float[] shift,
      float[] y,
      int yOffset,
      Workers workers) {
    int pixelsInPart = Math.max(1, ELEMENTS / c);
    workers.run(
        (pixels + pixelsInPart - 1) / pixelsInPart,
        (part, worker) -> {
          int end = Math.min(pixels, (part + 1) * pixelsInPart);
          for (int pixel = part * pixelsInPart; pixel < end; pixel++) {
            for (int i = 0; i < c; i++) {
              y[yOffset + pixel * c + i] = x[xOffset + pixel * c + i] * factor[i] + shift[i];
            }
          }
        });
  }

  private static int elementParts(int size) {
    return (int) (((long) size + ELEMENTS - 1) / ELEMENTS);
  }

  private static int elementEnd(int part, int size) {
    return (int) Math.min(size, (part + 1L) * ELEMENTS);
  }
}
