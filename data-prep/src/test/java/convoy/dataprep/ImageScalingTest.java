package convoy.dataprep;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ImageScalingTest {
  @Test
  void theSameSizeKeepsEveryPixel() {
    byte[] pixels = TestSource.pixels(3, 5 * 4 * 3);
    assertArrayEquals(pixels, ImageScaling.scaled(new ImageSize(5, 4, 3), pixels, 5, 4));
  }

  @Test
  void growingInterpolatesBetweenCentres() {
    // Centres at 0.25, 0.75, 1.25, 1.75 of pixels centred at 0.5 and 1.5.
    assertArrayEquals(
        new byte[] {0, 25, 75, 100},
        ImageScaling.scaled(new ImageSize(1, 2, 1), new byte[] {0, 100}, 1, 4));
  }

  @Test
  void shrinkingWeighsAllPixelsUnderTheTriangle() {
    // Of 6 to 3, centre 1 and half width 2: weights 3, 3, 1 of 7 at the border; at centre 3 they
    // are 1, 3, 3, 1 of 8.
    byte[] column = {0, 7, 70, 16, 80, 0};
    byte[] expected = {
      (byte) Math.round((3 * 0 + 3 * 7 + 70) / 7f),
      (byte) Math.round((7 + 3 * 70 + 3 * 16 + 80) / 8f),
      (byte) Math.round((16 + 3 * 80 + 3 * 0) / 7f)
    };
    assertArrayEquals(expected, ImageScaling.scaled(new ImageSize(6, 1, 1), column, 3, 1));
  }

  @Test
  void channelsAndAxesStayApart() {
    byte[] pixels = {(byte) 255, 1, (byte) 255, 3, (byte) 255, 5, (byte) 255, 7};
    assertArrayEquals(
        new byte[] {(byte) 255, 4}, ImageScaling.scaled(new ImageSize(2, 2, 2), pixels, 1, 1));
  }

  @Test
  void anImageTooWideForOneArrayIsRefused() {
    ImageSize wide = new ImageSize(1, 1 << 26, 3);
    String line =
        assertThrows(
                IllegalArgumentException.class,
                () -> ImageScaling.scaled(wide, new byte[0], 224, 224))
            .getMessage();
    assertEquals("the image is " + wide + ", which is too wide to be scaled to 224 rows", line);
  }
}
