package convoy.engine.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.KernelCases;
import convoy.engine.kernel.Kernels;
import convoy.engine.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** What holds for every layer that is one operation: it agrees with its twin in double. */
class LayerTest {

  static Stream<Arguments> layers() {
    return TestKernels.all().stream()
        .flatMap(
            kernels -> LayerCase.all().stream().map(c -> Arguments.of(kernels.name(), kernels, c)));
  }

  @ParameterizedTest(name = "{0} {2}")
  @MethodSource("layers")
  void forwardIsThatOfTheTwin(String name, Kernels kernels, LayerCase layer) {
    LayerRun run = LayerRun.of(kernels, layer.layer(), layer.x());
    LayerTwin.Pass twin = layer.twin();
    assertEquals(twin.shape(), run.y());
    float[] y = run.forward(layer.values(), layer.parameters());
    assertNear(kernels, layer, y, twin.y(), forwardTerms(layer), "y");
  }

  @ParameterizedTest(name = "{0} {2}")
  @MethodSource("layers")
  void backwardIsThatOfTheTwin(String name, Kernels kernels, LayerCase layer) {
    Backward.Mode mode = mode(layer);
    LayerRun.Result got = run(kernels, layer, mode);
    LayerTwin.Gradients wanted =
        layer.twin().backward().apply(TestValues.doubles(layer.outputGradient()));
    if (mode != Backward.Mode.UNWANTED) {
      assertNear(kernels, layer, got.dx(), wanted.dx(), inputGradientTerms(layer), "dx");
    }
    long pixels = layer.layer().outputShape(layer.x()).pixels();
    for (int i = 0; i < wanted.parameters().size(); i++) {
      float[] gradient = got.parameterGradients().get(i);
      assertNear(
          kernels,
          layer,
          gradient,
          wanted.parameters().get(i),
          pixels,
          "gradient of parameter " + i);
    }
  }

  @ParameterizedTest(name = "{0} {2}")
  @MethodSource("layers")
  void accumulatedInputGradientIsAddedToWhatIsThere(String name, Kernels kernels, LayerCase layer) {
    if (layer.layer() instanceof Scaling) {
      return;
    }
    float[] before = TestValues.spread(TestValues.key(3), (int) layer.x().size());
    LayerRun run = LayerRun.of(kernels, layer.layer(), layer.x());
    float[] dy = layer.outputGradient();
    LayerRun.Result added =
        run.run(layer.values(), layer.parameters(), dy, Backward.Mode.ACCUMULATE, before);
    double[] wanted = layer.twin().backward().apply(TestValues.doubles(dy)).dx();
    for (int i = 0; i < wanted.length; i++) {
      wanted[i] += before[i];
    }
    assertNear(kernels, layer, added.dx(), wanted, inputGradientTerms(layer) + 1, "dx");
    LayerRun.Result alone = run(kernels, layer, Backward.Mode.OVERWRITE);
    for (int i = 0; i < alone.parameterGradients().size(); i++) {
      assertArrayEquals(alone.parameterGradients().get(i), added.parameterGradients().get(i));
    }
  }

  @ParameterizedTest(name = "{0} {2}")
  @MethodSource("layers")
  void unwantedInputGradientIsNotComputed(String name, Kernels kernels, LayerCase layer) {
    for (float value : run(kernels, layer, Backward.Mode.UNWANTED).dx()) {
      assertTrue(Float.isNaN(value), "dx is written");
    }
  }

  @ParameterizedTest(name = "{0} {2}")
  @MethodSource("layers")
  void threadsAndGapsBetweenPixelsChangeNoBit(String name, Kernels kernels, LayerCase layer) {
    Backward.Mode mode = mode(layer);
    float[] dy = layer.outputGradient();
    boolean gaps = layer.layer().writesWithPixelStride();
    LayerRun.Result one = run(kernels, layer, mode);
    LayerRun.Result other =
        LayerRun.of(kernels, layer.layer(), layer.x())
            .withThreads(3)
            .withGap(gaps ? 3 : 0)
            .run(layer.values(), layer.parameters(), dy, mode, new float[0]);
    assertArrayEquals(one.y(), other.y());
    assertArrayEquals(one.dx(), other.dx());
    for (int i = 0; i < one.parameterGradients().size(); i++) {
      assertArrayEquals(one.parameterGradients().get(i), other.parameterGradients().get(i));
    }
  }

  @ParameterizedTest(name = "{0} {2}")
  @MethodSource("layers")
  void anImageIsComputedAlikeInAnyBatch(String name, Kernels kernels, LayerCase layer) {
    if (layer.layer() instanceof BatchNormalization) {
      return;
    }
    int images = layer.x().n();
    float[] together =
        LayerRun.of(kernels, layer.layer(), layer.x()).forward(layer.values(), layer.parameters());
    Shape single = layer.x().withImages(1);
    for (int n = 0; n < images; n++) {
      float[] alone =
          LayerRun.of(kernels, layer.layer(), single)
              .forward(part(layer.values(), n, images), layer.parameters());
      assertArrayEquals(part(together, n, images), alone);
    }
  }

  @ParameterizedTest(name = "{0} {2}")
  @MethodSource("layers")
  void parameterGradientsAreLeftOutWhereNoneAreAskedFor(
      String name, Kernels kernels, LayerCase layer) {
    if (layer.layer() instanceof Scaling) {
      assertThrows(IllegalStateException.class, () -> run(kernels, layer, Backward.Mode.OVERWRITE));
    } else {
      assertEquals(
          layer.parameters().size(),
          run(kernels, layer, Backward.Mode.OVERWRITE).parameterGradients().size());
    }
  }

  private static LayerRun.Result run(Kernels kernels, LayerCase layer, Backward.Mode mode) {
    return LayerRun.of(kernels, layer.layer(), layer.x())
        .run(layer.values(), layer.parameters(), layer.outputGradient(), mode, new float[0]);
  }

  private static Backward.Mode mode(LayerCase layer) {
    return layer.layer() instanceof Scaling ? Backward.Mode.UNWANTED : Backward.Mode.OVERWRITE;
  }

  private static float[] part(float[] values, int n, int images) {
    int size = values.length / images;
    return Arrays.copyOfRange(values, n * size, (n + 1) * size);
  }

  private static long forwardTerms(LayerCase layer) {
    List<ParameterSpec> parameters = layer.layer().parameters(layer.x());
    int outputs = layer.layer().outputShape(layer.x()).c();
    return parameters.isEmpty() ? 1 : parameters.get(0).size() / outputs + 1;
  }

  private static long inputGradientTerms(LayerCase layer) {
    List<ParameterSpec> parameters = layer.layer().parameters(layer.x());
    return parameters.isEmpty() ? 9 : parameters.get(0).size() / layer.x().c();
  }

  private static void assertNear(
      Kernels kernels, LayerCase layer, float[] got, double[] wanted, long terms, String what) {
    double error = TestValues.error(got, wanted);
    double tolerance = tolerance(kernels, layer, terms);
    assertTrue(error <= tolerance, () -> what + ": error " + error + ", wanted " + tolerance);
  }

  private static double tolerance(Kernels kernels, LayerCase layer, long terms) {
    if (layer.layer() instanceof Convolution convolution) {
      return KernelCases.tolerance(kernels, convolution.shape(layer.x()), terms);
    }
    return TestValues.tolerance(terms);
  }
}
