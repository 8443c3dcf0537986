package convoy.engine.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class PoolingKernelsTest {
  /** Fills whole vectors on every machine, so that no kernel falls back on plain loops. */
  private static final int WIDE = 32;

  private static final Window TWO = new Window(2, 2, 2, 2, 0, 0, 0, 0);

  static List<Kernels> kernels() {
    return KernelCases.kernels();
  }

  private static float[] forward(Kernels kernels, PoolingShape shape, float[] x) {
    return forward(PoolingFunction.MAX, kernels, shape, x);
  }

  private static float[] forward(
      PoolingFunction function, Kernels kernels, PoolingShape shape, float[] x) {
    int images = x.length / (shape.h() * shape.w() * shape.xPixelStride());
    float[] y = new float[images * shape.p() * shape.q() * shape.yPixelStride()];
    try (Workers workers = new Workers(2, ScratchSize.NONE)) {
      kernels
          .poolingForward(function, shape, images, new Operand(x, 0), new Operand(y, 0), workers)
          .run();
    }
    return y;
  }

  private static float[] backward(
      Kernels kernels, PoolingShape shape, float[] x, float[] dy, float[] dx) {
    return backward(PoolingFunction.MAX, kernels, shape, x, dy, dx);
  }

  private static float[] backward(
      PoolingFunction function,
      Kernels kernels,
      PoolingShape shape,
      float[] x,
      float[] dy,
      float[] dx) {
    int images = x.length / (shape.h() * shape.w() * shape.xPixelStride());
    float[] result = dx == null ? KernelCases.numbers(x.length, 8) : dx.clone();
    try (Workers workers = new Workers(2, ScratchSize.NONE)) {
      kernels
          .poolingBackward(
              function,
              shape,
              images,
              new Operand(x, 0),
              new Operand(dy, 0),
              dx != null,
              new Operand(result, 0),
              workers)
          .run();
    }
    return result;
  }

  /** Each value in WIDE channels. */
  private static float[] spread(float... values) {
    float[] spread = new float[values.length * WIDE];
    for (int i = 0; i < spread.length; i++) {
      spread[i] = values[i / WIDE];
    }
    return spread;
  }

  private static PoolingShape image(int h, int w, Window window) {
    return new PoolingShape(h, w, WIDE, window, WIDE, WIDE);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void largestOfTheWindowWins(Kernels kernels) {
    float[] x = spread(1, 2, 8, 7, 3, 4, 5, 6);
    assertArrayEquals(spread(4, 8), forward(kernels, image(2, 4, TWO), x));
    assertArrayEquals(
        spread(0, 0, 20, 0, 0, 10, 0, 0),
        backward(kernels, image(2, 4, TWO), x, spread(10, 20), null));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void firstOfEqualsReceivesTheGradient(Kernels kernels) {
    float[] x = spread(1, 5, 5, 5);
    assertArrayEquals(spread(0, 3, 0, 0), backward(kernels, image(2, 2, TWO), x, spread(3), null));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void firstNanWins(Kernels kernels) {
    float[] x = spread(9, Float.NaN, Float.NaN, 10);
    assertArrayEquals(spread(Float.NaN), forward(kernels, image(2, 2, TWO), x));
    assertArrayEquals(spread(0, 3, 0, 0), backward(kernels, image(2, 2, TWO), x, spread(3), null));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void paddingNeverWins(Kernels kernels) {
    PoolingShape shape = image(1, 2, new Window(2, 2, 1, 1, 1, 1, 0, 2));
    float[] x = spread(-3, -2);
    float low = Float.NEGATIVE_INFINITY;
    assertArrayEquals(spread(-3, -2, -2, low), forward(kernels, shape, x));
    assertArrayEquals(spread(1, 110), backward(kernels, shape, x, spread(1, 10, 100, 1000), null));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void minusInfinityIsAValue(Kernels kernels) {
    float low = Float.NEGATIVE_INFINITY;
    assertArrayEquals(
        spread(3, 0, 0, 0),
        backward(kernels, image(2, 2, TWO), spread(low, low, low, low), spread(3), null));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void gradientIsAdded(Kernels kernels) {
    float[] x = spread(1, 2, 3, 4);
    assertArrayEquals(
        spread(1, 1, 1, 4), backward(kernels, image(2, 2, TWO), x, spread(3), spread(1, 1, 1, 1)));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void smallestWinsAsTheLargestDoes(Kernels kernels) {
    PoolingFunction min = PoolingFunction.MIN;
    float nan = Float.NaN, high = Float.POSITIVE_INFINITY;
    float[] x = spread(3, 1, 8, nan, 1, 4, nan, -6);
    PoolingShape shape = image(2, 4, TWO);
    assertArrayEquals(spread(1, nan), forward(min, kernels, shape, x));
    float[] dx = backward(min, kernels, shape, x, spread(10, 20), null);
    assertArrayEquals(spread(0, 10, 0, 20, 0, 0, 0, 0), dx);
    PoolingShape padded = image(1, 2, new Window(2, 2, 1, 1, 1, 1, 0, 2));
    assertArrayEquals(spread(3, 2, 2, high), forward(min, kernels, padded, spread(3, 2)));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void meanIsOverTheCellsInsideTheImage(Kernels kernels) {
    PoolingFunction mean = PoolingFunction.MEAN;
    PoolingShape shape = image(1, 2, new Window(2, 2, 1, 1, 1, 1, 0, 2));
    float[] y = forward(mean, kernels, shape, spread(3, 2));
    assertArrayEquals(spread(3, 2.5f, 2, Float.NaN), y);
    float[] dx = backward(mean, kernels, shape, spread(3, 2), spread(1, 10, 100, 1000), null);
    assertArrayEquals(spread(6, 105), dx);
  }

  @ParameterizedTest
  @EnumSource(PoolingFunction.class)
  void kernelsAgreeToTheBit(PoolingFunction function) {
    List<Kernels> kernels = kernels();
    for (int c : new int[] {1, 3, 16, 17, 20, 50, 64}) {
      for (Window window :
          List.of(TWO, new Window(3, 3, 2, 2, 1, 0, 0, 1), new Window(3, 2, 1, 1, 0, 1, 1, 0))) {
        PoolingShape shape = new PoolingShape(7, 6, c, window, c + 2, c + 1);
        float[] x = KernelCases.pixels(0, 3 * 42, c, c + 2, 1);
        int outputs = 3 * shape.p() * shape.q();
        float[] dy = KernelCases.pixels(0, outputs, c, c + 1, 2);
        float[] y = forward(function, kernels.get(0), shape, x),
            dx = backward(function, kernels.get(0), shape, x, dy, x);
        assertArrayEquals(y, forward(function, kernels.get(1), shape, x), shape.toString());
        assertArrayEquals(
            dx, backward(function, kernels.get(1), shape, x, dy, x), shape.toString());
        assertEquals(0, y[c], "the gap between outputs is not written");
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void everyGradientArrives(Kernels kernels) {
    PoolingShape shape = image(9, 9, new Window(3, 3, 2, 2, 1, 1, 1, 1));
    float[] x = KernelCases.numbers(2 * 81 * WIDE, 1), ones = new float[2 * 25 * WIDE];
    Arrays.fill(ones, 1);
    double sum = 0;
    for (float value : backward(kernels, shape, x, ones, null)) {
      sum += value;
    }
    assertEquals(ones.length, sum);
  }
}
