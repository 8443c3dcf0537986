package convoy.engine.kernel;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

class ShapesTest {
  private static final Window THREE = new Window(3, 3, 2, 2, 1, 0, 0, 1);

  @Test
  void outputFollowsFromWindow() {
    ConvolutionShape shape = new ConvolutionShape(8, 9, 4, 6, THREE, 4, 6);
    assertEquals(4, shape.p());
    assertEquals(4, shape.q());
    assertEquals(36, shape.taps());
    assertEquals(4 * 4 * 6 * 36, shape.multiplications());
    assertEquals(4, new PoolingShape(8, 9, 4, THREE, 4, 4).p());
  }

  @Test
  void denseIsOnePixel() {
    ConvolutionShape shape = ConvolutionShape.dense(10, 3);
    assertEquals(1, shape.p() * shape.q());
    assertEquals(10, shape.taps());
  }

  @Test
  void windowLargerThanImageIsRefused() {
    assertRefused("3x3", () -> new ConvolutionShape(1, 9, 4, 6, THREE, 4, 6));
    assertRefused("3x3", () -> new PoolingShape(1, 9, 4, THREE, 4, 4));
  }

  @Test
  void pixelStrideBelowChannelsIsRefused() {
    assertRefused("pixel strides 3 and 6", () -> new ConvolutionShape(8, 9, 4, 6, THREE, 3, 6));
    assertRefused("pixel strides 4 and 3", () -> new PoolingShape(8, 9, 4, THREE, 4, 3));
  }

  @Test
  void sizesBelowOneAreRefused() {
    assertRefused("0x9x4", () -> new ConvolutionShape(0, 9, 4, 6, THREE, 4, 6));
    assertRefused("8x9x0", () -> new PoolingShape(8, 9, 0, THREE, 4, 4));
    assertRefused("window 0x3", () -> new Window(0, 3, 1, 1, 0, 0, 0, 0));
    assertRefused("stride 1x0", () -> new Window(3, 3, 1, 0, 0, 0, 0, 0));
    assertRefused("padding -1", () -> new Window(3, 3, 1, 1, -1, 0, 0, 0));
  }

  private static void assertRefused(String part, Runnable construction) {
    String message = assertThrows(IllegalArgumentException.class, construction::run).getMessage();
    assertEquals(true, message.contains(part), message);
  }
}
