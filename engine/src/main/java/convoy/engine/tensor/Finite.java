package convoy.engine.tensor;

/** Whether numbers are finite. */
public final class Finite {
  private Finite() {}

  /** Whether none of the values is NaN or infinite. */
  public static boolean all(float[] values) {
    return all(values, 0, values.length);
  }

  /**
   * Whether none of the values from {@code from} to {@code to}, which is left out, is NaN or
   * infinite. Such a value times zero is NaN, and so is any sum with it: without a branch for each
   * value, and in four sums that need not wait for each other.
   */
  public static boolean all(float[] values, int from, int to) {
    float a = 0, b = 0, c = 0, d = 0;
    int i = from;
    for (; i + 4 <= to; i += 4) {
      a += values[i] * 0f;
      b += values[i + 1] * 0f;
      c += values[i + 2] * 0f;
      d += values[i + 3] * 0f;
    }
    for (; i < to; i++) {
      a += values[i] * 0f;
    }
    return (a + b) + (c + d) == 0;
  }
}
