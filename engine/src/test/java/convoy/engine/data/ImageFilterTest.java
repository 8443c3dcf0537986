package convoy.engine.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import convoy.engine.layer.FilterKernel;
import convoy.engine.layer.FilterKernel.Gaussian;
import convoy.engine.layer.FilterKernel.Sobel;
import convoy.engine.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** The expected values are printed by engine/src/test/python/filter_golden.py. */
class ImageFilterTest {
  private static final Shape IMAGE = new Shape(1, 5, 7, 3);

  @Test
  void sobelIsRoundedAndLimited() {
    assertFiltered(SOBEL_X, false, Sobel.X);
  }

  @Test
  void twoKernelsGiveTheMagnitude() {
    assertFiltered(SOBEL, false, Sobel.X, Sobel.Y);
  }

  @Test
  void gaussianBlursEachChannel() {
    assertFiltered(GAUSSIAN_3_08, false, new Gaussian(3, 0.8));
    assertFiltered(GAUSSIAN_5_DEFAULT, false, new Gaussian(5, 0));
  }

  @Test
  void aKernelLargerThanTheImageIsMirroredAgainAndAgain() {
    assertFiltered(GAUSSIAN_11_DEFAULT, false, new Gaussian(11, 0));
  }

  @Test
  void colourIsMadeGreyBeforeTheFilter() {
    assertFiltered(GREY_SOBEL_Y, true, Sobel.Y);
  }

  @Test
  void aKernelOfOnePixelLeavesTheGreyOfColours() {
    byte[] greys = new byte[20];
    byte[] colours = new byte[3 * greys.length];
    for (int i = 0; i < greys.length; i++) {
      greys[i] = (byte) (i * 13);
      Arrays.fill(colours, 3 * i, 3 * i + 3, greys[i]);
    }
    ImageFilter filter = new ImageFilter(List.of(new Gaussian(1, 0)), true);
    assertArrayEquals(greys, filter.apply(new Shape(1, 4, 5, 3), colours));
  }

  @Test
  void aGreyImageHasOneChannel() {
    byte[] pixels = {0, 9, 20};
    Shape image = new Shape(1, 1, 3, 1);
    ImageFilter filter = new ImageFilter(List.of(Sobel.X), false);
    assertEquals(1, filter.channels(1));
    assertArrayEquals(new byte[] {0, 80, 0}, filter.apply(image, pixels));
  }

  @Test
  void stripsMeetWithoutASeam() {
    int height = 130;
    byte[] pixels = new byte[height];
    byte[] expected = new byte[height];
    for (int row = 0; row < height; row++) {
      pixels[row] = (byte) row;
      // Four times the difference of two rows; at the border both are the same one.
      expected[row] = (byte) (row == 0 || row == height - 1 ? 0 : 8);
    }
    Shape image = new Shape(1, height, 1, 1);
    assertArrayEquals(expected, new ImageFilter(List.of(Sobel.Y), false).apply(image, pixels));
  }

  private static void assertFiltered(int[] expected, boolean grey, FilterKernel... kernels) {
    byte[] pixels = new byte[IMAGE.imageSize()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * 89 + i * i * 7);
    }
    byte[] filtered = new ImageFilter(List.of(kernels), grey).apply(IMAGE, pixels);
    int[] values = new int[filtered.length];
    for (int i = 0; i < values.length; i++) {
      values[i] = filtered[i] & 0xFF;
    }
    assertArrayEquals(expected, values);
  }

  private static final int[] SOBEL_X = {
    0, 0, 0, 16, 0, 0, 0, 0, 0, 0, 0, 144, 255, 255, 255, 0, 255, 112, 0, 0, 0,
    0, 0, 0, 0, 0, 0, 200, 0, 0, 0, 8, 88, 255, 248, 255, 0, 232, 56, 0, 0, 0,
    0, 0, 0, 0, 0, 255, 255, 0, 0, 72, 152, 0, 56, 136, 255, 0, 120, 0, 0, 0, 0,
    0, 0, 0, 0, 72, 255, 255, 0, 136, 216, 40, 120, 0, 24, 104, 0, 255, 0, 0, 0, 0,
    0, 0, 0, 192, 16, 255, 255, 0, 255, 160, 0, 255, 0, 0, 0, 128, 255, 0, 0, 0, 0,
  };

  private static final int[] SOBEL = {
    0, 0, 0, 16, 160, 255, 0, 255, 255, 16, 192, 144, 255, 255, 255, 48, 255, 112, 0, 0, 0, 255, 80,
    128, 235, 217, 154, 255, 255, 255, 255, 57, 136, 255, 255, 255, 255, 248, 132, 240, 32, 176, 16,
    255, 255, 157, 255, 255, 255, 255, 255, 255, 157, 255, 255, 154, 255, 217, 220, 132, 32, 240,
    64, 255, 255, 160, 57, 255, 255, 255, 255, 154, 217, 235, 255, 255, 255, 240, 72, 255, 227, 208,
    0, 208, 0, 0, 0, 192, 16, 255, 255, 0, 255, 160, 16, 255, 255, 32, 208, 128, 255, 224, 0, 0, 0,
  };

  private static final int[] GAUSSIAN_3_08 = {
    47, 181, 143, 48, 175, 121, 49, 123, 79, 49, 65, 63, 75, 72, 112, 105, 110, 163, 97, 128, 169,
    67, 189, 133, 61, 176, 125, 73, 113, 89, 79, 66, 69, 101, 86, 114, 127, 113, 154, 114, 131, 153,
    89, 150, 100, 73, 148, 120, 106, 106, 120, 148, 73, 97, 153, 97, 125, 144, 107, 154, 127, 121,
    149, 71, 75, 63, 66, 79, 89, 113, 73, 125, 176, 61, 141, 170, 68, 158, 145, 82, 152, 141, 103,
    140, 54, 48, 56, 65, 49, 79, 123, 49, 121, 175, 48, 162, 159, 45, 169, 144, 72, 138, 156, 106,
    128,
  };

  private static final int[] GAUSSIAN_5_DEFAULT = {
    56, 180, 130, 57, 163, 117, 61, 119, 90, 70, 83, 83, 90, 84, 113, 107, 108, 147, 111, 120, 159,
    64, 172, 125, 66, 156, 116, 75, 116, 97, 90, 84, 91, 108, 87, 116, 118, 108, 146, 120, 119, 156,
    73, 139, 106, 79, 128, 109, 101, 101, 110, 129, 81, 112, 141, 86, 129, 138, 102, 146, 134, 110,
        151,
    69, 88, 83, 80, 85, 95, 116, 75, 118, 153, 67, 136, 159, 72, 147, 148, 87, 147, 143, 97, 144,
    64, 63, 72, 78, 63, 88, 119, 61, 120, 158, 57, 147, 162, 62, 155, 151, 79, 147, 146, 90, 140,
  };

  private static final int[] GAUSSIAN_11_DEFAULT = {
    77, 127, 109, 80, 123, 109, 89, 112, 111, 100, 103, 116, 110, 98, 125, 117, 98, 133, 119, 99,
        136,
    79, 123, 109, 83, 119, 109, 92, 109, 112, 103, 101, 118, 114, 97, 126, 121, 97, 134, 123, 98,
        137,
    84, 111, 108, 88, 108, 109, 99, 100, 113, 112, 94, 121, 122, 92, 129, 129, 93, 136, 130, 94,
        139,
    89, 99, 106, 94, 97, 109, 106, 91, 115, 120, 87, 124, 130, 86, 132, 136, 88, 139, 138, 90, 141,
    91, 93, 105, 96, 92, 108, 108, 87, 115, 122, 84, 125, 133, 84, 134, 139, 86, 140, 140, 88, 142,
  };

  private static final int[] GREY_SOBEL_Y = {
    0, 0, 0, 0, 0, 0, 0,
    118, 92, 85, 200, 238, 126, 70,
    0, 0, 0, 213, 101, 0, 0,
    0, 0, 0, 0, 0, 0, 38,
    0, 0, 0, 0, 0, 0, 0,
  };
}
