package convoy.engine.kernel.vector;

import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.PoolingFunction;
import convoy.engine.kernel.PoolingShape;
import convoy.engine.kernel.Workers;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Pooling with the lanes along channels, for channels that fill a vector. Where the last vector
 * would reach beyond them it begins earlier and computes some again; their gradients are then -0,
 * which changes nothing that it is added to.
 *
 * <p>Each window is cut to the image and walked by row and column in one flat loop, so that its
 * vectors stay in registers. The smallest is found as the largest of the values with their signs
 * changed, which rounds nothing. The earlier cell is kept where it is at least as large, or NaN:
 * that makes the first of the largest win, and the first NaN before all. Backward finds the winners
 * again, as cell numbers in float lanes, which is cheaper than storing them.
 *
 * @param function what is made of the cells
 * @param shape the sizes
 */
record Pooling(PoolingFunction function, PoolingShape shape) {
  private static final int WIDTH = MicroKernel.WIDTH;

  /** The number of each lane. */
  private static final FloatVector NUMBERS = FloatVector.zero(MicroKernel.LANES).addIndex(1);

  /** Whether the channels of {@code shape} fill a vector. */
  static boolean fits(PoolingShape shape) {
    return shape.c() >= WIDTH;
  }

  /** The first channel of the vector that covers {@code c} and those behind it. */
  private int start(int c) {
    return Math.min(c, shape.c() - WIDTH);
  }

  /** The gradients from channel {@code start} on, those before {@code c} counted already. */
  private static FloatVector gradients(float[] dy, int output, int start, int c) {
    FloatVector gradients = FloatVector.fromArray(MicroKernel.LANES, dy, output + start);
    return start == c
        ? gradients
        : gradients.blend(-0f, NUMBERS.compare(VectorOperators.LT, c - start));
  }

  /** Overwrites y. */
  Pass forward(int images, Operand x, Operand y, Workers workers) {
    int P = shape.p(), Q = shape.q();
    float[] in = x.array(), out = y.array();
    return workers.pass(
        images * P,
        (part, worker) -> {
          for (int q = 0; q < Q; q++) {
            int output = y.offset() + (part * Q + q) * shape.yPixelStride();
            int rows = shape.rows(part % P), columns = shape.columns(q);
            int first = x.offset() + firstCell(part / P, part % P, q);
            if (rows * columns == 0) {
              Arrays.fill(out, output, output + shape.c(), function.ofNoCell());
            } else if (function == PoolingFunction.MEAN) {
              mean(in, first, rows, columns, out, output);
            } else {
              largest(sign(), in, first, rows, columns, out, output);
            }
          }
        });
  }

  /** Overwrites dx, or adds to it if {@code accumulate}. */
  Pass backward(
      int images, Operand x, Operand dy, boolean accumulate, Operand dx, Workers workers) {
    int P = shape.p(), Q = shape.q(), inputs = shape.h() * shape.w();
    int from = x.offset(), own = dy.offset(), to = dx.offset();
    float[] in = x.array(), slopes = dy.array(), gradients = dx.array();
    return workers.pass(
        images,
        (n, worker) -> {
          for (int pixel = n * inputs; pixel < (n + 1) * inputs && !accumulate; pixel++) {
            int input = to + pixel * shape.xPixelStride();
            Arrays.fill(gradients, input, input + shape.c(), 0);
          }
          for (int p = 0; p < P; p++) {
            for (int q = 0; q < Q; q++) {
              int output = own + ((n * P + p) * Q + q) * shape.yPixelStride();
              int cell = firstCell(n, p, q), rows = shape.rows(p), columns = shape.columns(q);
              if (function == PoolingFunction.MEAN) {
                share(rows, columns, slopes, output, gradients, to + cell);
              } else {
                spread(in, from + cell, rows, columns, slopes, output, gradients, to + cell);
              }
            }
          }
        });
  }

  /** What the values are multiplied by, so that the largest is sought. */
  private float sign() {
    return function == PoolingFunction.MIN ? -1 : 1;
  }

  /** Distance of the first pixel under the window from the operand's start. */
  private int firstCell(int n, int p, int q) {
    return shape.pixel(n, shape.firstRow(p), shape.firstColumn(q)) * shape.xPixelStride();
  }

  /** Distance from the last cell of a row under the window to the first of the next row. */
  private int turn(int columns) {
    return (shape.w() - columns + 1) * shape.xPixelStride();
  }

  /** y[all c] = the mean of {@code rows} x {@code columns} cells that begin at {@code first}. */
  private void mean(float[] x, int first, int rows, int columns, float[] y, int output) {
    int step = shape.xPixelStride(), turn = turn(columns);
    for (int c = 0; c < shape.c(); c += WIDTH) {
      FloatVector sum = FloatVector.zero(MicroKernel.LANES);
      int start = start(c), at = first + start;
      for (int cell = 0, column = 1; cell < rows * columns; cell++, column++) {
        sum = sum.add(FloatVector.fromArray(MicroKernel.LANES, x, at));
        at += column == columns ? turn : step;
        column = column == columns ? 0 : column;
      }
      sum.div(rows * columns).intoArray(y, output + start);
    }
  }

  /** Adds an equal share of dy[all c] to each cell of dx. */
  private void share(int rows, int columns, float[] dy, int output, float[] dx, int first) {
    int step = shape.xPixelStride(), turn = turn(columns);
    for (int c = 0; c < shape.c(); c += WIDTH) {
      int start = start(c), at = first + start;
      FloatVector share = gradients(dy, output, start, c).div(rows * columns);
      for (int cell = 0, column = 1; cell < rows * columns; cell++, column++) {
        FloatVector.fromArray(MicroKernel.LANES, dx, at).add(share).intoArray(dx, at);
        at += column == columns ? turn : step;
        column = column == columns ? 0 : column;
      }
    }
  }

  /** y[all c] = the largest of the cells, as {@code sign} changes them. */
  private void largest(
      float sign, float[] x, int first, int rows, int columns, float[] y, int output) {
    int step = shape.xPixelStride(), turn = turn(columns);
    for (int c = 0; c < shape.c(); c += WIDTH) {
      int start = start(c), at = first + start;
      FloatVector best = FloatVector.fromArray(MicroKernel.LANES, x, at).mul(sign);
      for (int cell = 1, column = 1; cell < rows * columns; cell++, column++) {
        at += column == columns ? turn : step;
        column = column == columns ? 0 : column;
        FloatVector value = FloatVector.fromArray(MicroKernel.LANES, x, at).mul(sign);
        best = value.blend(best, kept(best, value));
      }
      best.mul(sign).intoArray(y, output + start);
    }
  }

  /** Adds dy[all c] to the cell of dx that won in each channel. */
  private void spread(
      float[] x,
      int first,
      int rows,
      int columns,
      float[] dy,
      int output,
      float[] dx,
      int firstGradient) {
    float sign = sign();
    int cells = rows * columns, step = shape.xPixelStride(), turn = turn(columns);
    for (int c = 0; c < shape.c() && cells > 0; c += WIDTH) {
      int start = start(c), at = start;
      FloatVector best = FloatVector.fromArray(MicroKernel.LANES, x, first + at).mul(sign);
      FloatVector winner = FloatVector.zero(MicroKernel.LANES);
      for (int cell = 1, column = 1; cell < cells; cell++, column++) {
        at += column == columns ? turn : step;
        column = column == columns ? 0 : column;
        FloatVector value = FloatVector.fromArray(MicroKernel.LANES, x, first + at).mul(sign);
        VectorMask<Float> kept = kept(best, value);
        best = value.blend(best, kept);
        winner = FloatVector.broadcast(MicroKernel.LANES, cell).blend(winner, kept);
      }
      FloatVector gradient = gradients(dy, output, start, c);
      at = start;
      for (int cell = 0, column = 1; cell < cells; cell++, column++) {
        FloatVector old = FloatVector.fromArray(MicroKernel.LANES, dx, firstGradient + at);
        VectorMask<Float> won = winner.compare(VectorOperators.EQ, cell);
        old.blend(old.add(gradient), won).intoArray(dx, firstGradient + at);
        at += column == columns ? turn : step;
        column = column == columns ? 0 : column;
      }
    }
  }

  /** Where the earlier {@code best} stays: it is at least as large as {@code value}, or NaN. */
  private static VectorMask<Float> kept(FloatVector best, FloatVector value) {
    return best.compare(VectorOperators.GE, value).or(best.compare(VectorOperators.NE, best));
  }
}
