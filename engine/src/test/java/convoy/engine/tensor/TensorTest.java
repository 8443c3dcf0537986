package convoy.engine.tensor;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TensorTest {
  private static final Shape SHAPE = new Shape(1, 2, 2, 3);

  @Test
  void viewMayEndWithTheArray() {
    Tensor dense = Tensor.dense(new float[15], 3, SHAPE);
    assertTrue(dense.isDense());
    assertEquals(12, dense.size());
    // The last pixel needs no gap behind it.
    assertFalse(new Tensor(new float[18], 0, SHAPE, 5).isDense());
  }

  @Test
  void viewBeyondTheArrayIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> Tensor.dense(new float[14], 3, SHAPE));
    assertThrows(IllegalArgumentException.class, () -> Tensor.dense(new float[15], -1, SHAPE));
    assertThrows(IllegalArgumentException.class, () -> new Tensor(new float[17], 0, SHAPE, 5));
  }

  @Test
  void pixelStrideBelowTheChannelsIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new Tensor(new float[99], 0, SHAPE, 2));
  }
}
