package convoy.engine.kernel.vector;

import static convoy.engine.kernel.vector.WinogradTransforms.INPUT;
import static convoy.engine.kernel.vector.WinogradTransforms.POINTS;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.Workers;
import java.util.Arrays;

/**
 * The transformed weights of a 3x3 convolution, U = G g G^T for each pair of channels, packed as
 * the right sides of the {@link MicroKernel}; and the way back for their gradient, dw = G^T dU G.
 *
 * @param shape the convolution
 */
record WinogradWeights(ConvolutionShape shape) {
  private static final int COLUMNS = MicroKernel.COLUMNS;
  private static final int ORIGIN = Workers.ORIGIN;
  private static final int R = 3;

  /** Scratch memory of each worker. */
  private static final int SCRATCH = (R * R + INPUT * R) * COLUMNS;

  /** Input channels that a part of the gradient's way back takes. */
  private static final int ROWS = 4;

  /** Floats of the panels of one point of U: C rows for each panel of filters. */
  int planeSize() {
    return Panels.padded(shape.k()) * shape.c();
  }

  /** Floats of the panels of one point of U turned: K rows for each panel of input channels. */
  int turnedPlaneSize() {
    return Panels.padded(shape.c()) * shape.k();
  }

  /** Scratch floats that each worker needs. */
  static int scratch() {
    return Math.max(SCRATCH, INPUT * R * ROWS * COLUMNS);
  }

  /** Floats of the panels of all points of U. */
  int size() {
    return Math.multiplyExact(POINTS, planeSize());
  }

  /** The pass that packs U[point][c][k] for the forward pass. */
  Pass packing(Operand w, Operand panels, Workers workers) {
    int C = shape.c(), K = shape.k(), planeSize = planeSize();
    return workers.pass(
        Panels.count(K),
        (panel, worker) -> {
          float[] scratch = workers.scratch(worker);
          int k = panel * COLUMNS, filters = Math.min(COLUMNS, K - k);
          Arrays.fill(scratch, ORIGIN, ORIGIN + R * R * COLUMNS, 0);
          for (int c = 0; c < C; c++) {
            for (int cell = 0; cell < R * R; cell++) {
              int from = w.offset() + (cell * C + c) * K + k;
              for (int i = 0; i < filters; i++) {
                scratch[ORIGIN + cell * COLUMNS + i] = w.array()[from + i];
              }
            }
            int to = panels.offset() + (panel * C + c) * COLUMNS;
            transform(scratch, panels.array(), to, planeSize);
          }
        });
  }

  /**
   * The pass that packs U[point][k][c], turned, for the input's gradient, into {@code
   * workers.shared()}.
   */
  Pass turnedPacking(Operand w, Workers workers) {
    int C = shape.c(), K = shape.k(), planeSize = turnedPlaneSize();
    return workers.pass(
        Panels.count(C),
        (panel, worker) -> {
          float[] scratch = workers.scratch(worker);
          int c = panel * COLUMNS, channels = Math.min(COLUMNS, C - c);
          Arrays.fill(scratch, ORIGIN, ORIGIN + R * R * COLUMNS, 0);
          for (int k = 0; k < K; k++) {
            for (int cell = 0; cell < R * R; cell++) {
              int from = w.offset() + (cell * C + c) * K + k;
              for (int i = 0; i < channels; i++) {
                scratch[ORIGIN + cell * COLUMNS + i] = w.array()[from + i * K];
              }
            }
            transform(scratch, workers.shared(), ORIGIN + (panel * K + k) * COLUMNS, planeSize);
          }
        });
  }

  /** Transforms the 3x3 rows of COLUMNS weights that lie at the scratch memory's ORIGIN. */
  private static void transform(float[] scratch, float[] panels, int to, int planeSize) {
    int passes = ORIGIN + R * R * COLUMNS;
    for (int s = 0; s < R; s++) {
      WinogradTransforms.weights(
          scratch,
          ORIGIN + s * COLUMNS,
          R * COLUMNS,
          scratch,
          passes + s * COLUMNS,
          R * COLUMNS,
          COLUMNS);
    }
    for (int i = 0; i < INPUT; i++) {
      WinogradTransforms.weights(
          scratch,
          passes + i * R * COLUMNS,
          COLUMNS,
          panels,
          to + i * INPUT * planeSize,
          planeSize,
          COLUMNS);
    }
  }

  /** Rows of dU: C in whole register blocks. */
  private int gradientRows() {
    return (shape.c() + MicroKernel.ROWS - 1) / MicroKernel.ROWS * MicroKernel.ROWS;
  }

  /** Floats of one point of a sum of dU, which lies as [point][k / COLUMNS][c][k % COLUMNS]. */
  int gradientPlaneSize() {
    return gradientRows() * Panels.padded(shape.k());
  }

  /** Floats of a sum of dU. */
  int gradientSize() {
    return POINTS * gradientPlaneSize();
  }

  /** Where the row of {@code c} for filters from {@code k} on, a multiple of COLUMNS, begins. */
  int gradientPlace(int c, int k) {
    return k * gradientRows() + c * COLUMNS;
  }

  /**
   * The pass dw = G^T dU G, dU being the sum, in order, of the {@code count} sums that lie one
   * after the other from {@code sums} on in {@code workers.shared()}, which are undefined
   * afterwards.
   */
  Pass gradient(int count, int sums, Operand dw, Workers workers) {
    int parts = gradientRows() / ROWS;
    return workers.pass(
        parts * Panels.count(shape.k()),
        (part, worker) -> {
          int c = part % parts * ROWS, k = part / parts * COLUMNS;
          float[] shared = workers.shared();
          int rows = sums + gradientPlace(c, k);
          for (int sum = 1; sum < count; sum++) {
            for (int point = 0; point < POINTS; point++) {
              int to = rows + point * gradientPlaneSize();
              add(shared, to, sum * gradientSize(), ROWS * COLUMNS);
            }
          }
          inverse(shared, rows, workers.scratch(worker));
          store(shared, rows, c, k, dw);
        });
  }

  /** G^T dU G of ROWS rows; the result replaces the first points of what has been read. */
  private void inverse(float[] sums, int rows, float[] scratch) {
    int planeSize = gradientPlaneSize(), size = ROWS * COLUMNS;
    for (int j = 0; j < INPUT; j++) {
      WinogradTransforms.weightGradient(
          sums,
          rows + j * planeSize,
          INPUT * planeSize,
          scratch,
          ORIGIN + j * size,
          INPUT * size,
          size);
    }
    for (int r = 0; r < R; r++) {
      WinogradTransforms.weightGradient(
          scratch,
          ORIGIN + r * INPUT * size,
          size,
          sums,
          rows + r * R * planeSize,
          planeSize,
          size);
    }
  }

  private void store(float[] sums, int rows, int firstC, int firstK, Operand dw) {
    int C = shape.c(), K = shape.k(), filters = Math.min(COLUMNS, K - firstK);
    for (int cell = 0; cell < R * R; cell++) {
      for (int c = firstC; c < Math.min(C, firstC + ROWS); c++) {
        int from = rows + cell * gradientPlaneSize() + (c - firstC) * COLUMNS;
        int to = dw.offset() + (cell * C + c) * K + firstK;
        System.arraycopy(sums, from, dw.array(), to, filters);
      }
    }
  }

  /** Adds the {@code size} values that lie {@code distance} behind those at {@code to}. */
  private static void add(float[] array, int to, int distance, int size) {
    for (int i = to; i < to + size; i++) {
      array[i] += array[i + distance];
    }
  }
}
