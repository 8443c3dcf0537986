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

class FilterTest {
  private static final Padding VALID = new Padding.Valid();
  private static final Padding SAME = new Padding.Same();

  static List<Kernels> kernels() {
    return TestKernels.all();
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void sobelIsPositiveWhereTheImageGrowsBrighterRightAndDown(Kernels kernels) {
    // 0 0 5 / 0 0 5 / 1 1 7, by hand: x gives (5 - 0) + 2 (5 - 0) + (7 - 1), y (1 - 0) + 2 + 2.
    float[] image = {0, 0, 5, 0, 0, 5, 1, 1, 7};
    Shape x = new Shape(1, 3, 3, 1);
    Filter sobelX = new Filter(FilterKernel.Sobel.X, VALID);
    Filter sobelY = new Filter(FilterKernel.Sobel.Y, VALID);
    assertArrayEquals(new float[] {21}, LayerRun.of(kernels, sobelX, x).forward(image, List.of()));
    assertArrayEquals(new float[] {5}, LayerRun.of(kernels, sobelY, x).forward(image, List.of()));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void gradientOfSobelIsTheKernelTimesTheGradientOfTheOutput(Kernels kernels) {
    LayerRun run =
        LayerRun.of(kernels, new Filter(FilterKernel.Sobel.X, SAME), new Shape(1, 1, 3, 1));
    LayerRun.Result result =
        run.run(
            new float[] {1, 2, 4},
            List.of(),
            new float[] {1, 10, 100},
            Backward.Mode.OVERWRITE,
            new float[0]);
    // The middle row alone meets the image: y[q] = 2 (x[q + 1] - x[q - 1]).
    assertArrayEquals(new float[] {4, 6, -4}, result.y());
    assertArrayEquals(new float[] {-20, 2 - 200, 20}, result.dx());
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void channelsAreNotMixed(Kernels kernels) {
    float[] image = {1, Float.NaN, 3, Float.POSITIVE_INFINITY};
    Filter blur = new Filter(new FilterKernel.Gaussian(1, 0), SAME);
    float[] y = LayerRun.of(kernels, blur, new Shape(1, 1, 1, 4)).forward(image, List.of());
    assertArrayEquals(image, y);
  }

  /** Rows of OpenCV's getGaussianKernel, printed by filter_golden.py. */
  @Test
  void gaussianHasTheWeightsOfOpenCv() {
    assertGaussian(0, 1);
    assertGaussian(0, 0.25, 0.5, 0.25);
    assertGaussian(0, 0.0625, 0.25, 0.375, 0.25, 0.0625);
    assertGaussian(-1, 0.0625, 0.25, 0.375, 0.25, 0.0625);
    assertGaussian(0, 0.03125, 0.109375, 0.21875, 0.28125, 0.21875, 0.109375, 0.03125);
    assertGaussian(
        0,
        0.015625,
        0.05078125,
        0.1171875,
        0.19921875,
        0.234375,
        0.19921875,
        0.1171875,
        0.05078125,
        0.015625);
    assertGaussian(
        -2,
        0.008812229292562288,
        0.027143577143479373,
        0.06511405659938269,
        0.12164907301380962,
        0.1769983568313557,
        0.20056541423882085,
        0.1769983568313557,
        0.12164907301380962,
        0.06511405659938269,
        0.027143577143479373,
        0.008812229292562288);
    assertGaussian(
        1.1,
        0.0707663713315465,
        0.24446039891162388,
        0.3695464595136592,
        0.24446039891162388,
        0.0707663713315465);
  }

  private static void assertGaussian(double sigma, double... row) {
    int size = row.length;
    float[] w = new FilterKernel.Gaussian(size, sigma).weights();
    for (int r = 0; r < size; r++) {
      for (int s = 0; s < size; s++) {
        assertEquals(row[r] * row[s], w[r * size + s], 1e-7);
      }
    }
  }

  @Test
  void integerGaussianSumsToOneAndIsSymmetric() {
    float[] w = FilterKernel.IntegerGaussian.FIVE.weights();
    float[] wanted = {
      1, 4, 7, 4, 1, 4, 16, 26, 16, 4, 7, 26, 41, 26, 7, 4, 16, 26, 16, 4, 1, 4, 7, 4, 1
    };
    double sum = 0;
    for (int i = 0; i < wanted.length; i++) {
      assertEquals(wanted[i] / 273, w[i]);
      sum += w[i];
    }
    assertEquals(1, sum, 1e-6);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void greyWeighsTheColoursAsBt601(Kernels kernels) {
    float[] colours = {100, 0, 0, 0, 100, 0, 0, 0, 100, 100, 100, 100};
    LayerRun run = LayerRun.of(kernels, new Grey(), new Shape(1, 2, 2, 3));
    LayerRun.Result result =
        run.run(
            colours, List.of(), new float[] {1, 10, 100, 0}, Backward.Mode.OVERWRITE, new float[0]);
    assertArrayEquals(new float[] {29.9f, 58.7f, 11.4f, 100}, result.y(), 1e-5f);
    assertArrayEquals(
        new float[] {0.299f, 0.587f, 0.114f, 2.99f, 5.87f, 1.14f, 29.9f, 58.7f, 11.4f, 0, 0, 0},
        result.dx(),
        1e-6f);
  }

  @Test
  void greyOfOtherThanThreeChannelsIsRefused() {
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> new Grey().outputShape(new Shape(1, 8, 8, 1)))
            .getMessage();
    assertTrue(message.startsWith("the input is 8x8x1, wanted 3 channels"), message);
  }

  @Test
  void gaussianOfAnEvenSizeOrWithoutFiniteSigmaIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new FilterKernel.Gaussian(4, 1));
    assertThrows(IllegalArgumentException.class, () -> new FilterKernel.Gaussian(-1, 1));
    assertThrows(IllegalArgumentException.class, () -> new FilterKernel.Gaussian(3, Double.NaN));
  }
}
