package convoy.engine.kernel.vector;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Measures what one core can do at most: the rate of fused multiply-adds that never leave the
 * registers. Speeds of kernels are shares of it.
 *
 * <p>Twelve independent chains hide the latency of two FMA units and fit into 16 registers.
 */
public final class PeakMeasurement {
  private static final VectorSpecies<Float> LANES = MicroKernel.LANES;
  private static final int CHAINS = 12;
  private static final int STEPS = 200_000;

  private PeakMeasurement() {}

  /** The best of {@code runs} short runs (a fraction of a millisecond each), in GFLOP/s. */
  public static double gigaflops(int runs) {
    float[] results = new float[MicroKernel.WIDTH];
    long bestNanos = Long.MAX_VALUE;
    for (int run = 0; run < runs; run++) {
      long start = System.nanoTime();
      chains(results);
      bestNanos = Math.min(bestNanos, System.nanoTime() - start);
    }
    return 2.0 * CHAINS * MicroKernel.WIDTH * STEPS / bestNanos;
  }

  /** Adds 1/16 at each step: no value becomes infinite or so small that it is slow to handle. */
  private static void chains(float[] results) {
    FloatVector x = FloatVector.broadcast(LANES, 0.25f), zero = FloatVector.zero(LANES);
    FloatVector v0 = zero, v1 = zero, v2 = zero, v3 = zero, v4 = zero, v5 = zero;
    FloatVector v6 = zero, v7 = zero, v8 = zero, v9 = zero, v10 = zero, v11 = zero;
    for (int step = 0; step < STEPS; step++) {
      v0 = x.fma(x, v0);
      v1 = x.fma(x, v1);
      v2 = x.fma(x, v2);
      v3 = x.fma(x, v3);
      v4 = x.fma(x, v4);
      v5 = x.fma(x, v5);
      v6 = x.fma(x, v6);
      v7 = x.fma(x, v7);
      v8 = x.fma(x, v8);
      v9 = x.fma(x, v9);
      v10 = x.fma(x, v10);
      v11 = x.fma(x, v11);
    }
    FloatVector low = v0.add(v1).add(v2).add(v3).add(v4).add(v5);
    low.add(v6).add(v7).add(v8).add(v9).add(v10).add(v11).intoArray(results, 0);
  }
}
