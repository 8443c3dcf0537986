package convoy.engine.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ElementKernelsTest {
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

  @ParameterizedTest
  @MethodSource("kernels")
  void reluClipsNegativesInPlace(Kernels kernels) {
    float[] x = KernelCases.numbers(SIZE + 3, 1), y = x.clone();
    kernels.reluForward(SIZE, new Operand(y, 2), new Operand(y, 2), workers).run();
    for (int i = 0; i < x.length; i++) {
      assertEquals(i < 2 || i == SIZE + 2 ? x[i] : Math.max(0, x[i]), y[i]);
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void reluKeepsNan(Kernels kernels) {
    float[] x = new float[19];
    x[0] = Float.NaN;
    x[18] = Float.NaN;
    kernels.reluForward(19, new Operand(x, 0), new Operand(x, 0), workers).run();
    assertTrue(Float.isNaN(x[0]) && Float.isNaN(x[18]));
    assertEquals(0, x[9]);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void reluGradientPassesWhereOutputIsPositive(Kernels kernels) {
    float[] y = KernelCases.numbers(SIZE, 1), dy = KernelCases.numbers(SIZE, 2);
    y[7] = 0;
    float[] dx = new float[SIZE + 1], sum = KernelCases.numbers(SIZE, 3), before = sum.clone();
    kernels
        .reluBackward(
            SIZE, new Operand(y, 0), new Operand(dy, 0), false, new Operand(dx, 1), workers)
        .run();
    kernels
        .reluBackward(
            SIZE, new Operand(y, 0), new Operand(dy, 0), true, new Operand(sum, 0), workers)
        .run();
    for (int i = 0; i < SIZE; i++) {
      float gradient = y[i] > 0 ? dy[i] : 0;
      assertEquals(gradient, dx[i + 1]);
      assertEquals(before[i] + gradient, sum[i]);
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void sumMayOverwriteAnOperand(Kernels kernels) {
    float[] a = KernelCases.numbers(SIZE, 1), b = KernelCases.numbers(SIZE + 4, 2);
    float[] y = a.clone();
    kernels.addition(SIZE, new Operand(y, 0), new Operand(b, 4), new Operand(y, 0), workers).run();
    for (int i = 0; i < SIZE; i++) {
      assertEquals(a[i] + b[i + 4], y[i]);
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void scalingIsByChannel(Kernels kernels) {
    float[] x = KernelCases.numbers(7 * 2000, 1), y = new float[x.length];
    float[] factor = KernelCases.numbers(7, 2), shift = KernelCases.numbers(7, 3);
    kernels.scaling(2000, 7, new Operand(x, 0), factor, shift, new Operand(y, 0), workers).run();
    for (int i = 0; i < x.length; i++) {
      assertEquals(x[i] * factor[i % 7] + shift[i % 7], y[i]);
    }
  }
}
