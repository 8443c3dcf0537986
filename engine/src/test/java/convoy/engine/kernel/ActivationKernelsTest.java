package convoy.engine.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class ActivationKernelsTest {
  /** Several parts, the last one no whole number of vectors. */
  private static final int SIZE = 40_003;

  private final Workers workers = new Workers(2, ScratchSize.NONE);

  static List<Kernels> kernels() {
    return KernelCases.kernels();
  }

  @AfterEach
  void closeWorkers() {
    workers.close();
  }

  /** Floats of all sizes and both signs, both infinities and NaN among them. */
  private static float[] allKinds() {
    float[] x = new float[SIZE];
    for (int i = 0; i < SIZE; i++) {
      x[i] = Float.intBitsToFloat(i * (int) 0x9E3779B1L);
    }
    x[3] = Float.NaN;
    x[4] = Float.POSITIVE_INFINITY;
    x[5] = Float.NEGATIVE_INFINITY;
    x[SIZE - 1] = Float.NaN;
    return x;
  }

  @ParameterizedTest
  @EnumSource(ActivationFunction.class)
  void kernelsAgreeToTheBit(ActivationFunction function) {
    float[] x = allKinds(),
        dy = KernelCases.numbers(SIZE, 2),
        before = KernelCases.numbers(SIZE, 3);
    float[][] y = new float[2][SIZE + 1], dx = new float[2][], sum = new float[2][];
    for (int i = 0; i < 2; i++) {
      Kernels kernels = kernels().get(i);
      dx[i] = dy.clone();
      sum[i] = before.clone();
      Operand output = new Operand(y[i], 1), slope = new Operand(dy, 0);
      Operand inPlace = new Operand(dx[i], 0), added = new Operand(sum[i], 0);
      kernels.activationForward(function, SIZE, new Operand(x, 0), output, workers).run();
      kernels.activationBackward(function, SIZE, output, inPlace, false, inPlace, workers).run();
      kernels.activationBackward(function, SIZE, output, slope, true, added, workers).run();
    }
    assertArrayEquals(y[0], y[1]);
    assertArrayEquals(dx[0], dx[1]);
    assertArrayEquals(sum[0], sum[1]);
    for (int i = 0; i < SIZE; i++) {
      assertEquals(before[i] + dx[0][i], sum[0][i]);
      assertEquals(Float.isNaN(x[i]), Float.isNaN(y[0][i + 1]), "y of " + x[i]);
    }
  }

  @Test
  void sigmoidAndTanhAreWithinAFewUnitsOfTheTrueValue() {
    for (float x = -100; x < 100; x += 0.01f) {
      double sigmoid = 1 / (1 + StrictMath.exp(-x));
      assertEquals(sigmoid, ActivationFunction.SIGMOID.value(x), 3 * Math.ulp((float) sigmoid));
      double tanh = StrictMath.tanh(x);
      assertEquals(tanh, ActivationFunction.TANH.value(x), 2 * Math.ulp((float) tanh));
    }
    assertEquals(1e-30f, ActivationFunction.TANH.value(1e-30f));
  }

  /** One row longer than a part, rows that end within a vector, and rows of one channel. */
  @ParameterizedTest
  @ValueSource(ints = {SIZE, 10, 17, 1})
  void softmaxOfBothKernelsAgreesToTheBit(int c) {
    int pixels = SIZE / c;
    float[] x = KernelCases.numbers(SIZE, 4);
    float[][] y = new float[2][SIZE + 1];
    for (int i = 0; i < 2; i++) {
      Operand scores = new Operand(x, 0), output = new Operand(y[i], 1);
      kernels().get(i).softmaxForward(pixels, c, scores, output, workers).run();
    }
    assertArrayEquals(y[0], y[1]);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void softmaxSurvivesLargeScoresAndSumsToOne(Kernels kernels) {
    float[] x = {1000, 1001, -3e38f, -1000, -1001, -1000, 0, 0, 0};
    float[] y = new float[9];
    kernels.softmaxForward(3, 3, new Operand(x, 0), new Operand(y, 0), workers).run();
    float e = (float) (1 / (1 + StrictMath.exp(1)));
    assertArrayEquals(new float[] {e, 1 - e, 0}, new float[] {y[0], y[1], y[2]}, 1e-7f);
    for (int pixel = 0; pixel < 3; pixel++) {
      assertEquals(1, y[3 * pixel] + y[3 * pixel + 1] + y[3 * pixel + 2], 1e-6);
    }
    assertEquals(1f / 3, y[8]);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void softmaxOfAPixelWithNanIsNanAndNoOtherIs(Kernels kernels) {
    float[] x = {1, Float.NaN, 2, 1, 2, 3, Float.POSITIVE_INFINITY, 0, 0};
    kernels.softmaxForward(3, 3, new Operand(x, 0), new Operand(x, 0), workers).run();
    for (int i = 0; i < 9; i++) {
      assertEquals(i / 3 != 1, Float.isNaN(x[i]));
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void softmaxGradientMayTakeThePlaceOfTheOutputs(Kernels kernels) {
    int pixels = 2000, c = 21;
    float[] y = KernelCases.numbers(pixels * c, 1), dy = KernelCases.numbers(pixels * c, 2);
    float[] dx = new float[y.length], sum = KernelCases.numbers(y.length, 3);
    float[] before = sum.clone();
    Operand output = new Operand(y, 0), slope = new Operand(dy, 0), added = new Operand(sum, 0);
    kernels.softmaxForward(pixels, c, output, output, workers).run();
    kernels.softmaxBackward(pixels, c, output, slope, false, new Operand(dx, 0), workers).run();
    kernels.softmaxBackward(pixels, c, output, slope, true, added, workers).run();
    kernels.softmaxBackward(pixels, c, output, slope, false, slope, workers).run();
    assertArrayEquals(dx, dy);
    double total = IntStream.range(0, c).mapToDouble(i -> dx[i]).sum();
    assertEquals(0, total, 1e-6, "y can't leave the plane on which it sums to 1");
    for (int i = 0; i < y.length; i++) {
      assertEquals(before[i] + dx[i], sum[i]);
    }
    assertTrue(dx[5] != 0);
  }
}
