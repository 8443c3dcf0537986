package convoy.engine.kernel.vector;

/**
 * Copies a matrix turned: target[i][row] = source[row][i].
 *
 * <p>Plain loops that read eight rows side by side and write eight floats in a row, so that each
 * line of the target is written once while it is in the cache.
 */
final class Transposition {
  private static final int BLOCK = 8;

  private Transposition() {}

  /**
   * Overwrites {@code length} rows of {@code rows} floats, {@code targetStride} apart, with {@code
   * rows} rows of {@code length} floats that are {@code stride} apart.
   */
  static void copy(
      float[] source,
      int from,
      int stride,
      int rows,
      int length,
      float[] target,
      int to,
      int targetStride) {
    int row = 0;
    for (; row <= rows - BLOCK; row += BLOCK) {
      copyBlock(source, from + row * stride, stride, length, target, to + row, targetStride);
    }
    for (; row < rows; row++) {
      for (int i = 0; i < length; i++) {
        target[to + i * targetStride + row] = source[from + row * stride + i];
      }
    }
  }

  private static void copyBlock(
      float[] source, int from, int stride, int length, float[] target, int to, int targetStride) {
    int r0 = from, r1 = r0 + stride, r2 = r1 + stride, r3 = r2 + stride;
    int r4 = r3 + stride, r5 = r4 + stride, r6 = r5 + stride, r7 = r6 + stride;
    int at = to;
    for (int i = 0; i < length; i++) {
      target[at] = source[r0 + i];
      target[at + 1] = source[r1 + i];
      target[at + 2] = source[r2 + i];
      target[at + 3] = source[r3 + i];
      target[at + 4] = source[r4 + i];
      target[at + 5] = source[r5 + i];
      target[at + 6] = source[r6 + i];
      target[at + 7] = source[r7 + i];
      at += targetStride;
    }
  }

  /** As {@link #copy}, but adds to the target. */
  static void add(
      float[] source,
      int from,
      int stride,
      int rows,
      int length,
      float[] target,
      int to,
      int targetStride) {
    for (int i = 0; i < length; i++) {
      for (int row = 0; row < rows; row++) {
        target[to + i * targetStride + row] += source[from + row * stride + i];
      }
    }
  }
}
