package convoy.engine.kernel;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * The convolution of the reference kernels, as the plain loops of its definition with sums in
 * double.
 *
 * <p>The innermost loop, {@link #add}, runs over channels side by side, in arrays that both begin
 * there: C2 turns it into vectors, which it does not where indices differ or a float becomes a
 * double. So a row of floats is widened first, and serves all pixels of a row or a block of
 * channels.
 */
final class ScalarConvolution {
  /** Channels in a part of a sum over pixels. */
  private static final int CHANNELS = 16;

  private static final int ORIGIN = Workers.ORIGIN;

  private ScalarConvolution() {}

  /** The scratch memory of both passes: the turned weights, a row of pixels and one row more. */
  static ScratchSize scratch(ConvolutionShape shape) {
    int rows = Math.max(CHANNELS, Math.max(shape.q(), shape.w()));
    int turned = Math.multiplyExact(shape.taps(), shape.k());
    return new ScratchSize(0, turned, rows + 1, Math.max(CHANNELS, Math.max(shape.c(), shape.k())));
  }

  /** As {@link Kernels#convolutionForward}. */
  static Pass forward(
      ConvolutionShape shape,
      int images,
      Operand x,
      Operand w,
      Epilogue epilogue,
      Operand y,
      Workers workers) {
    int P = shape.p();
    return workers.pass(
        images * P,
        (part, worker) -> {
          double[][] sums = workers.doubles(worker);
          sumRow(shape, part / P, part % P, x, w, sums);
          for (int q = 0; q < shape.q(); q++) {
            int pixel = (part * shape.q() + q) * shape.yPixelStride();
            store(sums[q], shape.k(), epilogue, y, pixel);
          }
        });
  }

  /** sums[q][k] of row p of the output of image n, for all q. */
  private static void sumRow(
      ConvolutionShape shape, int n, int p, Operand x, Operand w, double[][] sums) {
    Window window = shape.window();
    int H = shape.h(), W = shape.w(), C = shape.c(), K = shape.k();
    int Q = shape.q(), S = window.s();
    double[] weights = sums[Q];
    clear(sums, Q, K);
    for (int r = 0; r < window.r(); r++) {
      int h = p * window.strideH() + r - window.top();
      for (int tap = r * S * C; tap < (r + 1) * S * C && h >= 0 && h < H; tap++) {
        int s = tap / C % S, c = tap % C;
        widen(w.array(), w.offset() + tap * K, weights, K);
        for (int q = 0; q < Q; q++) {
          int col = q * window.strideW() + s - window.left();
          if (col >= 0 && col < W) {
            int pixel = x.offset() + ((n * H + h) * W + col) * shape.xPixelStride();
            add(x.array()[pixel + c], weights, K, sums[q]);
          }
        }
      }
    }
  }

  private static void store(double[] sums, int K, Epilogue epilogue, Operand y, int pixel) {
    Operand bias = epilogue.bias(), add = epilogue.add();
    Operand activation = epilogue.activation(), shortcut = epilogue.shortcut();
    for (int k = 0; k < K; k++) {
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
      y.array()[y.offset() + pixel + k] = value;
    }
  }

  /** As {@link Kernels#convolutionBackward}. */
  static Pass backward(
      ConvolutionShape shape, int images, ConvolutionBackward operands, Workers workers) {
    List<Pass> passes = new ArrayList<>();
    Operand y = operands.y(), dx = operands.dx(), dy = operands.counted();
    if (y.isPresent()) {
      passes.add(mask(shape, images, y, operands.dy(), dy, workers));
    }
    if (operands.db().isPresent()) {
      passes.add(biasGradient(shape, images, dy, operands.db(), workers));
    }
    if (operands.dw().isPresent()) {
      passes.add(weightGradient(shape, images, operands.x(), dy, operands.dw(), workers));
    }
    if (dx.isPresent()) {
      passes.add(turning(shape, operands.w(), workers));
      passes.add(dataGradient(shape, images, dy, operands.accumulate(), dx, workers));
    }
    return Pass.inOrder(passes);
  }

  /** Puts dy where the ReLU's output y is above 0, and 0 elsewhere in {@code counted}. */
  private static Pass mask(
      ConvolutionShape shape, int images, Operand y, Operand dy, Operand counted, Workers workers) {
    return workers.pass(
        images * shape.p() * shape.q(),
        (part, worker) -> {
          int pixel = part * shape.yPixelStride();
          for (int k = 0; k < shape.k(); k++) {
            boolean passes = y.array()[y.offset() + pixel + k] > 0;
            float gradient = passes ? dy.array()[dy.offset() + pixel + k] : 0;
            counted.array()[counted.offset() + pixel + k] = gradient;
          }
        });
  }

  private static Pass biasGradient(
      ConvolutionShape shape, int images, Operand dy, Operand db, Workers workers) {
    int K = shape.k(), pixels = images * shape.p() * shape.q();
    return workers.pass(
        (K + CHANNELS - 1) / CHANNELS,
        (part, worker) -> {
          int first = part * CHANNELS, channels = Math.min(CHANNELS, K - first);
          double[] sums = workers.doubles(worker)[0];
          Arrays.fill(sums, 0, channels, 0);
          for (int pixel = 0; pixel < pixels; pixel++) {
            for (int i = 0; i < channels; i++) {
              sums[i] += dy.array()[dy.offset() + pixel * shape.yPixelStride() + first + i];
            }
          }
          for (int i = 0; i < channels; i++) {
            db.array()[db.offset() + first + i] = (float) sums[i];
          }
        });
  }

  /** In parts of CHANNELS input channels under one cell of the window. */
  private static Pass weightGradient(
      ConvolutionShape shape, int images, Operand x, Operand dy, Operand dw, Workers workers) {
    int C = shape.c(), K = shape.k(), blocks = (C + CHANNELS - 1) / CHANNELS;
    return workers.pass(
        shape.window().r() * shape.window().s() * blocks,
        (part, worker) -> {
          int cell = part / blocks, first = part % blocks * CHANNELS;
          int channels = Math.min(CHANNELS, C - first);
          double[][] sums = workers.doubles(worker);
          sumCell(shape, images, cell, first, channels, x, dy, sums);
          for (int c = 0; c < channels; c++) {
            int to = dw.offset() + (cell * C + first + c) * K;
            for (int k = 0; k < K; k++) {
              dw.array()[to + k] = (float) sums[c][k];
            }
          }
        });
  }

  /** sums[c][k] of dw[r, s, first + c, k], where cell = r * S + s, for {@code channels} c. */
  private static void sumCell(
      ConvolutionShape shape,
      int images,
      int cell,
      int first,
      int channels,
      Operand x,
      Operand dy,
      double[][] sums) {
    Window window = shape.window();
    int H = shape.h(), W = shape.w(), K = shape.k(), P = shape.p(), Q = shape.q();
    int r = cell / window.s(), s = cell % window.s();
    double[] gradients = sums[channels];
    clear(sums, channels, K);
    for (int row = 0; row < images * P; row++) {
      int n = row / P, h = row % P * window.strideH() + r - window.top();
      for (int q = 0; q < Q && h >= 0 && h < H; q++) {
        int col = q * window.strideW() + s - window.left();
        if (col >= 0 && col < W) {
          int pixel = x.offset() + ((n * H + h) * W + col) * shape.xPixelStride() + first;
          widen(dy.array(), dy.offset() + (row * Q + q) * shape.yPixelStride(), gradients, K);
          for (int c = 0; c < channels; c++) {
            add(x.array()[pixel + c], gradients, K, sums[c]);
          }
        }
      }
    }
  }

  /** Writes w[r,s,c,k] as [r,s,k,c] into the shared scratch memory. */
  private static Pass turning(ConvolutionShape shape, Operand w, Workers workers) {
    int C = shape.c(), K = shape.k();
    return workers.pass(
        shape.taps(),
        (tap, worker) -> {
          int to = ORIGIN + tap / C * K * C + tap % C;
          for (int k = 0; k < K; k++) {
            workers.shared()[to + k * C] = w.array()[w.offset() + tap * K + k];
          }
        });
  }

  private static Pass dataGradient(
      ConvolutionShape shape,
      int images,
      Operand dy,
      boolean accumulate,
      Operand dx,
      Workers workers) {
    int H = shape.h(), W = shape.w();
    return workers.pass(
        images * H,
        (part, worker) -> {
          double[][] sums = workers.doubles(worker);
          sumInputRow(shape, part / H, part % H, dy, workers.shared(), sums);
          for (int col = 0; col < W; col++) {
            int pixel = dx.offset() + (part * W + col) * shape.xPixelStride();
            for (int c = 0; c < shape.c(); c++) {
              float sum = (float) sums[col][c];
              dx.array()[pixel + c] = accumulate ? dx.array()[pixel + c] + sum : sum;
            }
          }
        });
  }

  /**
   * sums[col][c] of dx[n, h, col, c], for all columns: over the windows that cover the pixel, and
   * over k. {@code turned} holds the weights as {@link #turning} leaves them.
   */
  private static void sumInputRow(
      ConvolutionShape shape, int n, int h, Operand dy, float[] turned, double[][] sums) {
    Window window = shape.window();
    int W = shape.w(), C = shape.c(), K = shape.k(), P = shape.p(), Q = shape.q();
    int S = window.s();
    double[] weights = sums[W];
    clear(sums, W, C);
    for (int r = 0; r < window.r(); r++) {
      int top = h + window.top() - r, p = top / window.strideH();
      boolean covered = top >= 0 && top % window.strideH() == 0 && p < P;
      for (int tap = r * S * K; tap < (r + 1) * S * K && covered; tap++) {
        int s = tap / K % S, k = tap % K;
        widen(turned, ORIGIN + tap * C, weights, C);
        for (int col = 0; col < W; col++) {
          int left = col + window.left() - s, q = left / window.strideW();
          if (left >= 0 && left % window.strideW() == 0 && q < Q) {
            int pixel = dy.offset() + ((n * P + p) * Q + q) * shape.yPixelStride();
            add(dy.array()[pixel + k], weights, C, sums[col]);
          }
        }
      }
    }
  }

  private static void clear(double[][] sums, int rows, int length) {
    for (int row = 0; row < rows; row++) {
      Arrays.fill(sums[row], 0, length, 0);
    }
  }

  /** Copies {@code length} floats from {@code from} on to the start of {@code row}. */
  private static void widen(float[] values, int from, double[] row, int length) {
    for (int i = 0; i < length; i++) {
      row[i] = values[from + i];
    }
  }

  /** sums[i] += factor * row[i] for the first {@code length} i. */
  private static void add(double factor, double[] row, int length, double[] sums) {
    for (int i = 0; i < length; i++) {
      sums[i] += factor * row[i];
    }
  }
}
