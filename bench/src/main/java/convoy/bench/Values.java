package convoy.bench;

import java.util.SplittableRandom;

/** Arrays to compute with. */
final class Values {
  private Values() {}

  /** {@code size} numbers from -0.5 to 0.5, the same for the same seed. */
  static float[] spread(long seed, int size) {
    SplittableRandom random = new SplittableRandom(seed);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) random.nextDouble() - 0.5f;
    }
    return values;
  }
}
