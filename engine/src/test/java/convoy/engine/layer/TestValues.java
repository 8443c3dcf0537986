package convoy.engine.layer;

import convoy.engine.random.RandomKey;

/** Values for tests, and comparisons of what was computed from them. */
public final class TestValues {
  private TestValues() {}

  /** The key of test data number {@code number}. */
  public static RandomKey key(int number) {
    return RandomKey.of(2026, RandomKey.Purpose.GENERATED_DATA).with(number);
  }

  /**
   * {@code size} values in (-1, 1) in random order, evenly spaced: no two are equal, and none is 0,
   * so that ReLU and pooling have a derivative.
   */
  public static float[] spread(RandomKey key, int size) {
    int[] order = key.permutation(size);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) ((order[i] + 0.5) / size * 2 - 1);
      if (values[i] == 0) {
        values[i] = 0.5f / size;
      }
    }
    return values;
  }

  /** The same values in double. */
  public static double[] doubles(float[] values) {
    double[] doubles = new double[values.length];
    for (int i = 0; i < values.length; i++) {
      doubles[i] = values[i];
    }
    return doubles;
  }

  /** The sum of a[i] * b[i]. */
  public static double dot(double[] a, double[] b) {
    double sum = 0;
    for (int i = 0; i < a.length; i++) {
      sum += a[i] * b[i];
    }
    return sum;
  }

  /**
   * The largest difference, as a share of the largest wanted value (0 if both are all zeros); NaN
   * if one is NaN, and infinite if the sizes differ.
   */
  public static double error(float[] got, double[] wanted) {
    if (got.length != wanted.length) {
      return Double.POSITIVE_INFINITY;
    }
    double largest = 0;
    double difference = 0;
    for (int i = 0; i < got.length; i++) {
      largest = Math.max(largest, Math.abs(wanted[i]));
      difference = Math.max(difference, Math.abs(got[i] - wanted[i]));
    }
    return difference == 0 ? 0 : difference / largest;
  }

  /** The error that float sums of {@code terms} terms may have. */
  public static double tolerance(long terms) {
    return Math.max(2e-6, 4e-8 * Math.sqrt(terms));
  }
}
