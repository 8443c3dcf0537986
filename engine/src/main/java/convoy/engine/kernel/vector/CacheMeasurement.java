package convoy.engine.kernel.vector;

import convoy.engine.kernel.Workers;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Measures at what rate one core reads and writes its second-level cache: it copies one array to
 * another, 256 KB each. Together they exceed any first-level cache and take half of a second-level
 * cache of 1 MB; where that is smaller the rate is too low.
 */
final class CacheMeasurement {
  private static final VectorSpecies<Float> LANES = MicroKernel.LANES;
  private static final int FLOATS = 1 << 16;
  private static final int COPIES = 10;

  private CacheMeasurement() {}

  /**
   * The best of {@code runs} short runs (a fraction of a millisecond each), in billions of bytes a
   * second; a byte that is read and written counts as two.
   */
  static double gigabytes(int runs) {
    float[] from = new float[Workers.ORIGIN + FLOATS], to = new float[from.length];
    long bestNanos = Long.MAX_VALUE;
    for (int run = 0; run < runs; run++) {
      long start = System.nanoTime();
      for (int copy = 0; copy < COPIES; copy++) {
        copy(from, to);
      }
      bestNanos = Math.min(bestNanos, System.nanoTime() - start);
    }
    return 2.0 * Float.BYTES * FLOATS * COPIES / bestNanos;
  }

  private static void copy(float[] from, float[] to) {
    for (int i = Workers.ORIGIN; i < Workers.ORIGIN + FLOATS; i += MicroKernel.WIDTH) {
      FloatVector.fromArray(LANES, from, i).intoArray(to, i);
    }
  }
}
