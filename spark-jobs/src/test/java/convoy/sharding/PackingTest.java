package convoy.sharding;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.data.Shard;
import convoy.engine.tensor.Shape;
import org.junit.jupiter.api.Test;

class PackingTest {
  private final Packing packing = new Packing(3, 2, new Shape(1, 1, 1, 2));

  @Test
  void imagesFindTheirPlacesInWhateverOrderTheyCome() {
    packing.put(row(1, 8, 3, 4));
    packing.put(row(0, 9, 1, 2));
    Shard shard = packing.shard();
    assertArrayEquals(new byte[] {1, 2, 3, 4}, shard.pixels());
    assertArrayEquals(new int[] {9, 8}, shard.labels());
  }

  @Test
  void aPlaceTakenTwiceIsNamed() {
    packing.put(row(1, 8, 3, 4));
    assertRefused(row(1, 8, 3, 4), "shard 3", "place 1");
  }

  @Test
  void aPlaceBeyondTheEndIsNamed() {
    assertRefused(row(2, 8, 3, 4), "shard 3 of 2 images", "place 2");
  }

  @Test
  void aMissingImageIsNoticed() {
    packing.put(row(0, 8, 3, 4));
    String message = assertThrows(IllegalArgumentException.class, packing::shard).getMessage();
    assertTrue(message.contains("shard 3 got 1 images, wanted 2"), message);
  }

  private void assertRefused(ImageRow row, String... parts) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> packing.put(row)).getMessage();
    for (String part : parts) {
      assertTrue(message.contains(part), message);
    }
  }

  private static ImageRow row(int position, int label, int... pixels) {
    return new ImageRow(false, position, label, new byte[] {(byte) pixels[0], (byte) pixels[1]});
  }
}
