package convoy.engine.tensor;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class FiniteTest {
  private static final float[] EXTREMES = {
    -0f, Float.MIN_VALUE, -Float.MAX_VALUE, Float.MAX_VALUE, Float.MIN_NORMAL, 1e38f
  };

  @Test
  void aSingleValueThatIsNotIsFoundWhereverItIs() {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      for (int length = 1; length <= 11; length++) {
        float[] values = new float[length];
        for (int i = 0; i < length; i++) {
          values[i] = EXTREMES[i % EXTREMES.length];
        }
        assertTrue(Finite.all(values));
        for (int i = 0; i < length; i++) {
          float before = values[i];
          values[i] = bad;
          assertFalse(Finite.all(values), bad + " at " + i);
          assertFalse(Finite.all(values, i, i + 1));
          assertTrue(Finite.all(values, 0, i));
          assertTrue(Finite.all(values, i + 1, length));
          values[i] = before;
        }
      }
    }
  }

  @Test
  void noValueIsFinite() {
    assertTrue(Finite.all(new float[0]));
  }

  @Test
  void largeValuesDoNotAddUpToInfinity() {
    float[] values = new float[1000];
    Arrays.fill(values, Float.MAX_VALUE);
    assertTrue(Finite.all(values));
  }
}
