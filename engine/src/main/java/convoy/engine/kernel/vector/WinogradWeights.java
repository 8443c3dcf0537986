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
 * <p>Both take ROWS rows of a panel at a time through scratch memory. Many weights exceed every
 * cache in transformed form, and what moves then are 36 pieces, each in a page of its own: the
 * longer they are, the fewer pages have to be found.
 *
 * @param shape the convolution
 */
record WinogradWeights(ConvolutionShape shape) {
  private static final int COLUMNS = MicroKernel.COLUMNS;
  private static final int ORIGIN = Workers.ORIGIN;
  private static final int R = 3;

  /** Rows of a panel that are transformed together, a multiple of the micro-kernel's rows. */
  private static final int ROWS = 32;

  private static final int SIZE = ROWS * COLUMNS;

  /** Pairs of channels up to which U stays near the second-level cache. */
  private static final int FEW_PAIRS = 128 * 128;

  /** Tiles of a block with few weights, a multiple of both row counts of the micro-kernel. */
  private static final int FEW_TILES = 64;

  /** The same with more. */
  private static final int MANY_TILES = 128;

  /** Whether all points of U, and of its gradient, stay near the second-level cache. */
  boolean areFew() {
    return (long) shape.c() * shape.k() <= FEW_PAIRS;
  }

  /**
   * Tiles that are transformed and multiplied together. Few, so that their planes stay near the
   * second-level cache; but each block reads U, and backward reads and writes its gradient, so more
   * where there are many weights, whose planes exceed it all the same. Forward, with 128 tiles 256
   * and 512 channels take 0.92 to 0.97 of the time that they take with 64. Backward, with 64 tiles
   * 64 and 128 channels take 0.95 of the time that they take with 128 tiles, and 256 channels 1.06
   * times it.
   */
  int blockTiles() {
    return areFew() ? FEW_TILES : MANY_TILES;
  }

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
    return (INPUT + INPUT * R + R * R) * SIZE;
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
          Arrays.fill(scratch, ORIGIN, ORIGIN + R * R * SIZE, 0);
          for (int c = 0; c < C; c += ROWS) {
            int rows = Math.min(ROWS, C - c);
            for (int cell = 0; cell < R * R; cell++) {
              int from = w.offset() + (cell * C + c) * K + k, to = ORIGIN + cell * SIZE;
              for (int row = 0; row < rows; row++) {
                System.arraycopy(w.array(), from + row * K, scratch, to + row * COLUMNS, filters);
              }
            }
            int to = panels.offset() + (panel * C + c) * COLUMNS;
            transform(scratch, panels.array(), to, planeSize, rows * COLUMNS);
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
          Arrays.fill(scratch, ORIGIN, ORIGIN + R * R * SIZE, 0);
          for (int k = 0; k < K; k += ROWS) {
            int rows = Math.min(ROWS, K - k);
            for (int cell = 0; cell < R * R; cell++) {
              int from = w.offset() + (cell * C + c) * K + k, to = ORIGIN + cell * SIZE;
              Transposition.copy(w.array(), from, K, channels, rows, scratch, to, COLUMNS);
            }
            int to = ORIGIN + (panel * K + k) * COLUMNS;
            transform(scratch, workers.shared(), to, planeSize, rows * COLUMNS);
          }
        });
  }

  /** Transforms the 3x3 times {@code size} weights that lie at the scratch memory's ORIGIN. */
  private static void transform(float[] scratch, float[] panels, int to, int planeSize, int size) {
    int passes = ORIGIN + R * R * SIZE;
    for (int s = 0; s < R; s++) {
      WinogradTransforms.weights(
          scratch, ORIGIN + s * SIZE, R * SIZE, scratch, passes + s * SIZE, R * SIZE, size);
    }
    for (int i = 0; i < INPUT; i++) {
      WinogradTransforms.weights(
          scratch,
          passes + i * R * SIZE,
          SIZE,
          panels,
          to + i * INPUT * planeSize,
          planeSize,
          size);
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
   * after the other from {@code sums} on in {@code workers.shared()}.
   */
  Pass gradient(int count, int sums, Operand dw, Workers workers) {
    int parts = (gradientRows() + ROWS - 1) / ROWS;
    return workers.pass(
        parts * Panels.count(shape.k()),
        (part, worker) -> {
          int c = part % parts * ROWS, k = part / parts * COLUMNS;
          int size = Math.min(ROWS, gradientRows() - c) * COLUMNS;
          float[] scratch = workers.scratch(worker);
          inverse(workers.shared(), sums + gradientPlace(c, k), count, size, scratch);
          store(scratch, c, k, dw);
        });
  }

  /**
   * G^T dU G of {@code size} floats of each point, from {@code from} on in each of {@code count}
   * sums; the result begins at the scratch memory's ORIGIN, its cells SIZE floats apart.
   */
  private void inverse(float[] sums, int from, int count, int size, float[] scratch) {
    int planeSize = gradientPlaneSize(), passes = ORIGIN + R * R * SIZE;
    int column = passes + R * INPUT * SIZE;
    for (int j = 0; j < INPUT; j++) {
      for (int i = 0; i < INPUT; i++) {
        int point = from + (i * INPUT + j) * planeSize, to = column + i * SIZE;
        System.arraycopy(sums, point, scratch, to, size);
        for (int sum = 1; sum < count; sum++) {
          add(sums, point + sum * gradientSize(), scratch, to, size);
        }
      }
      WinogradTransforms.weightGradient(
          scratch, column, SIZE, scratch, passes + j * SIZE, INPUT * SIZE, size);
    }
    for (int r = 0; r < R; r++) {
      WinogradTransforms.weightGradient(
          scratch, passes + r * INPUT * SIZE, SIZE, scratch, ORIGIN + r * R * SIZE, SIZE, size);
    }
  }

  private static void add(float[] source, int from, float[] target, int to, int size) {
    for (int i = 0; i < size; i++) {
      target[to + i] += source[from + i];
    }
  }

  private void store(float[] scratch, int firstC, int firstK, Operand dw) {
    int C = shape.c(), K = shape.k(), filters = Math.min(COLUMNS, K - firstK);
    for (int cell = 0; cell < R * R; cell++) {
      for (int c = firstC; c < Math.min(C, firstC + ROWS); c++) {
        int from = ORIGIN + cell * SIZE + (c - firstC) * COLUMNS;
        int to = dw.offset() + (cell * C + c) * K + firstK;
        System.arraycopy(scratch, from, dw.array(), to, filters);
      }
    }
  }
}
