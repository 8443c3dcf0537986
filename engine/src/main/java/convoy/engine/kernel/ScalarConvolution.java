package convoy.engine.kernel;

import java.util.Arrays;

/**
 * The convolution of the reference kernels, as the plain loops of its definition with sums in
 * double.
 */
final class ScalarConvolution {
  /** Channels in a part of a sum over pixels. */
  private static final int CHANNELS = 16;

  private ScalarConvolution() {}

  /** As {@link Kernels#convolutionForward}. */
  static void forward(
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
      store(sums, epilogue, y, yOffset, ((n * P + p) * Q + q) * shape.yPixelStride());
    }
  }

  private static void store(double[] sums, Epilogue epilogue, float[] y, int yOffset, int pixel) {
    Operand bias = epilogue.bias(), add = epilogue.add();
    Operand activation = epilogue.activation(), shortcut = epilogue.shortcut();
    for (int k = 0; k < sums.length; k++) {
      double sum = sums[k];
      if (bias.isPresent()) {
        sum += bias.array()[bias.offset() + k];
      }
      float value = (float) sum;
      if (add.isPresent()) {
        value += add.array()[add.offset() + pixel + k];
      }
      value = epilogue.relu() && value < 0 ? 0 : value;
      if (activation.isPresent()) {
        activation.array()[activation.offset() + pixel + k] = value;
      }
      if (shortcut.isPresent()) {
        value += shortcut.array()[shortcut.offset() + pixel + k];
      }
      y[yOffset + pixel + k] = value;
    }
  }

  /** As {@link Kernels#convolutionBackward}. */
  static void backward(
      ConvolutionShape shape, int images, ConvolutionBackward operands, Workers workers) {
    Operand x = operands.x(), w = operands.w(), y = operands.y();
    Operand dw = operands.dw(), db = operands.db(), dx = operands.dx();
    if (y.isPresent()) {
      mask(shape, images, y, operands.dy(), workers);
    }
    Operand dy = y.isPresent() ? y : operands.dy();
    if (db.isPresent()) {
      biasGradient(shape, images, dy, db, workers);
    }
    if (dw.isPresent()) {
      workers.run(
          shape.taps(),
          (tap, worker) ->
              weightGradientRow(
                  shape,
                  images,
                  tap,
                  x.array(),
                  x.offset(),
                  dy.array(),
                  dy.offset(),
                  dw.array(),
                  dw.offset()));
    }
    if (dx.isPresent()) {
      dataGradient(shape, images, dy, w, operands.accumulate(), dx, workers);
    }
  }

  /** Puts dy where the ReLU's output y is above 0, and 0 elsewhere in y. */
  private static void mask(
      ConvolutionShape shape, int images, Operand y, Operand dy, Workers workers) {
    workers.run(
        images * shape.p() * shape.q(),
        (part, worker) -> {
          int pixel = part * shape.yPixelStride();
          for (int k = 0; k < shape.k(); k++) {
            boolean passes = y.array()[y.offset() + pixel + k] > 0;
            y.array()[y.offset() + pixel + k] = passes ? dy.array()[dy.offset() + pixel + k] : 0;
          }
        });
  }

  private static void biasGradient(
      ConvolutionShape shape, int images, Operand dy, Operand db, Workers workers) {
    int K = shape.k(), pixels = images * shape.p() * shape.q();
    workers.run(
        (K + CHANNELS - 1) / CHANNELS,
        (part, worker) -> {
          int first = part * CHANNELS;
          double[] sums = new double[Math.min(CHANNELS, K - first)];
          for (int pixel = 0; pixel < pixels; pixel++) {
            for (int i = 0; i < sums.length; i++) {
              sums[i] += dy.array()[dy.offset() + pixel * shape.yPixelStride() + first + i];
            }
          }
          for (int i = 0; i < sums.length; i++) {
            db.array()[db.offset() + first + i] = (float) sums[i];
          }
        });
  }

  private static void dataGradient(
      ConvolutionShape shape,
      int images,
      Operand dy,
      Operand w,
      boolean accumulate,
      Operand dx,
      Workers workers) {
    int H = shape.h(), W = shape.w();
    workers.run(
        images * H,
        (part, worker) -> {
          for (int col = 0; col < W; col++) {
            int pixel = dx.offset() + (part * W + col) * shape.xPixelStride();
            for (int c = 0; c < shape.c(); c++) {
              float sum = (float) dataGradient(shape, part / H, part % H, col, c, dy, w);
              dx.array()[pixel + c] = accumulate ? dx.array()[pixel + c] + sum : sum;
            }
          }
        });
  }

  /** dx[n, h, col, c]: the sum over the windows that cover the pixel, and over k. */
  private static double dataGradient(
      ConvolutionShape shape, int n, int h, int col, int c, Operand dy, Operand w) {
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
        int pixel = dy.offset() + ((n * P + p) * Q + q) * shape.yPixelStride();
        int weights = w.offset() + ((r * S + s) * C + c) * K;
        for (int k = 0; k < K; k++) {
          sum += (double) dy.array()[pixel + k] * w.array()[weights + k];
        }
      }
    }
    return sum;
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
}
