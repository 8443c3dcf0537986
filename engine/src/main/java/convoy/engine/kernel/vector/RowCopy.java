package convoy.engine.kernel.vector;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/** Copies the rows of a matrix, short ones above all, a vector at a time. */
final class RowCopy {
  private static final VectorSpecies<Float> LANES = MicroKernel.LANES;
  private static final int WIDTH = MicroKernel.WIDTH;

  /** Rows of up to so many floats are copied side by side. */
  private static final int SHORT = 32;

  private RowCopy() {}

  /**
   * Copies {@code rows} rows of {@code length} floats, {@code stride} apart, to rows {@code
   * targetStride} apart. {@code room} floats from the start of each target row on belong to it:
   * those behind the copied ones are undefined afterwards.
   */
  static void copy(
      float[] source,
      int from,
      int stride,
      int length,
      int rows,
      float[] target,
      int to,
      int targetStride,
      int room) {
    if (rows == 0 || length == 0) {
      return;
    }
    int rounded = (length + WIDTH - 1) / WIDTH * WIDTH;
    boolean spills = rounded <= room && from + (rows - 1) * stride + rounded <= source.length;
    if (spills && rounded <= SHORT) {
      for (int i = 0; i < rounded; i += WIDTH) {
        copyVectors(source, from + i, stride, rows, target, to + i, targetStride);
      }
      return;
    }
    int whole = spills ? rounded : length / WIDTH * WIDTH;
    for (int row = 0; row < rows; row++) {
      int source0 = from + row * stride, target0 = to + row * targetStride;
      for (int i = 0; i < whole; i += WIDTH) {
        FloatVector.fromArray(LANES, source, source0 + i).intoArray(target, target0 + i);
      }
      for (int i = whole; i < length; i++) {
        target[target0 + i] = source[source0 + i];
      }
    }
  }

  /** Copies a vector of each row. */
  private static void copyVectors(
      float[] source, int from, int stride, int rows, float[] target, int to, int targetStride) {
    for (int row = 0; row < rows; row++) {
      FloatVector.fromArray(LANES, source, from + row * stride)
          .intoArray(target, to + row * targetStride);
    }
  }

  /** Overwrites with zeros what {@link #copy} would overwrite with copies. */
  static void clear(int length, int rows, float[] target, int to, int targetStride, int room) {
    if (length == 0) {
      return;
    }
    int rounded = (length + WIDTH - 1) / WIDTH * WIDTH;
    if (rounded <= Math.min(room, SHORT)) {
      FloatVector zero = FloatVector.zero(LANES);
      for (int i = 0; i < rounded; i += WIDTH) {
        for (int row = 0; row < rows; row++) {
          zero.intoArray(target, to + i + row * targetStride);
        }
      }
      return;
    }
    for (int row = 0; row < rows; row++) {
      Arrays.fill(target, to + row * targetStride, to + row * targetStride + length, 0);
    }
  }
}
