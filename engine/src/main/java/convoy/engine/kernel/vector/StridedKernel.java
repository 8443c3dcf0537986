package convoy.engine.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The register block of {@link MicroKernel} for the weights of {@link DenseProduct}, which are read
 * where they lie: the rows and depths of A, the depths of B and the rows of C may be any distance
 * apart. (Depths of A that are one float apart by definition took up to 1.05 times as long.)
 *
 * <p>The loop steps by a distance that the JIT does not know, so that it is none of the loops which
 * the JIT counts and may unroll. Unrolled, the sums no longer fit into 32 registers: where that
 * happened to a counted loop, it ran at 45 % of the peak, and at 95 % with -XX:LoopUnrollLimit=0.
 * The price is that indices are checked at each step.
 *
 * <p>All loads come before all multiplications: a failed check between them would have to restore
 * sums of before and behind it, for which the JIT copied each sum to another register at each step,
 * and 256-bit lanes ran at 54 instead of 80 % of the peak in some JVMs.
 */
final class StridedKernel {
  private static final VectorSpecies<Float> LANES = MicroKernel.LANES;
  private static final int WIDTH = MicroKernel.WIDTH;
  private static final boolean EIGHT_ROWS = MicroKernel.ROWS == 8;

  private StridedKernel() {}

  /**
   * c = a * b: the value of A at (row, i) lies {@code row * aRow + i * aDepth} floats behind the
   * first, the COLUMNS of B at depth i begin {@code i * bDepth} floats behind its first, the rows
   * of C are {@code cRow} apart.
   */
  static void multiply(
      float[] a,
      int aOffset,
      int aRow,
      int aDepth,
      float[] b,
      int bOffset,
      int bDepth,
      int depth,
      float[] c,
      int cOffset,
      int cRow) {
    int a0 = aOffset, a1 = a0 + aRow, a2 = a1 + aRow, a3 = a2 + aRow;
    int a4 = a3 + aRow, a5 = a4 + aRow, a6 = a5 + aRow, a7 = a6 + aRow;
    FloatVector zero = FloatVector.zero(LANES), unused = EIGHT_ROWS ? zero : null;
    FloatVector c00 = zero, c01 = zero, c10 = zero, c11 = zero;
    FloatVector c20 = zero, c21 = zero, c30 = zero, c31 = zero;
    FloatVector c40 = unused, c41 = unused, c50 = unused, c51 = unused;
    FloatVector c60 = unused, c61 = unused, c70 = unused, c71 = unused;
    int last = bOffset + depth * bDepth;
    for (int i = 0, row = bOffset; row < last; i += aDepth, row += bDepth) {
      FloatVector v0 = FloatVector.broadcast(LANES, a[a0 + i]);
      FloatVector v1 = FloatVector.broadcast(LANES, a[a1 + i]);
      FloatVector v2 = FloatVector.broadcast(LANES, a[a2 + i]);
      FloatVector v3 = FloatVector.broadcast(LANES, a[a3 + i]);
      FloatVector b0 = FloatVector.fromArray(LANES, b, row);
      FloatVector b1 = FloatVector.fromArray(LANES, b, row + WIDTH);
      if (EIGHT_ROWS) {
        FloatVector v4 = FloatVector.broadcast(LANES, a[a4 + i]);
        FloatVector v5 = FloatVector.broadcast(LANES, a[a5 + i]);
        FloatVector v6 = FloatVector.broadcast(LANES, a[a6 + i]);
        FloatVector v7 = FloatVector.broadcast(LANES, a[a7 + i]);
        c40 = v4.fma(b0, c40);
        c41 = v4.fma(b1, c41);
        c50 = v5.fma(b0, c50);
        c51 = v5.fma(b1, c51);
        c60 = v6.fma(b0, c60);
        c61 = v6.fma(b1, c61);
        c70 = v7.fma(b0, c70);
        c71 = v7.fma(b1, c71);
      }
      c00 = v0.fma(b0, c00);
      c01 = v0.fma(b1, c01);
      c10 = v1.fma(b0, c10);
      c11 = v1.fma(b1, c11);
      c20 = v2.fma(b0, c20);
      c21 = v2.fma(b1, c21);
      c30 = v3.fma(b0, c30);
      c31 = v3.fma(b1, c31);
    }
    int to = cOffset;
    c00.intoArray(c, to);
    c01.intoArray(c, to + WIDTH);
    to += cRow;
    c10.intoArray(c, to);
    c11.intoArray(c, to + WIDTH);
    to += cRow;
    c20.intoArray(c, to);
    c21.intoArray(c, to + WIDTH);
    to += cRow;
    c30.intoArray(c, to);
    c31.intoArray(c, to + WIDTH);
    if (EIGHT_ROWS) {
      to += cRow;
      c40.intoArray(c, to);
      c41.intoArray(c, to + WIDTH);
      to += cRow;
      c50.intoArray(c, to);
      c51.intoArray(c, to + WIDTH);
      to += cRow;
      c60.intoArray(c, to);
      c61.intoArray(c, to + WIDTH);
      to += cRow;
      c70.intoArray(c, to);
      c71.intoArray(c, to + WIDTH);
    }
  }
}
