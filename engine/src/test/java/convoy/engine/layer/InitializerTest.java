package convoy.engine.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.random.RandomKey;
import org.junit.jupiter.api.Test;

class InitializerTest {
  private static final RandomKey KEY = TestValues.key(1);

  @Test
  void glorotFillsItsRangeEvenly() {
    double limit = Math.sqrt(6.0 / (30 + 120));
    Initializer glorot = new Initializer.GlorotUniform(30, 120);
    double least = 0;
    double largest = 0;
    double sum = 0;
    double squares = 0;
    int size = 10_000;
    for (int i = 0; i < size; i++) {
      double value = glorot.value(KEY, i);
      least = Math.min(least, value);
      largest = Math.max(largest, value);
      sum += value;
      squares += value * value;
    }
    assertTrue(least >= -limit && least < -0.999 * limit, "least " + least);
    assertTrue(largest <= limit && largest > 0.999 * limit, "largest " + largest);
    assertEquals(0, sum / size, 0.02 * limit);
    assertEquals(limit * limit / 3, squares / size, 0.02 * limit * limit);
  }

  @Test
  void zerosAreZeros() {
    assertEquals(0, new Initializer.Zeros().value(KEY, 3));
  }
}
