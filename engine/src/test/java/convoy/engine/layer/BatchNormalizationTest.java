package convoy.engine.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Workers;
import convoy.engine.random.KeySource;
import convoy.engine.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Expected numbers are PyTorch's; engine/src/test/python/batch_normalization_golden.py prints them.
 */
class BatchNormalizationTest {
  private static final BatchNormalization LAYER = new BatchNormalization(0.001, 0.75, false);
  private static final Shape X = new Shape(2, 3, 2, 3);
  private static final List<float[]> PARAMETERS =
      List.of(new float[] {0.5f, -1.25f, 2}, new float[] {0.25f, 0, -0.5f});
  private static final List<float[]> STATISTICS =
      List.of(new float[] {0.5f, -0.5f, 1}, new float[] {1, 2, 0.5f});

  private static final float[] EVALUATED = {
    -0.749500375f,
    0.110457824f,
    -2.6192022f,
    0.562343867f,
    -2.20915647f,
    4.7980055f,
    -0.437156508f,
    -0.441831294f,
    -0.853200367f,
    0.874687734f,
    -2.76144559f,
    -6.50440623f,
    -0.124812641f,
    -0.994120412f,
    0.912801467f,
    1.1870316f,
    0.773204765f,
    -4.7384044f,
    0.187531227f,
    -1.54640953f,
    2.6788033f,
    1.49937547f,
    0.220915647f,
    -2.97240257f,
    0.499875094f,
    -2.09869865f,
    4.44480513f,
    -0.499625281f,
    -0.331373471f,
    -1.20640073f,
    0.812218961f,
    -2.65098777f,
    -6.8576066f,
    -0.187281414f,
    -0.883662588f,
    0.5596011f
  };

  private static final float[] Y = {
    -0.516622109f,
    1.30045994f,
    -1.34923046f,
    0.439757948f,
    -1.25982057f,
    2.61384501f,
    -0.288912571f,
    0.690869343f,
    -0.40564106f,
    0.667467485f,
    -1.86941116f,
    -3.42512713f,
    -0.0612030342f,
    0.0812787463f,
    0.537948338f,
    0.895177022f,
    2.03196866f,
    -2.48153774f,
    0.166506503f,
    -0.528311851f,
    1.48153774f,
    1.12288656f,
    1.42237806f,
    -1.53794834f,
    0.39421604f,
    -1.13790245f,
    2.42512713f,
    -0.334454479f,
    0.812787463f,
    -0.59435894f,
    0.621925577f,
    -1.74749304f,
    -3.61384501f,
    -0.106744942f,
    0.203196866f,
    0.349230458f
  };

  private static final float[] DX = {
    -0.383386459f,
    0.534737532f,
    -0.0838958966f,
    0.349210864f,
    0.839740822f,
    -0.630728947f,
    0.181400682f,
    -1.03273162f,
    -1.54410597f,
    -0.0196110978f,
    -0.727728334f,
    1.41123355f,
    -0.18742128f,
    -0.100879333f,
    0.864400499f,
    -0.38843306f,
    0.525969669f,
    -0.048976519f,
    0.377365861f,
    0.830972959f,
    -0.59580957f,
    0.176354081f,
    -1.04149949f,
    -1.50918659f,
    0.00854389871f,
    -0.736496197f,
    1.81269689f,
    -0.159266284f,
    -0.109647196f,
    0.899319876f,
    -0.360278063f,
    0.195356094f,
    -0.0140571414f,
    0.405520857f,
    0.822205096f,
    -0.560890192f
  };

  private static final float[] DGAMMA = {0.324486091f, -1.09726307f, -0.834486874f};

  private static final float[] DBETA = {1.125f, 1.6875f, 4.8125f};

  private static final float[] RUNNING_MEAN = {0.526041667f, -0.197916667f, 0.953125f};

  private static final float[] RUNNING_VARIANCE = {1.22059462f, 1.91037326f, 0.813476562f};

  private static final float[] UNBIASED_VARIANCE = {1.26337595f, 1.94767992f, 0.853338068f};

  static List<Kernels> kernels() {
    return TestKernels.all();
  }

  /** The formula of the Python script. */
  private static float[] numbers(int count, int step, int modulus, float scale, float shift) {
    float[] numbers = new float[count];
    for (int i = 0; i < count; i++) {
      numbers[i] = i * step % modulus * scale + shift;
    }
    return numbers;
  }

  private static float[] x() {
    return numbers(36, 7, 37, 0.125f, -1.5f);
  }

  private static float[] dy() {
    return numbers(36, 11, 41, 0.0625f, -1);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void bothPassesOfTrainingAreThoseOfPyTorch(Kernels kernels) {
    LayerRun.Result got =
        LayerRun.of(kernels, LAYER, X)
            .run(x(), PARAMETERS, dy(), Backward.Mode.OVERWRITE, new float[0]);
    assertArrayEquals(Y, got.y(), 3e-6f);
    assertArrayEquals(DX, got.dx(), 3e-6f);
    assertArrayEquals(DGAMMA, got.parameterGradients().get(0), 3e-6f);
    assertArrayEquals(DBETA, got.parameterGradients().get(1), 3e-6f);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void runningStatisticsMoveTowardsThoseOfTheBatch(Kernels kernels) {
    assertMoves(kernels, LAYER, RUNNING_VARIANCE);
    assertMoves(kernels, new BatchNormalization(0.001, 0.75, true), UNBIASED_VARIANCE);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void onePixelHasNoVarianceEitherWay(Kernels kernels) {
    Shape one = new Shape(1, 1, 1, 3);
    for (boolean unbiased : new boolean[] {false, true}) {
      LayerRun run = LayerRun.of(kernels, new BatchNormalization(0.001, 0, unbiased), one);
      List<float[]> parameters =
          List.of(
              PARAMETERS.get(0), PARAMETERS.get(1), new float[] {7, 7, 7}, new float[] {7, 7, 7});
      assertArrayEquals(PARAMETERS.get(1), run.forward(new float[] {1, 2, 3}, parameters));
    }
  }

  private static void assertMoves(
      Kernels kernels, BatchNormalization layer, float[] runningVariance) {
    List<Guarded> statistics = STATISTICS.stream().map(BatchNormalizationTest::guarded).toList();
    Guarded y = Guarded.empty(X, 0),
        kept = Guarded.empty(Shape.flat(1, (int) layer.kept(X, true)), 0);
    try (Workers workers = new Workers(1, layer.scratch(kernels, X))) {
      Forward values =
          new Forward(
              kernels,
              workers,
              List.of(Guarded.of(X, 0, x()).tensor()),
              List.of(
                  guarded(PARAMETERS.get(0)).tensor(),
                  guarded(PARAMETERS.get(1)).tensor(),
                  statistics.get(0).tensor(),
                  statistics.get(1).tensor()),
              kept.tensor().operand(),
              Operand.NONE,
              KeySource.NONE,
              y.tensor());
      layer.forward(values).run();
    }
    assertArrayEquals(Y, y.values(), 3e-6f);
    assertArrayEquals(RUNNING_MEAN, statistics.get(0).values(), 1e-6f);
    assertArrayEquals(runningVariance, statistics.get(1).values(), 1e-6f);
    assertTrue(statistics.get(0).surroundingsAreIntact());
    assertTrue(statistics.get(1).surroundingsAreIntact());
  }

  private static Guarded guarded(float[] values) {
    return Guarded.of(Shape.flat(1, values.length), 0, values);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void evaluationUsesTheRunningStatistics(Kernels kernels) {
    List<float[]> all =
        List.of(PARAMETERS.get(0), PARAMETERS.get(1), STATISTICS.get(0), STATISTICS.get(1));
    LayerRun run = new LayerRun(kernels, 1, LAYER.evaluated(), X, X, 0);
    LayerRun.Result got = run.run(x(), all, dy(), Backward.Mode.OVERWRITE, new float[0]);
    assertArrayEquals(EVALUATED, got.y(), 3e-6f);
    float[] dx = dy();
    for (int i = 0; i < dx.length; i++) {
      double deviation = Math.sqrt(STATISTICS.get(1)[i % 3] + LAYER.epsilon());
      dx[i] *= (float) (PARAMETERS.get(0)[i % 3] / deviation);
    }
    assertArrayEquals(dx, got.dx(), 3e-6f);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void reluInTheSamePassHasTheBitsOfTheTwoOperations(Kernels kernels) {
    for (LayerCase layer : LayerCase.all()) {
      if (layer.layer() instanceof BatchNormalization normalization) {
        checkRelu(
            kernels, layer, normalization, new FusedNormalization(normalization, false, true));
        Operation evaluated = new RunningNormalization(normalization, true);
        checkRelu(kernels, layer, normalization.evaluated(), evaluated);
      }
    }
  }

  private static void checkRelu(
      Kernels kernels, LayerCase layer, Operation single, Operation pair) {
    Shape x = layer.x();
    float[] values = layer.values(), dy = layer.outputGradient();
    List<float[]> parameters = withStatistics(layer);
    LayerRun first = new LayerRun(kernels, 1, single, x, x, 0);
    float[] between = first.forward(values, parameters);
    LayerRun.Result second =
        LayerRun.of(kernels, new Relu(), x)
            .run(between, List.of(), dy, Backward.Mode.OVERWRITE, new float[0]);
    float[] before = TestValues.spread(TestValues.key(3), (int) x.size());
    for (Backward.Mode mode : Backward.Mode.values()) {
      LayerRun.Result wanted = first.run(values, parameters, second.dx(), mode, before);
      LayerRun.Result got =
          new LayerRun(kernels, 1, pair, x, x, 0).run(values, parameters, dy, mode, before);
      assertArrayEquals(second.y(), got.y());
      assertArrayEquals(wanted.dx(), got.dx());
      for (int i = 0; i < 2; i++) {
        assertArrayEquals(wanted.parameterGradients().get(i), got.parameterGradients().get(i));
      }
    }
  }

  private static List<float[]> withStatistics(LayerCase layer) {
    int C = layer.x().c();
    float[] mean = TestValues.spread(TestValues.key(1), C);
    float[] variance = TestValues.spread(TestValues.key(2), C);
    for (int c = 0; c < C; c++) {
      variance[c] += 1.5f;
    }
    return List.of(layer.parameters().get(0), layer.parameters().get(1), mean, variance);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void onePixelBecomesBetaAndGetsNoGradient(Kernels kernels) {
    for (Shape x : List.of(Shape.flat(1, 19), new Shape(1, 1, 1, 2))) {
      int C = x.c();
      float[] values = TestValues.spread(TestValues.key(1), C);
      float[] gamma = TestValues.spread(TestValues.key(2), C);
      float[] beta = TestValues.spread(TestValues.key(3), C);
      float[] dy = TestValues.spread(TestValues.key(4), C);
      LayerRun.Result got =
          LayerRun.of(kernels, LAYER, x)
              .run(values, List.of(gamma, beta), dy, Backward.Mode.OVERWRITE, new float[0]);
      assertArrayEquals(beta, got.y());
      assertArrayEquals(new float[C], got.dx(), 0);
      assertArrayEquals(new float[C], got.parameterGradients().get(0), 0);
      assertArrayEquals(dy, got.parameterGradients().get(1));
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void oneImageIsNormalisedOverItsPixels(Kernels kernels) {
    Shape x = new Shape(1, 2, 2, 1);
    BatchNormalization layer = new BatchNormalization(1e-10, 0.5, false);
    float[] y =
        LayerRun.of(kernels, layer, x)
            .forward(new float[] {1, 3, 5, 7}, List.of(new float[] {1}, new float[] {10}));
    // Mean 4 and variance (9 + 1 + 1 + 9) / 4 = 5.
    float unit = (float) (1 / Math.sqrt(5));
    assertArrayEquals(new float[] {10 - 3 * unit, 10 - unit, 10 + unit, 10 + 3 * unit}, y, 2e-6f);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void aLargeMeanChangesLittleInTheOutput(Kernels kernels) {
    Shape x = new Shape(4, 9, 9, 18);
    float[] values = TestValues.spread(TestValues.key(1), (int) x.size());
    float[] moved = new float[values.length];
    for (int i = 0; i < moved.length; i++) {
      moved[i] = 2048 + values[i] / 64;
      values[i] = (moved[i] - 2048) * 64;
    }
    float[] gamma = TestValues.spread(TestValues.key(2), 18), beta = new float[18];
    // The moved values have 1/64 of the deviation, so 1/4096 of the variance and of epsilon.
    float[] wanted =
        LayerRun.of(kernels, new BatchNormalization(1e-3, 0.99, false), x)
            .forward(values, List.of(gamma, beta));
    float[] got =
        LayerRun.of(kernels, new BatchNormalization(1e-3 / 4096, 0.99, false), x)
            .forward(moved, List.of(gamma, beta));
    // A mean of 2048 is known to within 2^-13, which is 1/64 of a deviation of 0.009.
    assertArrayEquals(wanted, got, 0.02f);
  }

  @Test
  void settingsOutOfRangeAreRefused() {
    for (double epsilon : new double[] {0, -1, 1e-60, 1e60, Double.NaN}) {
      assertRefused(epsilon, 0.5, "epsilon is " + epsilon);
    }
    for (double momentum : new double[] {-0.1, 1.1, Double.NaN}) {
      assertRefused(0.001, momentum, "momentum is " + momentum + ", wanted 0 to 1");
    }
  }

  private static void assertRefused(double epsilon, double momentum, String wanted) {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> new BatchNormalization(epsilon, momentum, false))
            .getMessage();
    assertTrue(message.contains(wanted), message);
  }

  @Test
  void gammaStartsAtOneAndSoDoesTheRunningVariance() {
    assertEquals(
        List.of(
            new ParameterSpec("gamma", List.of(3), new Initializer.Ones()),
            new ParameterSpec("beta", List.of(3), new Initializer.Zeros())),
        LAYER.parameters(X));
    assertEquals(
        List.of(
            new ParameterSpec("runningMean", List.of(3), new Initializer.Zeros()),
            new ParameterSpec("runningVariance", List.of(3), new Initializer.Ones())),
        LAYER.statistics(X));
    assertEquals(1, new Initializer.Ones().value(TestValues.key(1), 5));
  }
}
