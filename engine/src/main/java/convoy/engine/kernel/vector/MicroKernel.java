package convoy.engine.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The register block of every matrix product here: ROWS x COLUMNS outputs are summed over a depth
 * while they stay in registers, then stored.
 *
 * <p>Lanes run along the columns of B, two vectors wide; a value of A is spread over the lanes.
 * Each output is the FMA of its own lane, in the order of the depth, so the block's size changes no
 * bits. Accumulators, two vectors of B and one of each row of A must fit into the registers
 * together, since the JIT may load all of A first: 8 rows take 26 of the 32 registers that 512-bit
 * lanes come with, 4 rows take 14 of 16. With 5 or 6 rows and 16 registers some compilations
 * spilled, by chance, and ran at 40 to 50 % of the peak; with 4 all run at about 90 %.
 *
 * <p>What else the JIT wants decides the looks, and each of these has cost half of the speed or
 * more:
 *
 * <ul>
 *   <li>Accumulators are named locals (arrays of vectors stay on the heap) and there is one flat
 *       loop.
 *   <li>Species, row count and strides of A and B are constants. Of rows a constant apart the JIT
 *       makes one index and distances; else it computes an index for each row at each step, and
 *       these instructions, not the FMAs, were what 256-bit lanes of processors that take six
 *       instructions a cycle ran into, at 65 instead of 85 % of the peak. The strides that meet the
 *       loop's index have one bit set, or more than two: the JIT hoists the range check of i * 64
 *       and of i * 176, but not of i * 96, which it makes a sum of two shifts.
 *   <li>The loop's bound is known to be small, or G1's safepoints make it two nested loops.
 *   <li>The rows that 16 registers have no room for start as null, which takes up no register.
 *   <li>The sums are only stored; adding them to what is there is left to {@link #add}. With the
 *       additions the method sometimes passed the JIT's NodeCountInliningCutoff, by what had run
 *       before; then the stores box their vectors.
 *   <li>Nothing is moved into helpers: past some size the JIT inlines the JDK's methods only, and a
 *       vector that is the argument of a real call lives on the heap.
 * </ul>
 */
final class MicroKernel {
  static final VectorSpecies<Float> LANES = FloatVector.SPECIES_PREFERRED;

  /** Floats in a vector. */
  static final int WIDTH = LANES.length();

  /** Columns of the block; a panel of B holds so many in a row. */
  static final int COLUMNS = 2 * WIDTH;

  /** Rows of the block. */
  static final int ROWS = WIDTH >= 16 ? 8 : 4;

  /** Floats of a block of outputs. */
  static final int BLOCK = ROWS * COLUMNS;

  /**
   * The largest depth of {@link #multiply}; a panel of so many rows leaves room in the first-level
   * cache.
   */
  static final int DEPTH = 256;

  /**
   * Distance of the rows of {@link #multiply}'s a[row][depth]: an odd number of cache lines, so
   * that rows do not compete for the same sets of the cache.
   */
  static final int ROW_STRIDE = DEPTH + 16;

  /** Blocks of {@link #DEPTH} that hold so many terms. */
  static int blocks(int terms) {
    return (terms + DEPTH - 1) / DEPTH;
  }

  /** The largest depth of the other kernels. */
  static final int MAX_DEPTH = 384;

  /** Most rows of a turned a[depth][row]. */
  static final int TURNED_ROWS = 128;

  /**
   * Distance of the depths of a turned a[depth][row]: the least odd number of cache lines that
   * holds TURNED_ROWS and, as the class comment wants it, has more than two bits set. 64 floats
   * apart, depths competed for a quarter of the first-level cache's sets, and a depth of 128 took
   * 1.25 times as long, one of 192 half as long again.
   */
  static final int TURNED_STRIDE = TURNED_ROWS + 48;

  private static final boolean EIGHT_ROWS = ROWS == 8;

  private MicroKernel() {}

  /**
   * c = a * b: a[row][depth] with rows {@link #ROW_STRIDE} apart, b a panel [depth][COLUMNS],
   * c[row][column] with rows {@code cStride} apart, depth at most {@link #DEPTH}.
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
    FloatVector zero = FloatVector.zero(LANES), unused = EIGHT_ROWS ? zero : null;
    FloatVector c00 = zero, c01 = zero, c10 = zero, c11 = zero;
    FloatVector c20 = zero, c21 = zero, c30 = zero, c31 = zero;
    FloatVector c40 = unused, c41 = unused, c50 = unused, c51 = unused;
    FloatVector c60 = unused, c61 = unused, c70 = unused, c71 = unused;
    int end = Math.min(depth, DEPTH);
    for (int i = 0; i < end; i++) {
      FloatVector b0 = FloatVector.fromArray(LANES, b, bOffset + i * COLUMNS);
      FloatVector b1 = FloatVector.fromArray(LANES, b, bOffset + i * COLUMNS + WIDTH);
      FloatVector v = FloatVector.broadcast(LANES, a[aOffset + i]);
      c00 = v.fma(b0, c00);
      c01 = v.fma(b1, c01);
      v = FloatVector.broadcast(LANES, a[aOffset + i + ROW_STRIDE]);
      c10 = v.fma(b0, c10);
      c11 = v.fma(b1, c11);
      v = FloatVector.broadcast(LANES, a[aOffset + i + 2 * ROW_STRIDE]);
      c20 = v.fma(b0, c20);
      c21 = v.fma(b1, c21);
      v = FloatVector.broadcast(LANES, a[aOffset + i + 3 * ROW_STRIDE]);
      c30 = v.fma(b0, c30);
      c31 = v.fma(b1, c31);
      if (EIGHT_ROWS) {
        v = FloatVector.broadcast(LANES, a[aOffset + i + 4 * ROW_STRIDE]);
        c40 = v.fma(b0, c40);
        c41 = v.fma(b1, c41);
        v = FloatVector.broadcast(LANES, a[aOffset + i + 5 * ROW_STRIDE]);
        c50 = v.fma(b0, c50);
        c51 = v.fma(b1, c51);
        v = FloatVector.broadcast(LANES, a[aOffset + i + 6 * ROW_STRIDE]);
        c60 = v.fma(b0, c60);
        c61 = v.fma(b1, c61);
        v = FloatVector.broadcast(LANES, a[aOffset + i + 7 * ROW_STRIDE]);
        c70 = v.fma(b0, c70);
        c71 = v.fma(b1, c71);
      }
    }
    int to = cOffset;
    c00.intoArray(c, to);
    c01.intoArray(c, to + WIDTH);
    to += cStride;
    c10.intoArray(c, to);
    c11.intoArray(c, to + WIDTH);
    to += cStride;
    c20.intoArray(c, to);
    c21.intoArray(c, to + WIDTH);
    to += cStride;
    c30.intoArray(c, to);
    c31.intoArray(c, to + WIDTH);
    if (EIGHT_ROWS) {
      to += cStride;
      c40.intoArray(c, to);
      c41.intoArray(c, to + WIDTH);
      to += cStride;
      c50.intoArray(c, to);
      c51.intoArray(c, to + WIDTH);
      to += cStride;
      c60.intoArray(c, to);
      c61.intoArray(c, to + WIDTH);
      to += cStride;
      c70.intoArray(c, to);
      c71.intoArray(c, to + WIDTH);
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
    FloatVector zero = FloatVector.zero(LANES), unused = EIGHT_ROWS ? zero : null;
    FloatVector c00 = zero, c01 = zero, c10 = zero, c11 = zero;
    FloatVector c20 = zero, c21 = zero, c30 = zero, c31 = zero;
    FloatVector c40 = unused, c41 = unused, c50 = unused, c51 = unused;
    FloatVector c60 = unused, c61 = unused, c70 = unused, c71 = unused;
    int end = Math.min(depth, MAX_DEPTH);
    for (int i = 0; i < end; i++) {
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
      if (EIGHT_ROWS) {
        v = FloatVector.broadcast(LANES, a[aOffset + i * TURNED_STRIDE + 4]);
        c40 = v.fma(b0, c40);
        c41 = v.fma(b1, c41);
        v = FloatVector.broadcast(LANES, a[aOffset + i * TURNED_STRIDE + 5]);
        c50 = v.fma(b0, c50);
        c51 = v.fma(b1, c51);
        v = FloatVector.broadcast(LANES, a[aOffset + i * TURNED_STRIDE + 6]);
        c60 = v.fma(b0, c60);
        c61 = v.fma(b1, c61);
        v = FloatVector.broadcast(LANES, a[aOffset + i * TURNED_STRIDE + 7]);
        c70 = v.fma(b0, c70);
        c71 = v.fma(b1, c71);
      }
    }
    int to = cOffset;
    c00.intoArray(c, to);
    c01.intoArray(c, to + WIDTH);
    to += cStride;
    c10.intoArray(c, to);
    c11.intoArray(c, to + WIDTH);
    to += cStride;
    c20.intoArray(c, to);
    c21.intoArray(c, to + WIDTH);
    to += cStride;
    c30.intoArray(c, to);
    c31.intoArray(c, to + WIDTH);
    if (EIGHT_ROWS) {
      to += cStride;
      c40.intoArray(c, to);
      c41.intoArray(c, to + WIDTH);
      to += cStride;
      c50.intoArray(c, to);
      c51.intoArray(c, to + WIDTH);
      to += cStride;
      c60.intoArray(c, to);
      c61.intoArray(c, to + WIDTH);
      to += cStride;
      c70.intoArray(c, to);
      c71.intoArray(c, to + WIDTH);
    }
  }

  /** c += block, a register block with rows COLUMNS apart; those of c lie {@code cStride} apart. */
  static void add(float[] block, int blockOffset, float[] c, int cOffset, int cStride) {
    for (int row = 0; row < ROWS; row++) {
      int from = blockOffset + row * COLUMNS, to = cOffset + row * cStride;
      for (int i = 0; i < COLUMNS; i += WIDTH) {
        FloatVector.fromArray(LANES, c, to + i)
            .add(FloatVector.fromArray(LANES, block, from + i))
            .intoArray(c, to + i);
      }
    }
  }
}
