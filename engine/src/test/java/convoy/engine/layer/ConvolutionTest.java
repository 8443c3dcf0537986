package convoy.engine.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.Kernels;
import convoy.engine.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ConvolutionTest {
  private static final Padding VALID = new Padding.Valid();
  private static final Padding SAME = new Padding.Same();

  static List<Kernels> kernels() {
    return TestKernels.all();
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void outputIsTheSumByHand(Kernels kernels) {
    // x = 1 2 3 / 4 5 6 / 7 8 9, w = 1 2 / 3 4, b = 100; the kernel is not turned over.
    Convolution layer = TestLayers.convolution(1, 2, 2, 1, 1, VALID, true);
    LayerRun run = LayerRun.of(kernels, layer, new Shape(1, 3, 3, 1));
    float[] x = {1, 2, 3, 4, 5, 6, 7, 8, 9};
    List<float[]> parameters = List.of(new float[] {1, 2, 3, 4}, new float[] {100});
    LayerRun.Result result =
        run.run(x, parameters, new float[] {1, 0, 0, 10}, Backward.Mode.OVERWRITE, new float[0]);
    assertArrayEquals(new float[] {137, 147, 167, 177}, result.y());
    assertArrayEquals(new float[] {1, 2, 0, 3, 14, 20, 0, 30, 40}, result.dx());
    assertArrayEquals(new float[] {51, 62, 84, 95}, result.parameterGradients().get(0));
    assertArrayEquals(new float[] {11}, result.parameterGradients().get(1));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void aSymmetricKernelGivesTheSameTurned(Kernels kernels) {
    // The image 11100/01110/00111/00110/01100 under the filter 101/010/101, worked by hand.
    float[] x = {1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 0, 1, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0};
    List<float[]> parameters = List.of(new float[] {1, 0, 1, 0, 1, 0, 1, 0, 1});
    float[] wanted = {4, 3, 4, 2, 4, 3, 2, 3, 4};
    Convolution layer = TestLayers.convolution(1, 3, 3, 1, 1, VALID, false);
    Shape image = new Shape(1, 5, 5, 1);
    assertArrayEquals(wanted, LayerRun.of(kernels, layer, image).forward(x, parameters));
    Convolution turned = TestLayers.turned(layer);
    assertArrayEquals(wanted, LayerRun.of(kernels, turned, image).forward(x, parameters));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void kernelIsTurnedByTrueConvolutionAlone(Kernels kernels) {
    // x = 1 2 3 / 4 5 6 / 7 8 9, w = 1 2 / 3 4, dy = 1 0 / 0 10, by hand: turned, 4 3 / 2 1.
    Convolution layer = TestLayers.turned(TestLayers.convolution(1, 2, 2, 1, 1, VALID, true));
    float[] w = {1, 2, 3, 4};
    LayerRun.Result result =
        LayerRun.of(kernels, layer, new Shape(1, 3, 3, 1))
            .run(
                new float[] {1, 2, 3, 4, 5, 6, 7, 8, 9},
                List.of(w, new float[] {100}),
                new float[] {1, 0, 0, 10},
                Backward.Mode.OVERWRITE,
                new float[0]);
    assertArrayEquals(new float[] {123, 133, 153, 163}, result.y());
    assertArrayEquals(new float[] {4, 3, 0, 2, 41, 30, 0, 20, 10}, result.dx());
    assertArrayEquals(new float[] {95, 84, 62, 51}, result.parameterGradients().get(0));
    assertArrayEquals(new float[] {11}, result.parameterGradients().get(1));
    assertArrayEquals(new float[] {1, 2, 3, 4}, w);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void pixelsThatNoWindowReachesHaveZeroGradient(Kernels kernels) {
    Convolution layer = TestLayers.convolution(1, 1, 1, 2, 2, VALID, false);
    LayerRun run = LayerRun.of(kernels, layer, new Shape(1, 3, 4, 1));
    float[] dx =
        run.run(
                new float[12],
                List.of(new float[] {2}),
                new float[] {1, 2, 3, 4},
                Backward.Mode.OVERWRITE,
                new float[0])
            .dx();
    assertArrayEquals(new float[] {2, 0, 4, 0, 0, 0, 0, 0, 6, 0, 8, 0}, dx);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void nanAndInfinityPropagate(Kernels kernels) {
    Convolution layer = TestLayers.convolution(2, 1, 1, 1, 1, VALID, true);
    LayerRun run = LayerRun.of(kernels, layer, new Shape(1, 1, 2, 1));
    List<float[]> parameters = List.of(new float[] {1, -1}, new float[] {0, 0});
    float inf = Float.POSITIVE_INFINITY;
    float[] y = run.forward(new float[] {Float.NaN, inf}, parameters);
    assertArrayEquals(new float[] {Float.NaN, Float.NaN, inf, -inf}, y);
  }

  @Test
  void outputShapeFollowsSizeStrideAndPadding() {
    Shape x = new Shape(2, 32, 31, 3);
    assertEquals(
        new Shape(2, 30, 29, 8), TestLayers.convolution(8, 3, 3, 1, 1, VALID, true).outputShape(x));
    assertEquals(
        new Shape(2, 32, 31, 8), TestLayers.convolution(8, 3, 3, 1, 1, SAME, true).outputShape(x));
    assertEquals(
        new Shape(2, 16, 16, 8), TestLayers.convolution(8, 3, 3, 2, 2, SAME, true).outputShape(x));
    assertEquals(
        new Shape(2, 15, 10, 8), TestLayers.convolution(8, 3, 3, 2, 3, VALID, true).outputShape(x));
    Padding sides = new Padding.Explicit(1, 2, 3, 4);
    assertEquals(
        new Shape(2, 34, 35, 8), TestLayers.convolution(8, 3, 3, 1, 1, sides, true).outputShape(x));
  }

  @Test
  void parametersAreWeightsByHeightWidthInputsFiltersAndABias() {
    Convolution layer = TestLayers.convolution(8, 3, 5, 1, 1, SAME, true);
    List<ParameterSpec> parameters = layer.parameters(new Shape(1, 9, 9, 2));
    assertEquals("weights", parameters.get(0).name());
    assertEquals(List.of(3, 5, 2, 8), parameters.get(0).dimensions());
    assertEquals(new Initializer.GlorotUniform(30, 120), parameters.get(0).initializer());
    assertEquals("bias", parameters.get(1).name());
    assertEquals(List.of(8), parameters.get(1).dimensions());
    assertEquals(new Initializer.Zeros(), parameters.get(1).initializer());
    Convolution bare = TestLayers.convolution(8, 3, 5, 1, 1, SAME, false);
    assertEquals(1, bare.parameters(new Shape(1, 9, 9, 2)).size());
  }

  @Test
  void multiplicationsCountEachTapOfEachOutput() {
    Convolution layer = TestLayers.convolution(128, 3, 3, 1, 1, SAME, true);
    assertEquals(32L * 32 * 128 * 9 * 128, layer.multiplications(new Shape(1, 32, 32, 128)));
    assertEquals(7 * 32L * 32 * 128 * 9 * 128, layer.multiplications(new Shape(7, 32, 32, 128)));
  }

  @Test
  void kernelLargerThanTheInputIsRefusedWithBothSizes() {
    Convolution layer = TestLayers.convolution(8, 11, 11, 1, 1, VALID, true);
    String message = refusal(() -> layer.outputShape(new Shape(1, 8, 8, 16)));
    assertTrue(message.startsWith("its 11x11 window does not fit an input of 8x8x16"), message);
  }

  @Test
  void settingsBelowOneAreRefused() {
    refusal(() -> TestLayers.convolution(0, 3, 3, 1, 1, VALID, true));
    refusal(() -> TestLayers.convolution(1, 0, 3, 1, 1, VALID, true));
    refusal(() -> TestLayers.convolution(1, 3, -1, 1, 1, VALID, true));
    refusal(() -> TestLayers.convolution(1, 3, 3, 0, 1, VALID, true));
    refusal(() -> TestLayers.convolution(1, 3, 3, 1, 0, VALID, true));
  }

  private static String refusal(Executable action) {
    return assertThrows(IllegalArgumentException.class, action).getMessage();
  }
}
