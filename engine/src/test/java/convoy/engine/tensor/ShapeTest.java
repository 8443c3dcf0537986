package convoy.engine.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class ShapeTest {
  @Test
  void sizesMultiply() {
    Shape shape = new Shape(2, 3, 4, 5);
    assertEquals(24, shape.pixels());
    assertEquals(60, shape.imageSize());
    assertEquals(120, shape.size());
    assertEquals(420, shape.withImages(7).size());
    assertEquals("3x4x5", shape.image());
  }

  @Test
  void flatShapeIsARowOfValues() {
    Shape shape = Shape.flat(2, 10);
    assertEquals(new Shape(2, 1, 1, 10), shape);
    assertTrue(shape.isFlat());
    assertEquals("10", shape.image());
    assertEquals("1x1x10", shape.heightWidthChannels());
    assertFalse(new Shape(1, 1, 2, 10).isFlat());
  }

  @Test
  void sizeOfABatchMayExceedAnInt() {
    assertEquals(3L << 30, new Shape(3, 1 << 15, 1 << 15, 1).size());
  }

  @Test
  void sizesBelowOneAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Shape(0, 1, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new Shape(1, 0, 1, 1));
    assertThrows(IllegalArgumentException.class, () -> new Shape(1, 1, -1, 1));
    assertThrows(IllegalArgumentException.class, () -> new Shape(1, 1, 1, 0));
  }

  @Test
  void imagesBeyondAnArrayAreRefused() {
    int large = Integer.MAX_VALUE;
    assertThrows(IllegalArgumentException.class, () -> new Shape(1, large, large, large));
    assertThrows(IllegalArgumentException.class, () -> new Shape(1, 65536, 65536, 1));
    String message =
        assertThrows(IllegalArgumentException.class, () -> new Shape(1, 100_000, 100_000, 3))
            .getMessage();
    assertTrue(message.contains("100000x100000x3"), message);
  }
}
