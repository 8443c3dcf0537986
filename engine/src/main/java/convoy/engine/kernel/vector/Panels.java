package convoy.engine.kernel.vector;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.Workers;
import jdk.incubator.vector.FloatVector;

/**
 * Packs matrices for the right side of the micro-kernel: [columns / COLUMNS][depth][COLUMNS], so
 * that the kernel reads one panel from its start to its end. What fills up the last panel is
 * undefined, and what it gives is never stored.
 */
final class Panels {
  private static final int COLUMNS = MicroKernel.COLUMNS;

  private Panels() {}

  /** Panels that hold {@code columns}. */
  static int count(int columns) {
    return (columns + COLUMNS - 1) / COLUMNS;
  }

  /** Columns that those panels hold, padding counted. */
  static int padded(int columns) {
    return count(columns) * COLUMNS;
  }

  /**
   * Packs {@code depth} rows of {@code columns} floats, {@code stride} floats apart, into panels
   * that begin {@code panelStride} floats apart.
   */
  static void pack(
      float[] source,
      int offset,
      int stride,
      int depth,
      int columns,
      float[] panels,
      int panelsOffset,
      int panelStride) {
    for (int first = 0, panel = panelsOffset; first < columns; first += COLUMNS) {
      int length = Math.min(COLUMNS, columns - first);
      if (length == COLUMNS) {
        copyRows(source, offset + first, stride, depth, panels, panel);
      } else {
        for (int i = 0; i < depth; i++) {
          for (int j = 0; j < COLUMNS; j++) {
            panels[panel + i * COLUMNS + j] =
                j < length ? source[offset + i * stride + first + j] : 0;
          }
        }
      }
      panel += panelStride;
    }
  }

  private static void copyRows(
      float[] source, int offset, int stride, int depth, float[] panels, int panel) {
    for (int i = 0; i < depth; i++) {
      int from = offset + i * stride, to = panel + i * COLUMNS;
      FloatVector.fromArray(MicroKernel.LANES, source, from).intoArray(panels, to);
      FloatVector.fromArray(MicroKernel.LANES, source, from + MicroKernel.WIDTH)
          .intoArray(panels, to + MicroKernel.WIDTH);
    }
  }

  /** The pass that packs the weights w[r, s, c][k] as they are: depth (r, s, c), columns k. */
  static Pass weightPacking(ConvolutionShape shape, Operand w, Operand panels, Workers workers) {
    int K = shape.k(), taps = shape.taps();
    return workers.pass(
        count(K),
        (panel, worker) ->
            pack(
                w.array(),
                w.offset() + panel * COLUMNS,
                K,
                taps,
                Math.min(COLUMNS, K - panel * COLUMNS),
                panels.array(),
                panels.offset() + panel * taps * COLUMNS,
                taps * COLUMNS));
  }

  /**
   * The pass that packs the weights that {@code phase} uses, turned: depth (its taps, k), columns
   * c.
   */
  static Pass turnedPacking(
      ConvolutionShape shape, DataPhase phase, Operand w, Operand panels, Workers workers) {
    int K = shape.k(), C = shape.c(), S = shape.window().s();
    int depth = phase.r() * phase.s() * K;
    return workers.pass(
        count(C),
        (panel, worker) -> {
          int firstC = panel * COLUMNS, to = panels.offset() + panel * depth * COLUMNS;
          int channels = Math.min(COLUMNS, C - firstC);
          for (int r = 0; r < phase.r(); r++) {
            for (int s = 0; s < phase.s(); s++) {
              int cell = phase.kernelRow(r) * S + phase.kernelColumn(s);
              int from = w.offset() + (cell * C + firstC) * K;
              Transposition.copy(w.array(), from, K, channels, K, panels.array(), to, COLUMNS);
              to += K * COLUMNS;
            }
          }
        });
  }
}
