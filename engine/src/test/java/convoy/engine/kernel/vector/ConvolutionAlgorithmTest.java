package convoy.engine.kernel.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Window;
import org.junit.jupiter.api.Test;

class ConvolutionAlgorithmTest {
  private static ConvolutionAlgorithm algorithm(int size, int c, int k, int kernel, int stride) {
    return algorithm(size, size, c, k, kernel, stride);
  }

  private static ConvolutionAlgorithm algorithm(
      int height, int width, int c, int k, int kernel, int stride) {
    int padding = kernel / 2;
    Window window = new Window(kernel, kernel, stride, stride, padding, padding, padding, padding);
    return algorithm(height, width, c, k, window);
  }

  private static ConvolutionAlgorithm algorithm(
      int height, int width, int c, int k, Window window) {
    return ConvolutionAlgorithm.of(new ConvolutionShape(height, width, c, k, window, c, k));
  }

  @Test
  void threeByThreeOfStrideOneTakesWinograd() {
    assertEquals(ConvolutionAlgorithm.WINOGRAD, algorithm(32, 16, 16, 3, 1));
    assertEquals(ConvolutionAlgorithm.WINOGRAD, algorithm(6, 128, 128, 3, 1));
    assertEquals(ConvolutionAlgorithm.WINOGRAD, algorithm(3, 512, 512, 3, 1));
  }

  @Test
  void stridesAndOtherKernelsTakePatches() {
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(32, 64, 64, 3, 2));
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(32, 64, 64, 5, 1));
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(32, 64, 64, 1, 1));
    Window wide = new Window(1, 3, 1, 1, 0, 0, 1, 1), high = new Window(3, 1, 1, 1, 1, 1, 0, 0);
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(32, 32, 64, 64, wide));
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(32, 32, 64, 64, high));
    Window down = new Window(3, 3, 2, 1, 1, 1, 1, 1), across = new Window(3, 3, 1, 2, 1, 1, 1, 1);
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(32, 32, 64, 64, down));
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(32, 32, 64, 64, across));
  }

  @Test
  void fewPairsOfChannelsTakePatches() {
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(32, 15, 17, 3, 1)); // 255 pairs
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(32, 85, 3, 3, 1));
    assertEquals(ConvolutionAlgorithm.WINOGRAD, algorithm(32, 8, 32, 3, 1));
    assertEquals(ConvolutionAlgorithm.WINOGRAD, algorithm(32, 64, 4, 3, 1));
    assertEquals(ConvolutionAlgorithm.WINOGRAD, algorithm(32, 256, 1, 3, 1));
  }

  @Test
  void moreGradientsThanAnArrayHoldsTakePatches() {
    assertEquals(ConvolutionAlgorithm.WINOGRAD, algorithm(8, 3316, 3317, 3, 1));
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(8, 3317, 3317, 3, 1));
    int most = ConvolutionAlgorithm.MOST_CHANNELS;
    assertEquals(ConvolutionAlgorithm.WINOGRAD, algorithm(8, most, 167, 3, 1));
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(8, most + 1, 8, 3, 1));
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(8, 8, most + 1, 3, 1));
    Window window = new Window(3, 3, 1, 1, 1, 1, 1, 1);
    int[][] channels = {
      {3316, 3317}, {3317, 3317}, {most, 167}, {167, most}, {most, 8}, {8, most}, {most + 1, 8}
    };
    for (int[] pair : channels) {
      ConvolutionShape shape =
          new ConvolutionShape(8, 8, pair[0], pair[1], window, pair[0], pair[1]);
      assertTrue(new VectorKernels().scratch(shape).shared() > 0);
    }
  }

  @Test
  void firstLayersTakePatches() {
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(32, 3, 128, 3, 1));
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(32, 7, 128, 3, 1));
    assertEquals(ConvolutionAlgorithm.WINOGRAD, algorithm(32, 8, 128, 3, 1));
  }

  @Test
  void smallOutputsTakePatches() {
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(4, 128, 128, 3, 1));
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(5, 128, 128, 3, 1));
    assertEquals(ConvolutionAlgorithm.WINOGRAD, algorithm(3, 8, 128, 128, 3, 1)); // 24 = 4 (2 + 4)
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(2, 8, 128, 128, 3, 1));
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(2, 512, 512, 3, 1));
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(2, 3, 512, 512, 3, 1));
    assertEquals(ConvolutionAlgorithm.WINOGRAD, algorithm(2, 4, 512, 512, 3, 1)); // 8 = 4 (1 + 1)
    assertEquals(ConvolutionAlgorithm.WINOGRAD, algorithm(2, 4, 128, 129, 3, 1));
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(2, 4, 128, 128, 3, 1));
    Window unpadded = new Window(3, 3, 1, 1, 0, 0, 0, 0);
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(7, 7, 128, 128, unpadded));
    assertEquals(ConvolutionAlgorithm.WINOGRAD, algorithm(8, 8, 128, 128, unpadded));
  }

  @Test
  void narrowOutputsTakePatches() {
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(1, 64, 128, 128, 3, 1));
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(64, 1, 128, 128, 3, 1));
    assertEquals(ConvolutionAlgorithm.WINOGRAD, algorithm(2, 32, 128, 128, 3, 1));
  }

  @Test
  void onePixelThroughOneByOneIsDense() {
    assertEquals(
        ConvolutionAlgorithm.DENSE, ConvolutionAlgorithm.of(ConvolutionShape.dense(8192, 10)));
    assertEquals(ConvolutionAlgorithm.DENSE, algorithm(1, 3, 5, 1, 1));
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(2, 3, 5, 1, 1));
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(1, 3, 5, 5, 1));
  }
}
