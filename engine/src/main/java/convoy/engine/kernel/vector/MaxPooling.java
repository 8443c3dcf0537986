package convoy.engine.kernel.vector;

import convoy.engine.kernel.PoolingShape;
import convoy.engine.kernel.Window;
import convoy.engine.kernel.Workers;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/**
 * Max pooling with the lanes along channels, for channels that fill whole vectors.
 *
 * <p>Each window is cut to the image and walked by row and column in one flat loop, so that its
 * vectors stay in registers. The earlier cell is kept where it is at least as large, or NaN: that
 * makes the first of the largest win, and the first NaN before all. Backward finds the winners
 * again, as cell numbers in float lanes, which is cheaper than storing them.
 *
 * @param shape the sizes
 */
record MaxPooling(PoolingShape shape) {
  private static final int WIDTH = MicroKernel.WIDTH;

  /** Whether the channels of {@code shape} fill whole vectors. */
  static boolean fits(PoolingShape shape) {
    return shape.c() % WIDTH == 0;
  }

  /** Overwrites y. */
  void forward(int images, float[] x, int xOffset, float[] y, int yOffset, Workers workers) {
    int P = shape.p(), Q = shape.q();
    workers.run(
        images * P,
        (part, worker) -> {
          for (int q = 0; q < Q; q++) {
            int output = yOffset + (part * Q + q) * shape.yPixelStride();
            int rows = rows(part % P), columns = columns(q);
            if (rows > 0 && columns > 0) {
              largest(x, xOffset + firstCell(part / P, part % P, q), rows, columns, y, output);
            } else {
              Arrays.fill(y, output, output + shape.c(), Float.NEGATIVE_INFINITY);
            }
          }
        });
  }

  /** Overwrites dx, or adds to it if {@code accumulate}. */
  void backward(
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
          for (int p = 0; p < P; p++) {
            for (int q = 0; q < Q; q++) {
              int output = dyOffset + ((n * P + p) * Q + q) * shape.yPixelStride();
              int cell = firstCell(n, p, q);
              spread(x, xOffset + cell, rows(p), columns(q), dy, output, dx, dxOffset + cell);
            }
          }
        });
  }

  /** The first row of the image under the window at row p of the output. */
  private int firstRow(int p) {
    return Math.max(0, p * shape.window().strideH() - shape.window().top());
  }

  private int firstColumn(int q) {
    return Math.max(0, q * shape.window().strideW() - shape.window().left());
  }

  /** Rows of the image under the window at row p of the output; none if not positive. */
  private int rows(int p) {
    Window window = shape.window();
    int end = p * window.strideH() - window.top() + window.r();
    return Math.min(shape.h(), end) - firstRow(p);
  }

  private int columns(int q) {
    Window window = shape.window();
    int end = q * window.strideW() - window.left() + window.s();
    return Math.min(shape.w(), end) - firstColumn(q);
  }

  /** Distance of the first pixel under the window from the operand's start. */
  private int firstCell(int n, int p, int q) {
    return ((n * shape.h() + firstRow(p)) * shape.w() + firstColumn(q)) * shape.xPixelStride();
  }

  /** y[all c] = the largest of {@code rows} x {@code columns} cells that begin at {@code first}. */
  private void largest(float[] x, int first, int rows, int columns, float[] y, int output) {
    int step = shape.xPixelStride(), turn = (shape.w() - columns + 1) * step;
    for (int c = 0; c < shape.c(); c += WIDTH) {
      FloatVector best = FloatVector.fromArray(MicroKernel.LANES, x, first + c);
      int at = first + c;
      for (int cell = 1, column = 1; cell < rows * columns; cell++, column++) {
        at += column == columns ? turn : step;
        column = column == columns ? 0 : column;
        FloatVector value = FloatVector.fromArray(MicroKernel.LANES, x, at);
        best = value.blend(best, kept(best, value));
      }
      best.intoArray(y, output + c);
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
    int cells = rows > 0 && columns > 0 ? rows * columns : 0;
    int step = shape.xPixelStride(), turn = (shape.w() - columns + 1) * step;
    for (int c = 0; c < shape.c() && cells > 0; c += WIDTH) {
      FloatVector best = FloatVector.fromArray(MicroKernel.LANES, x, first + c);
      FloatVector winner = FloatVector.zero(MicroKernel.LANES);
      int at = c;
      for (int cell = 1, column = 1; cell < cells; cell++, column++) {
        at += column == columns ? turn : step;
        column = column == columns ? 0 : column;
        FloatVector value = FloatVector.fromArray(MicroKernel.LANES, x, first + at);
        VectorMask<Float> kept = kept(best, value);
        best = value.blend(best, kept);
        winner = FloatVector.broadcast(MicroKernel.LANES, cell).blend(winner, kept);
      }
      FloatVector gradient = FloatVector.fromArray(MicroKernel.LANES, dy, output + c);
      at = c;
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
