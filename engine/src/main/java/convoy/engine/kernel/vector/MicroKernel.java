package convoy.engine.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The register block of every matrix product here: ROWS x COLUMNS outputs are summed over a depth
 * while they stay in registers.
 *
 * <p>Lanes run along the columns of B, two vectors wide; a value of A is spread over the lanes.
 * With 512-bit lanes there are 32 registers and the block is 8 x 32; below that there may be only
 * 16 and it is 6 x 2 vectors, 12 of them accumulators. Each output is the FMA of its own lane, in
 * the order of the depth, so the block's size changes no bits.
 *
 * <p>What the JIT wants decides the looks: accumulators are named locals (arrays of vectors stay on
 * the heap), there is one flat loop, and the species, row count and strides that can be constant
 * are, so that unused rows and range checks vanish: with a variable stride the 6-row block ran at
 * half of its speed. That is why the two layouts of A have a method each, whose bodies are alike,
 * and why nothing is moved into helpers: past some size the JIT inlines only the JDK's own methods,
 * and a vector that is an argument of a real call lives on the heap.
 */
final class MicroKernel {
  static final VectorSpecies<Float> LANES = FloatVector.SPECIES_PREFERRED;

  /** Floats in a vector. */
  static final int WIDTH = LANES.length();

  /** Columns of the block; a panel of B holds so many in a row. */
  static final int COLUMNS = 2 * WIDTH;

  /** Rows of the block. */
  static final int ROWS = WIDTH >= 16 ? 8 : 6;

  /** Distance of the rows of a[row][depth], at least {@link PatchProduct#MAX_DEPTH}. */
  static final int STRIDE = 400;

  /** Distance of the depths of a turned a[depth][row]; a multiple of either ROWS. */
  static final int TURNED_STRIDE = 96;

  private static final boolean EIGHT_ROWS = ROWS == 8;

  private MicroKernel() {}

  /**
   * c += a * b: a[row][depth] with rows {@link #STRIDE} apart, b a panel [depth][COLUMNS],
   * c[row][column] with rows {@code cStride} apart.
   */
  static void multiply(
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      int depth,
      float[] c,
      int cOffset,
      int cStride) {
    FloatVector zero = FloatVector.zero(LANES);
    FloatVector c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero;
    FloatVector c30 = zero, c31 = zero, c40 = zero, c41 = zero, c50 = zero, c51 = zero;
    FloatVector c60 = zero, c61 = zero, c70 = zero, c71 = zero;
    for (int i = 0; i < depth; i++) {
      FloatVector b0 = FloatVector.fromArray(LANES, b, bOffset + i * COLUMNS);
      FloatVector b1 = FloatVector.fromArray(LANES, b, bOffset + i * COLUMNS + WIDTH);
      FloatVector v = FloatVector.broadcast(LANES, a[aOffset + i]);
      c00 = v.fma(b0, c00);
      c01 = v.fma(b1, c01);
      v = FloatVector.broadcast(LANES, a[aOffset + i + STRIDE]);
      c10 = v.fma(b0, c10);
      c11 = v.fma(b1, c11);
      v = FloatVector.broadcast(LANES, a[aOffset + i + 2 * STRIDE]);
      c20 = v.fma(b0, c20);
      c21 = v.fma(b1, c21);
      v = FloatVector.broadcast(LANES, a[aOffset + i + 3 * STRIDE]);
      c30 = v.fma(b0, c30);
      c31 = v.fma(b1, c31);
      v = FloatVector.broadcast(LANES, a[aOffset + i + 4 * STRIDE]);
      c40 = v.fma(b0, c40);
      c41 = v.fma(b1, c41);
      v = FloatVector.broadcast(LANES, a[aOffset + i + 5 * STRIDE]);
      c50 = v.fma(b0, c50);
      c51 = v.fma(b1, c51);
      if (EIGHT_ROWS) {
        v = FloatVector.broadcast(LANES, a[aOffset + i + 6 * STRIDE]);
        c60 = v.fma(b0, c60);
        c61 = v.fma(b1, c61);
        v = FloatVector.broadcast(LANES, a[aOffset + i + 7 * STRIDE]);
        c70 = v.fma(b0, c70);
        c71 = v.fma(b1, c71);
      }
    }
    int to = cOffset;
    c00.add(FloatVector.fromArray(LANES, c, to)).intoArray(c, to);
    c01.add(FloatVector.fromArray(LANES, c, to + WIDTH)).intoArray(c, to + WIDTH);
    to += cStride;
    c10.add(FloatVector.fromArray(LANES, c, to)).intoArray(c, to);
    c11.add(FloatVector.fromArray(LANES, c, to + WIDTH)).intoArray(c, to + WIDTH);
    to += cStride;
    c20.add(FloatVector.fromArray(LANES, c, to)).intoArray(c, to);
    c21.add(FloatVector.fromArray(LANES, c, to + WIDTH)).intoArray(c, to + WIDTH);
    to += cStride;
    c30.add(FloatVector.fromArray(LANES, c, to)).intoArray(c, to);
    c31.add(FloatVector.fromArray(LANES, c, to + WIDTH)).intoArray(c, to + WIDTH);
    to += cStride;
    c40.add(FloatVector.fromArray(LANES, c, to)).intoArray(c, to);
    c41.add(FloatVector.fromArray(LANES, c, to + WIDTH)).intoArray(c, to + WIDTH);
    to += cStride;
    c50.add(FloatVector.fromArray(LANES, c, to)).intoArray(c, to);
    c51.add(FloatVector.fromArray(LANES, c, to + WIDTH)).intoArray(c, to + WIDTH);
    if (EIGHT_ROWS) {
      to += cStride;
      c60.add(FloatVector.fromArray(LANES, c, to)).intoArray(c, to);
      c61.add(FloatVector.fromArray(LANES, c, to + WIDTH)).intoArray(c, to + WIDTH);
      to += cStride;
      c70.add(FloatVector.fromArray(LANES, c, to)).intoArray(c, to);
      c71.add(FloatVector.fromArray(LANES, c, to + WIDTH)).intoArray(c, to + WIDTH);
    }
  }

  /**
   * As {@link #multiply}, of an A that lies turned: a[depth][row], {@link #TURNED_STRIDE} floats
   * from one depth to the next.
   */
  static void multiplyTurned(
      float[] a,
      int aOffset,
      float[] b,
      int bOffset,
      int depth,
      float[] c,
      int cOffset,
      int cStride) {
    FloatVector zero = FloatVector.zero(LANES);
    FloatVector c00 = zero, c01 = zero, c10 = zero, c11 = zero, c20 = zero, c21 = zero;
    FloatVector c30 = zero, c31 = zero, c40 = zero, c41 = zero, c50 = zero, c51 = zero;
    FloatVector c60 = zero, c61 = zero, c70 = zero, c71 = zero;
    for (int i = 0; i < depth; i++) {
      FloatVector b0 = FloatVector.fromArray(LANES, b, bOffset + i * COLUMNS);
      FloatVector b1 = FloatVector.fromArray(LANES, b, bOffset + i * COLUMNS + WIDTH);
      FloatVector v = FloatVector.broadcast(LANES, a[aOffset + i * TURNED_STRIDE]);
      c00 = v.fma(b0, c00);
      c01 = v.fma(b1, c01);
      v = FloatVector.broadcast(LANES, a[aOffset + i * TURNED_STRIDE + 1]);
      c10 = v.fma(b0, c10);
      c11 = v.fma(b1, c11);
      v = FloatVector.broadcast(LANES, a[aOffset + i * TURNED_STRIDE + 2]);
      c20 = v.fma(b0, c20);
      c21 = v.fma(b1, c21);
      v = FloatVector.broadcast(LANES, a[aOffset + i * TURNED_STRIDE + 3]);
      c30 = v.fma(b0, c30);
      c31 = v.fma(b1, c31);
      v = FloatVector.broadcast(LANES, a[aOffset + i * TURNED_STRIDE + 4]);
      c40 = v.fma(b0, c40);
      c41 = v.fma(b1, c41);
      v = FloatVector.broadcast(LANES, a[aOffset + i * TURNED_STRIDE + 5]);
      c50 = v.fma(b0, c50);
      c51 = v.fma(b1, c51);
      if (EIGHT_ROWS) {
        v = FloatVector.broadcast(LANES, a[aOffset + i * TURNED_STRIDE + 6]);
        c60 = v.fma(b0, c60);
        c61 = v.fma(b1, c61);
        v = FloatVector.broadcast(LANES, a[aOffset + i * TURNED_STRIDE + 7]);
        c70 = v.fma(b0, c70);
        c71 = v.fma(b1, c71);
      }
    }
    int to = cOffset;
    c00.add(FloatVector.fromArray(LANES, c, to)).intoArray(c, to);
    c01.add(FloatVector.fromArray(LANES, c, to + WIDTH)).intoArray(c, to + WIDTH);
    to += cStride;
    c10.add(FloatVector.fromArray(LANES, c, to)).intoArray(c, to);
    c11.add(FloatVector.fromArray(LANES, c, to + WIDTH)).intoArray(c, to + WIDTH);
    to += cStride;
    c20.add(FloatVector.fromArray(LANES, c, to)).intoArray(c, to);
    c21.add(FloatVector.fromArray(LANES, c, to + WIDTH)).intoArray(c, to + WIDTH);
    to += cStride;
    c30.add(FloatVector.fromArray(LANES, c, to)).intoArray(c, to);
    c31.add(FloatVector.fromArray(LANES, c, to + WIDTH)).intoArray(c, to + WIDTH);
    to += cStride;
    c40.add(FloatVector.fromArray(LANES, c, to)).intoArray(c, to);
    c41.add(FloatVector.fromArray(LANES, c, to + WIDTH)).intoArray(c, to + WIDTH);
    to += cStride;
    c50.add(FloatVector.fromArray(LANES, c, to)).intoArray(c, to);
    c51.add(FloatVector.fromArray(LANES, c, to + WIDTH)).intoArray(c, to + WIDTH);
    if (EIGHT_ROWS) {
      to += cStride;
      c60.add(FloatVector.fromArray(LANES, c, to)).intoArray(c, to);
      c61.add(FloatVector.fromArray(LANES, c, to + WIDTH)).intoArray(c, to + WIDTH);
      to += cStride;
      c70.add(FloatVector.fromArray(LANES, c, to)).intoArray(c, to);
      c71.add(FloatVector.fromArray(LANES, c, to + WIDTH)).intoArray(c, to + WIDTH);
    }
  }
}
