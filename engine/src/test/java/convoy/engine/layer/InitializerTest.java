package convoy.engine.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.random.RandomKey;
import convoy.engine.tensor.Shape;
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
  void heUniformFillsTheRangeOfItsInputsAlone() {
    double limit = Math.sqrt(6.0 / 30);
    double largest = 0;
    for (int i = 0; i < 10_000; i++) {
      largest = Math.max(largest, Math.abs(new Initializer.HeUniform(30).value(KEY, i)));
    }
    assertTrue(largest <= limit && largest > 0.999 * limit, "largest " + largest);
  }

  @Test
  void normalOnesHaveTheirDeviationAndTails() {
    checkNormal(new Initializer.GlorotNormal(30, 120), Math.sqrt(2.0 / 150));
    checkNormal(new Initializer.HeNormal(30), Math.sqrt(2.0 / 30));
  }

  private static void checkNormal(Initializer initializer, double deviation) {
    int size = 40_000;
    double sum = 0;
    double squares = 0;
    int withinOne = 0;
    int beyondTwo = 0;
    for (int i = 0; i < size; i++) {
      double value = initializer.value(KEY, i) / deviation;
      sum += value;
      squares += value * value;
      withinOne += Math.abs(value) < 1 ? 1 : 0;
      beyondTwo += Math.abs(value) > 2 ? 1 : 0;
    }
    assertEquals(0, sum / size, 0.02);
    assertEquals(1, squares / size, 0.03);
    assertEquals(0.6827, (double) withinOne / size, 0.01);
    assertEquals(0.0455, (double) beyondTwo / size, 0.004);
  }

  @Test
  void layersTakeTheInitializerThatIsSet() {
    Dense dense = new Dense(10, true, Initialization.HE_NORMAL);
    assertEquals(
        new Initializer.HeNormal(60), dense.parameters(Shape.flat(2, 60)).get(0).initializer());
    assertEquals(new Initializer.Zeros(), dense.parameters(Shape.flat(2, 60)).get(1).initializer());
    SlidingWindow window = new SlidingWindow(3, 2, 1, 1, new Padding.Same());
    Convolution convolution =
        new Convolution(
            20, window, false, Convolution.Mode.CORRELATION, Initialization.GLOROT_NORMAL);
    assertEquals(
        new Initializer.GlorotNormal(30, 120),
        convolution.parameters(new Shape(1, 4, 4, 5)).get(0).initializer());
  }

  @Test
  void zerosAreZeros() {
    assertEquals(0, new Initializer.Zeros().value(KEY, 3));
  }
}
