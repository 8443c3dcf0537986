package convoy.engine.kernel;

import java.util.Arrays;

/**
 * Pooling as plain loops. What is outside the image is left out, so that nothing depends on how it
 * would be filled.
 */
final class ScalarPooling {
  private ScalarPooling() {}

  static Pass forward(
      PoolingFunction function,
      PoolingShape shape,
      int images,
      Operand x,
      Operand y,
      Workers workers) {
    int P = shape.p(), Q = shape.q(), from = x.offset(), to = y.offset();
    float[] in = x.array(), out = y.array();
    return workers.pass(
        images * P,
        (part, worker) -> {
          for (int q = 0; q < Q; q++) {
            int output = to + (part * Q + q) * shape.yPixelStride();
            for (int c = 0; c < shape.c(); c++) {
              out[output + c] = pooled(function, shape, part / P, part % P, q, in, from + c);
            }
          }
        });
  }

  /** The output of the window at (p, q) of image n in the channel that begins at x[from]. */
  private static float pooled(
      PoolingFunction function, PoolingShape shape, int n, int p, int q, float[] x, int from) {
    if (function == PoolingFunction.MEAN) {
      return sum(shape, n, p, q, x, from) / (shape.rows(p) * shape.columns(q));
    }
    int cell = selectedCell(function, shape, n, p, q, x, from);
    return cell < 0 ? function.ofNoCell() : x[from + cell * shape.xPixelStride()];
  }

  private static float sum(PoolingShape shape, int n, int p, int q, float[] x, int from) {
    float sum = 0;
    for (int h = shape.firstRow(p); h < shape.firstRow(p) + shape.rows(p); h++) {
      for (int w = shape.firstColumn(q); w < shape.firstColumn(q) + shape.columns(q); w++) {
        sum += x[from + shape.pixel(n, h, w) * shape.xPixelStride()];
      }
    }
    return sum;
  }

  /**
   * The pixel, counted over the whole batch, that wins the window at (p, q) of image n: the first
   * NaN, else the first of the largest or smallest, -1 if the window lies wholly outside the image.
   */
  private static int selectedCell(
      PoolingFunction function, PoolingShape shape, int n, int p, int q, float[] x, int from) {
    boolean max = function == PoolingFunction.MAX;
    int selected = -1;
    float best = function.ofNoCell();
    for (int h = shape.firstRow(p); h < shape.firstRow(p) + shape.rows(p); h++) {
      for (int w = shape.firstColumn(q); w < shape.firstColumn(q) + shape.columns(q); w++) {
        int pixel = shape.pixel(n, h, w);
        float value = x[from + pixel * shape.xPixelStride()];
        boolean firstNaN = Float.isNaN(value) && !Float.isNaN(best);
        if (selected < 0 || firstNaN || (max ? value > best : value < best)) {
          selected = pixel;
          best = value;
        }
      }
    }
    return selected;
  }

  static Pass backward(
      PoolingFunction function,
      PoolingShape shape,
      int images,
      Operand x,
      Operand dy,
      boolean accumulate,
      Operand dx,
      Workers workers) {
    int P = shape.p(), Q = shape.q(), inputs = shape.h() * shape.w();
    int from = x.offset(), slope = dy.offset(), to = dx.offset();
    float[] in = x.array(), slopes = dy.array(), gradients = dx.array();
    return workers.pass(
        images,
        (n, worker) -> {
          for (int pixel = n * inputs; pixel < (n + 1) * inputs && !accumulate; pixel++) {
            int input = to + pixel * shape.xPixelStride();
            Arrays.fill(gradients, input, input + shape.c(), 0);
          }
          for (int output = 0; output < P * Q; output++) {
            int own = slope + (n * P * Q + output) * shape.yPixelStride(), p = output / Q;
            for (int c = 0; c < shape.c(); c++) {
              if (function == PoolingFunction.MEAN) {
                share(shape, n, p, output % Q, slopes[own + c], gradients, to + c);
                continue;
              }
              int cell = selectedCell(function, shape, n, p, output % Q, in, from + c);
              if (cell >= 0) {
                gradients[to + cell * shape.xPixelStride() + c] += slopes[own + c];
              }
            }
          }
        });
  }

  /** Adds an equal share of {@code gradient} to each cell under the window at (p, q). */
  private static void share(
      PoolingShape shape, int n, int p, int q, float gradient, float[] dx, int to) {
    float share = gradient / (shape.rows(p) * shape.columns(q));
    for (int h = shape.firstRow(p); h < shape.firstRow(p) + shape.rows(p); h++) {
      for (int w = shape.firstColumn(q); w < shape.firstColumn(q) + shape.columns(q); w++) {
        dx[to + shape.pixel(n, h, w) * shape.xPixelStride()] += share;
      }
    }
  }
}
