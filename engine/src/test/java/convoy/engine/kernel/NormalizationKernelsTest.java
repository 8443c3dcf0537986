package convoy.engine.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the normalisation kernels against their definitions in double. */
class NormalizationKernelsTest {
  private static final int OFFSET = 3;

  static List<Kernels> kernels() {
    return KernelCases.kernels();
  }

  /** On both sides of every block size, with and without gaps between pixels. */
  static Stream<Arguments> shapes() {
    List<NormalizationShape> shapes = new ArrayList<>();
    for (int pixels : new int[] {1, 2, 17, 256, 257, 700}) {
      for (int c : new int[] {1, 5, 16, 37, 128, 131}) {
        shapes.add(new NormalizationShape(pixels, c, c, c));
      }
    }
    shapes.add(new NormalizationShape(530, 19, 23, 29));
    shapes.add(new NormalizationShape(40_000, 3, 3, 4));
    return kernels().stream().flatMap(k -> shapes.stream().map(s -> Arguments.of(k, s)));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void momentsAreThoseOfCentredValues(Kernels kernels, NormalizationShape shape) {
    int C = shape.c();
    float[] x = input(shape, 1);
    float[] moments = moments(kernels, shape, x, 1);
    for (int c = 0; c < C; c++) {
      double mean = mean(shape, x, c), variance = variance(shape, x, c);
      assertEquals(mean, moments[c], 1e-6 * Math.sqrt(variance) + 1e-7 * Math.abs(mean));
      assertEquals(variance, moments[C + c], 2e-6 * variance);
    }
    assertArrayEquals(moments, moments(kernels, shape, x, 3));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void aLargeMeanCostsTheVarianceNoDigits(Kernels kernels) {
    // Mean 4096, variance about 1e-3: the mean of squares, 1.7e7, would leave none of it in float,
    // and that of equal values would be below zero at times.
    NormalizationShape shape = new NormalizationShape(5000, 33, 33, 33);
    float[] x = input(shape, 1);
    for (int i = 0; i < x.length; i++) {
      x[i] = i % 33 == 32 ? 4096.1f : 4096 + 0.03f * x[i];
    }
    float[] moments = moments(kernels, shape, x, 1);
    for (int c = 0; c < 32; c++) {
      double variance = variance(shape, x, c);
      assertEquals(variance, moments[33 + c], 1e-5 * variance);
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void equalValuesHaveNoVariance(Kernels kernels) {
    NormalizationShape shape = new NormalizationShape(777, 18, 18, 18);
    float[] x = new float[OFFSET + 777 * 18];
    for (float value : new float[] {0, 0.1f, -4096.1f, 1e-30f}) {
      Arrays.fill(x, value);
      float[] moments = moments(kernels, shape, x, 1);
      for (int c = 0; c < 18; c++) {
        assertEquals(value, moments[c]);
        assertEquals(0, moments[18 + c], 1e-14f * value * value);
        assertTrue(moments[18 + c] >= 0);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void infinityAndNanReachTheMoments(Kernels kernels) {
    NormalizationShape shape = new NormalizationShape(300, 19, 19, 19);
    float[] x = input(shape, 1);
    x[OFFSET + 19 * 290] = Float.POSITIVE_INFINITY;
    x[OFFSET + 19 * 3 + 18] = Float.NaN;
    float[] moments = moments(kernels, shape, x, 1);
    assertEquals(false, Float.isFinite(moments[0]) && Float.isFinite(moments[19]));
    assertTrue(Float.isNaN(moments[18]) && Float.isNaN(moments[37]));
    assertTrue(Float.isFinite(moments[1]) && Float.isFinite(moments[20]));
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void outputIsNormalisedByChannel(Kernels kernels, NormalizationShape shape) {
    float[] x = input(shape, 1);
    for (boolean relu : new boolean[] {false, true}) {
      Normalization normalization = normalization(shape, relu);
      float[] y = normalize(kernels, shape, x, normalization, 1);
      for (int pixel = 0; pixel < shape.pixels(); pixel++) {
        for (int c = 0; c < shape.c(); c++) {
          float value = value(normalization, x[at(shape.xPixelStride(), pixel, c)], c);
          float wanted = relu && value < 0 ? 0 : value;
          assertEquals(wanted, y[at(shape.yPixelStride(), pixel, c)]);
        }
      }
      assertArrayEquals(y, normalize(kernels, shape, x, normalization, 3));
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void nanPassesTheReluAndItsGradientDoesNot(Kernels kernels) {
    NormalizationShape shape = new NormalizationShape(1, 19, 19, 19);
    float[] x = new float[OFFSET + 19];
    Arrays.fill(x, Float.NaN);
    Normalization normalization = normalization(shape, true);
    float[] y = normalize(kernels, shape, x, normalization, 1);
    float[] sums = sums(kernels, shape, x, normalization, x.clone(), 1);
    for (int c = 0; c < 19; c++) {
      assertTrue(Float.isNaN(y[OFFSET + c]));
      assertEquals(0, sums[c]);
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void sumsAreThoseOfTheGradientsThatPass(Kernels kernels, NormalizationShape shape) {
    int C = shape.c();
    float[] x = input(shape, 1), dy = output(shape, 2);
    for (boolean relu : new boolean[] {false, true}) {
      Normalization normalization = normalization(shape, relu);
      float[] sums = sums(kernels, shape, x, normalization, dy, 1);
      for (int c = 0; c < C; c++) {
        double sum = 0, products = 0, size = 0, productSize = 0;
        for (int pixel = 0; pixel < shape.pixels(); pixel++) {
          float input = x[at(shape.xPixelStride(), pixel, c)];
          if (!relu || value(normalization, input, c) > 0) {
            double gradient = dy[at(shape.yPixelStride(), pixel, c)];
            double product = gradient * ((double) input - normalization.mean().array()[c]);
            sum += gradient;
            products += product;
            size += Math.abs(gradient);
            productSize += Math.abs(product);
          }
        }
        assertEquals(sum, sums[c], 1e-6 * size);
        assertEquals(products, sums[C + c], 1e-6 * productSize);
      }
      assertArrayEquals(sums, sums(kernels, shape, x, normalization, dy, 3));
    }
  }

  @ParameterizedTest
  @MethodSource("shapes")
  void inputGradientIsCentredWhereThereAreSlopes(Kernels kernels, NormalizationShape shape) {
    float[] x = input(shape, 1), dy = output(shape, 2);
    float[] slopes = KernelCases.numbers(2 * shape.c(), 6);
    for (boolean relu : new boolean[] {false, true}) {
      for (Operand given : new Operand[] {Operand.NONE, new Operand(slopes, 0)}) {
        Normalization normalization = normalization(shape, relu);
        float[] dx = new float[x.length], sum = input(shape, 7), before = sum.clone();
        gradient(kernels, shape, x, normalization, dy, given, false, dx);
        gradient(kernels, shape, x, normalization, dy, given, true, sum);
        for (int pixel = 0; pixel < shape.pixels(); pixel++) {
          for (int c = 0; c < shape.c(); c++) {
            int at = at(shape.xPixelStride(), pixel, c);
            float value = value(normalization, x[at], c);
            float slope = relu && !(value > 0) ? 0 : dy[at(shape.yPixelStride(), pixel, c)];
            if (given.isPresent()) {
              float centred = x[at] - normalization.mean().array()[c];
              slope = slope - slopes[c] - slopes[shape.c() + c] * centred;
            }
            float wanted = normalization.scale().array()[c] * slope;
            assertEquals(wanted, dx[at]);
            assertEquals(before[at] + wanted, sum[at]);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void resultsMayTakeThePlaceOfOperands(Kernels kernels) {
    NormalizationShape shape = new NormalizationShape(300, 21, 21, 21);
    float[] x = input(shape, 1), dy = output(shape, 2), dx = new float[x.length];
    Normalization normalization = normalization(shape, true);
    Operand slopes = new Operand(KernelCases.numbers(42, 6), 0);
    gradient(kernels, shape, x, normalization, dy, slopes, false, dx);
    gradient(kernels, shape, x, normalization, dy, slopes, false, dy);
    assertArrayEquals(from(dx), from(dy));
    float[] y = normalize(kernels, shape, x, normalization, 1);
    try (Workers workers = new Workers(1, ScratchSize.NONE)) {
      Operand both = new Operand(x, OFFSET);
      kernels.normalizationForward(shape, both, normalization, Operand.NONE, both, workers).run();
    }
    assertArrayEquals(from(y), from(x));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void summandComesBeforeTheReluAndTheGradientIsMaskedByItsOutput(Kernels kernels) {
    NormalizationShape shape = new NormalizationShape(300, 21, 23, 22);
    float[] x = input(shape, 1), add = output(shape, 2), dy = output(shape, 3);
    float[] plain = normalize(kernels, shape, x, normalization(shape, false), 1);
    float[] y = add.clone(), masked = dy.clone(), counted = dy.clone();
    Normalization normalization = normalization(shape, true);
    try (Workers workers = new Workers(2, kernels.scratch(shape))) {
      Operand in = new Operand(x, OFFSET), sum = new Operand(y, OFFSET);
      Operand summand = new Operand(add, OFFSET), none = Operand.NONE;
      kernels.normalizationForward(shape, in, normalization, summand, sum, workers).run();
      for (int i = OFFSET; i < y.length; i++) {
        if ((i - OFFSET) % 22 < 21) {
          assertEquals(Math.max(0, plain[i] + add[i]), y[i], 0);
          counted[i] = y[i] > 0 ? dy[i] : 0;
        }
      }
      float[] got = new float[42], wanted = new float[42];
      Normalization linear = normalization(shape, false);
      Operand gradient = new Operand(masked, OFFSET), results = new Operand(got, 0);
      kernels.normalizationSums(shape, in, linear, sum, gradient, results, workers).run();
      gradient = new Operand(counted, OFFSET);
      results = new Operand(wanted, 0);
      kernels.normalizationSums(shape, in, linear, none, gradient, results, workers).run();
      assertArrayEquals(wanted, got);
      assertArrayEquals(from(counted), from(masked));
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void inputIsNotReadWhereNothingDependsOnIt(Kernels kernels) {
    NormalizationShape shape = new NormalizationShape(30, 21, 21, 21);
    float[] nothing = new float[OFFSET + 30 * 21], dy = output(shape, 2);
    Arrays.fill(nothing, Float.NaN);
    float[] dx = new float[dy.length];
    Normalization normalization = normalization(shape, false);
    gradient(kernels, shape, nothing, normalization, dy, Operand.NONE, false, dx);
    for (int i = OFFSET; i < dx.length; i++) {
      assertEquals(normalization.scale().array()[(i - OFFSET) % 21] * dy[i], dx[i]);
    }
  }

  private static float[] from(float[] array) {
    return Arrays.copyOfRange(array, OFFSET, array.length);
  }

  private static float[] input(NormalizationShape shape, long seed) {
    return KernelCases.pixels(OFFSET, shape.pixels(), shape.c(), shape.xPixelStride(), seed);
  }

  private static float[] output(NormalizationShape shape, long seed) {
    return KernelCases.pixels(OFFSET, shape.pixels(), shape.c(), shape.yPixelStride(), seed);
  }

  private static int at(int stride, int pixel, int c) {
    return OFFSET + pixel * stride + c;
  }

  private static Normalization normalization(NormalizationShape shape, boolean relu) {
    return new Normalization(
        new Operand(KernelCases.numbers(shape.c(), 3), 0),
        new Operand(KernelCases.numbers(shape.c(), 4), 0),
        new Operand(KernelCases.numbers(shape.c(), 5), 0),
        relu);
  }

  private static float value(Normalization normalization, float x, int c) {
    float centred = x - normalization.mean().array()[c];
    return centred * normalization.scale().array()[c] + normalization.shift().array()[c];
  }

  private static double mean(NormalizationShape shape, float[] x, int c) {
    double sum = 0;
    for (int pixel = 0; pixel < shape.pixels(); pixel++) {
      sum += x[at(shape.xPixelStride(), pixel, c)];
    }
    return sum / shape.pixels();
  }

  private static double variance(NormalizationShape shape, float[] x, int c) {
    double mean = mean(shape, x, c), sum = 0;
    for (int pixel = 0; pixel < shape.pixels(); pixel++) {
      double centred = x[at(shape.xPixelStride(), pixel, c)] - mean;
      sum += centred * centred;
    }
    return sum / shape.pixels();
  }

  private static float[] moments(
      Kernels kernels, NormalizationShape shape, float[] x, int threads) {
    float[] moments = new float[2 * shape.c()];
    try (Workers workers = new Workers(threads, kernels.scratch(shape))) {
      kernels.moments(shape, new Operand(x, OFFSET), new Operand(moments, 0), workers).run();
    }
    return moments;
  }

  private static float[] normalize(
      Kernels kernels,
      NormalizationShape shape,
      float[] x,
      Normalization normalization,
      int threads) {
    float[] y = new float[OFFSET + shape.pixels() * shape.yPixelStride()];
    Arrays.fill(y, Float.NaN);
    try (Workers workers = new Workers(threads, ScratchSize.NONE)) {
      kernels
          .normalizationForward(
              shape,
              new Operand(x, OFFSET),
              normalization,
              Operand.NONE,
              new Operand(y, OFFSET),
              workers)
          .run();
    }
    long gaps = (long) shape.pixels() * (shape.yPixelStride() - shape.c());
    assertTrue(KernelCases.nans(y) >= OFFSET + gaps, "gaps are written");
    return y;
  }

  private static float[] sums(
      Kernels kernels,
      NormalizationShape shape,
      float[] x,
      Normalization normalization,
      float[] dy,
      int threads) {
    float[] sums = new float[2 * shape.c()];
    try (Workers workers = new Workers(threads, kernels.scratch(shape))) {
      kernels
          .normalizationSums(
              shape,
              new Operand(x, OFFSET),
              normalization,
              Operand.NONE,
              new Operand(dy, OFFSET),
              new Operand(sums, 0),
              workers)
          .run();
    }
    return sums;
  }

  private static void gradient(
      Kernels kernels,
      NormalizationShape shape,
      float[] x,
      Normalization normalization,
      float[] dy,
      Operand slopes,
      boolean accumulate,
      float[] dx) {
    try (Workers workers = new Workers(2, ScratchSize.NONE)) {
      kernels
          .normalizationGradient(
              shape,
              new Operand(x, OFFSET),
              normalization,
              new Operand(dy, OFFSET),
              slopes,
              accumulate,
              new Operand(dx, OFFSET),
              workers)
          .run();
    }
  }
}
