package convoy.engine.kernel.vector;

import static org.junit.jupiter.api.Assertions.assertEquals;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Window;
import org.junit.jupiter.api.Test;

class ConvolutionAlgorithmTest {
  private static ConvolutionAlgorithm algorithm(int size, int c, int k, int kernel, int stride) {
    int padding = kernel / 2;
    Window window = new Window(kernel, kernel, stride, stride, padding, padding, padding, padding);
    return ConvolutionAlgorithm.of(new ConvolutionShape(size, size, c, k, window, c, k));
  }

  @Test
  void threeByThreeOfStrideOneTakesWinograd() {
    assertEquals(ConvolutionAlgorithm.WINOGRAD, algorithm(32, 16, 16, 3, 1));
    assertEquals(ConvolutionAlgorithm.WINOGRAD, algorithm(5, 128, 128, 3, 1));
    assertEquals(ConvolutionAlgorithm.WINOGRAD, algorithm(3, 512, 512, 3, 1));
  }

  @Test
  void imagesThatFillTooLittleOfTheirTilesTakePatches() {
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(1, 512, 512, 3, 1));
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(2, 128, 128, 3, 1));
  }

  @Test
  void fewChannelsStridesAndOtherKernelsTakePatches() {
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(32, 3, 128, 3, 1));
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(32, 15, 16, 3, 1));
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(32, 16, 15, 3, 1));
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(32, 64, 64, 3, 2));
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(32, 64, 64, 5, 1));
    assertEquals(ConvolutionAlgorithm.PATCHES, algorithm(32, 64, 64, 1, 1));
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
