package convoy.engine.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.Kernels;
import convoy.engine.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class MaxPoolingTest {
  private static final Padding VALID = new Padding.Valid();
  private static final Padding SAME = new Padding.Same();
  private static final Shape FOUR = new Shape(1, 4, 4, 8);

  static List<Kernels> kernels() {
    return TestKernels.all();
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void theFirstOfEqualPixelsReceivesTheGradient(Kernels kernels) {
    LayerRun.Result result =
        run(kernels, TestLayers.maxPooling(2, 2, 2, 2, VALID), 2, 4, 3, 5, 0, 0, 5, 5, 0, 0);
    assertArrayEquals(new float[] {5, 0}, result.y());
    assertArrayEquals(new float[] {0, 1, 2, 0, 0, 0, 0, 0}, result.dx());
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void aPixelUnderSeveralWindowsReceivesTheSumOfTheirGradients(Kernels kernels) {
    LayerRun.Result result =
        run(kernels, TestLayers.maxPooling(2, 2, 1, 1, VALID), 3, 3, 0, 1, 2, 3, 9, 4, 5, 6, 7);
    assertArrayEquals(new float[] {9, 9, 9, 9}, result.y());
    assertArrayEquals(new float[] {0, 0, 0, 0, 10, 0, 0, 0, 0}, result.dx());
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void nanWinsAndTheFirstOneReceivesTheGradient(Kernels kernels) {
    float nan = Float.NaN;
    LayerRun.Result result =
        run(kernels, TestLayers.maxPooling(2, 2, 2, 2, VALID), 2, 4, 9, 1, 3, nan, nan, nan, 2, 4);
    assertArrayEquals(new float[] {nan, nan}, result.y());
    assertArrayEquals(new float[] {0, 0, 0, 2, 1, 0, 0, 0}, result.dx());
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void paddingNeverWinsOverNegativePixels(Kernels kernels) {
    LayerRun.Result result =
        run(kernels, TestLayers.maxPooling(3, 3, 2, 2, SAME), 2, 2, -7, -3, -8, -5);
    assertArrayEquals(new float[] {-3}, result.y());
    assertArrayEquals(new float[] {0, 1, 0, 0}, result.dx());
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void minusInfinityIsAPixelLikeAnyOther(Kernels kernels) {
    float low = Float.NEGATIVE_INFINITY;
    LayerRun.Result result =
        run(kernels, TestLayers.maxPooling(2, 2, 2, 2, VALID), 2, 2, low, low, low, low);
    assertArrayEquals(new float[] {low}, result.y());
    assertArrayEquals(new float[] {1, 0, 0, 0}, result.dx());
  }

  /** One image of one channel; the gradients of the outputs are 1, 2, 3 and so on. */
  private static LayerRun.Result run(
      Kernels kernels, Pooling layer, int h, int w, float... values) {
    LayerRun run = LayerRun.of(kernels, layer, new Shape(1, h, w, 1));
    float[] dy = new float[run.y().pixels()];
    for (int i = 0; i < dy.length; i++) {
      dy[i] = i + 1;
    }
    return run.run(values, List.of(), dy, Backward.Mode.OVERWRITE, new float[0]);
  }

  @Test
  void outputShapeRoundsDownAndKeepsChannels() {
    Pooling layer = TestLayers.maxPooling(2, 2, 2, 2, VALID);
    assertEquals(new Shape(4, 5, 3, 6), layer.outputShape(new Shape(4, 11, 7, 6)));
    Pooling same = TestLayers.maxPooling(2, 2, 2, 2, SAME);
    assertEquals(new Shape(4, 6, 4, 6), same.outputShape(new Shape(4, 11, 7, 6)));
  }

  @Test
  void windowLargerThanTheInputIsRefusedWithBothSizes() {
    String message = refusal(TestLayers.maxPooling(3, 4, 1, 1, VALID), new Shape(1, 3, 3, 8));
    assertTrue(message.startsWith("its 3x4 window does not fit an input of 3x3x8"), message);
  }

  @Test
  void paddingThatLeavesAWindowWithoutAPixelIsRefused() {
    Padding wide = new Padding.Explicit(0, 0, 0, 2);
    String message = refusal(TestLayers.maxPooling(2, 2, 2, 2, wide), FOUR);
    assertTrue(message.contains("some 2x2 windows would hold no pixel"), message);
    refusal(TestLayers.maxPooling(2, 2, 2, 2, new Padding.Explicit(2, 0, 0, 0)), FOUR);
    refusal(TestLayers.maxPooling(2, 2, 2, 2, new Padding.Explicit(0, 2, 0, 0)), FOUR);
    refusal(TestLayers.maxPooling(2, 2, 2, 2, new Padding.Explicit(0, 0, 2, 0)), FOUR);
  }

  /** Of five rows the last two are padding, and no window begins there. */
  @Test
  void paddingAsLargeAsTheWindowIsTakenWhereEachHoldsAPixel() {
    Padding wide = new Padding.Explicit(0, 0, 2, 2);
    assertEquals(
        new Shape(1, 2, 2, 8),
        TestLayers.maxPooling(2, 2, 2, 2, wide).outputShape(new Shape(1, 3, 3, 8)));
  }

  @Test
  void settingsBelowOneAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> TestLayers.maxPooling(0, 2, 2, 2, VALID));
    assertThrows(IllegalArgumentException.class, () -> TestLayers.maxPooling(2, 2, 2, -2, VALID));
  }

  private static String refusal(Pooling layer, Shape x) {
    return assertThrows(IllegalArgumentException.class, () -> layer.outputShape(x)).getMessage();
  }
}
