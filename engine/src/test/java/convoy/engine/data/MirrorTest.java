package convoy.engine.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class MirrorTest {
  @Test
  void outermostPlacesAreNotRepeated() {
    assertArrayEquals(new int[] {2, 1, 0, 1, 2, 3, 2, 1}, places(-2, 6, 4));
  }

  @Test
  void furtherOutsideTheImageRepeats() {
    assertArrayEquals(new int[] {1, 2, 1, 0, 1, 2, 1, 0, 1, 2}, places(-3, 7, 3));
  }

  @Test
  void oneRowIsItsOwnMirrorImage() {
    assertArrayEquals(new int[] {0, 0, 0, 0}, places(-2, 2, 1));
  }

  private static int[] places(int from, int to, int size) {
    return IntStream.range(from, to).map(i -> Mirror.place(i, size)).toArray();
  }
}
