package convoy.engine.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;

import convoy.engine.layer.FilterKernel;
import convoy.engine.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageViewTest {
  /** Two rows of two pixels in colour. */
  private static final Shape IMAGE = new Shape(1, 2, 2, 3);

  private static final byte[] PIXELS = bytes(1, 2, 3, 4, 5, 6, 100, 200, 250, 0, 128, 255);

  @Test
  void eachViewIsThatByHand() {
    assertView("clean", 1, 2, 3, 4, 5, 6, 100, 200, 250, 0, 128, 255);
    assertView("flip", 4, 5, 6, 1, 2, 3, 0, 128, 255, 100, 200, 250);
    // 0.299 * 1 + 0.587 * 2 + 0.114 * 3 = 1.815; 4.815; 175.8; 104.206
    assertView("grey", 2, 2, 2, 5, 5, 5, 176, 176, 176, 104, 104, 104);
    assertView("brightness:1.5", 2, 3, 4, 6, 8, 9, 150, 255, 255, 0, 192, 255);
    assertView("shift:1", 1, 2, 3, 1, 2, 3, 1, 2, 3, 1, 2, 3);
  }

  @Test
  void blurIsTheFilterOfThatSigma() {
    Shape image = new Shape(1, 9, 8, 3);
    byte[] pixels = new byte[image.imageSize()], view = new byte[image.imageSize()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i * 89 + i * i * 7);
    }
    // 6 * 0.5 + 1 = 4, made odd: 5.
    ImageView.of("gaussian-blur:0.5").write(image, pixels, 0, view);
    FilterKernel kernel = new FilterKernel.Gaussian(5, 0.5);
    assertArrayEquals(new ImageFilter(List.of(kernel), false).apply(image, pixels), view);
    assertThrows(IllegalArgumentException.class, () -> ImageView.of("gaussian-blur:1e6"));
  }

  @Test
  void shiftRepeatsTheBorder() {
    byte[] view = new byte[9];
    new ImageView.Shift(1).write(new Shape(1, 3, 3, 1), bytes(1, 2, 3, 4, 5, 6, 7, 8, 9), 0, view);
    assertArrayEquals(bytes(1, 1, 2, 1, 1, 2, 4, 4, 5), view);
  }

  @Test
  void greyImageOfOneChannelStays() {
    byte[] view = new byte[4];
    new ImageView.Grey().write(new Shape(1, 2, 2, 1), bytes(1, 2, 3, 4), 0, view);
    assertArrayEquals(bytes(1, 2, 3, 4), view);
  }

  @Test
  void noiseHasItsDeviationAndDependsOnTheImageAlone() {
    Shape image = new Shape(1, 100, 100, 1);
    byte[] grey = new byte[10_000], view = new byte[10_000], other = new byte[10_000];
    Arrays.fill(grey, (byte) 128);
    ImageView noise = new ImageView.GaussianNoise(0.1);
    noise.write(image, grey, 7, view);
    double sum = 0, squares = 0;
    for (byte value : view) {
      double off = (value & 0xFF) - 128;
      sum += off;
      squares += off * off;
    }
    assertEquals(0, sum / view.length, 4 * 25.5 / 100);
    assertEquals(25.5, Math.sqrt(squares / view.length), 0.75);
    noise.write(image, grey, 7, other);
    assertArrayEquals(view, other);
    noise.write(image, grey, 8, other);
    assertFalse(Arrays.equals(view, other));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "clean",
        "flip",
        "grey",
        "brightness:0.8",
        "shift:2",
        "gaussian-blur:1.5",
        "gaussian-noise:0.1"
      })
  void namesMakeTheirViews(String name) {
    assertEquals(name, ImageView.of(name).name());
  }

  @ParameterizedTest
  @CsvSource({
    "flop, unknown view flop; did you mean flip?",
    "flip:2, view 'flip:2': flip has no number",
    "brightness, 'view ''brightness'': wanted a number behind the colon, as brightness:0.8'",
    "brightness:0, 'brightness is 0.0, wanted a number above 0'",
    "shift:1.5, 'view ''shift:1.5'': wanted whole pixels, as shift:2'",
    "gaussian-noise:NaN, 'gaussian-noise is NaN, wanted a number above 0'"
  })
  void whatIsNoViewIsRefused(String text, String message) {
    assertEquals(
        message,
        assertThrows(IllegalArgumentException.class, () -> ImageView.of(text)).getMessage());
  }

  private static void assertView(String name, int... wanted) {
    byte[] view = new byte[PIXELS.length];
    ImageView.of(name).write(IMAGE, PIXELS, 0, view);
    assertArrayEquals(bytes(wanted), view, name);
  }

  private static byte[] bytes(int... values) {
    byte[] bytes = new byte[values.length];
    for (int i = 0; i < values.length; i++) {
      bytes[i] = (byte) values[i];
    }
    return bytes;
  }
}
