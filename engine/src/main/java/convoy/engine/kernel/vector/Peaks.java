package convoy.engine.kernel.vector;

/**
 * What a number of cores can do at most.
 *
 * @param gigaflops billions of floating-point operations a second, by fused multiply-adds
 * @param gigabytes billions of bytes read or written a second, in the second-level caches
 */
public record Peaks(double gigaflops, double gigabytes) {
  private static final int FMA_RUNS = 200;
  private static final int CACHE_RUNS = 1000;

  /** Those of {@code cores} cores, from a measurement of a fraction of a second on one. */
  public static Peaks measured(int cores) {
    return new Peaks(
        cores * PeakMeasurement.gigaflops(FMA_RUNS),
        cores * CacheMeasurement.gigabytes(CACHE_RUNS));
  }

  /**
   * Milliseconds that {@code multiplications} (with an addition each) and then {@code bytes} take.
   */
  double millis(long multiplications, long bytes) {
    return 1e-6 * (2 * multiplications / gigaflops + bytes / gigabytes);
  }
}
