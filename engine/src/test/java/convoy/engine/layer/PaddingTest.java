package convoy.engine.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import convoy.engine.kernel.Window;
import convoy.engine.tensor.Shape;
import org.junit.jupiter.api.Test;

class PaddingTest {
  private static final int LARGE = Integer.MAX_VALUE;

  @Test
  void samePutsTheOddPixelAtBottomAndRight() {
    assertEquals(new Window(3, 3, 1, 1, 1, 1, 1, 1), same(3, 3, 1, 1, 8, 8));
    assertEquals(new Window(2, 4, 1, 1, 0, 1, 1, 2), same(2, 4, 1, 1, 8, 8));
    // As TensorFlow: nothing is padded at the top when only one row is missing.
    assertEquals(new Window(3, 3, 2, 2, 0, 1, 1, 1), same(3, 3, 2, 2, 8, 7));
  }

  @Test
  void sameNeedsNoPaddingWhereStridesSkipPixels() {
    assertEquals(new Window(1, 2, 3, 4, 0, 0, 0, 0), same(1, 2, 3, 4, 7, 6));
  }

  @Test
  void sameGivesOneOutputForAStrideBeyondTheImage() {
    Window window = same(3, 3, LARGE, LARGE, 8, 8);
    assertEquals(1, window.outputHeight(8));
    assertEquals(1, window.outputWidth(8));
  }

  @Test
  void sameCoversTheImageFromAKernelThatIsLargerThanIt() {
    Window window = same(7, 5, 1, 1, 2, 3);
    assertEquals(new Window(7, 5, 1, 1, 3, 2, 3, 2), window);
    assertEquals(2, window.outputHeight(2));
    assertEquals(3, window.outputWidth(3));
  }

  @Test
  void sidesBelowZeroOrBeyondAllUseAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Padding.Explicit(0, -1, 0, 0));
    assertThrows(IllegalArgumentException.class, () -> new Padding.Explicit(LARGE, 0, LARGE, 0));
  }

  private static Window same(int r, int s, int strideH, int strideW, int h, int w) {
    return new Padding.Same().window(r, s, strideH, strideW, new Shape(1, h, w, 1));
  }
}
