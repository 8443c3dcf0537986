package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.Test;

class MapGridTest {
  private static final int LINE = 0x0060c0;

  @Test
  void eachMapIsScaledByItself() {
    MapGrid grid = new MapGrid(1, 2, 1, 2, List.of(new float[] {-1, 1}, new float[] {0, 0.25f}));
    for (int map = 0; map < 2; map++) {
      assertEquals(0x000000, pixel(grid, 4 + map * 100, 4));
      assertEquals(0xffffff, pixel(grid, 4 + map * 100 + 95, 4));
    }
    assertEquals(-1, grid.smallest());
    assertEquals(1, grid.largest());
  }

  @Test
  void mapsAreMagnifiedAndLinesRunBetweenThem() {
    MapGrid grid = new MapGrid(1, 2, 1, 2, Collections.nCopies(3, new float[] {0, 1}));
    int step = 2 * 48 + 4;
    assertEquals(4 + 2 * step, grid.imageWidth());
    assertEquals((4 + 2 * (48 + 4)) * grid.imageWidth() * 3, grid.pixels().length);
    assertEquals(LINE, pixel(grid, 3, 4));
    assertEquals(0x000000, pixel(grid, 4 + 47, 4));
    assertEquals(0xffffff, pixel(grid, 4 + 48, 4));
    assertEquals(LINE, pixel(grid, step, 4));
    assertEquals(0x000000, pixel(grid, 4, 4 + 48 + 4));
    // Where there is no fourth map.
    assertEquals(LINE, pixel(grid, 4 + step, 4 + 48 + 4));
  }

  @Test
  void threeChannelsAreOneColourOnOneScale() {
    MapGrid grid = MapGrid.square(1, 1, 3, List.of(new float[] {-2, 0, 3}));
    assertEquals(0x0066ff, pixel(grid, 50, 50));
  }

  @Test
  void aMapOfEqualValuesIsBlackAndLargeMapsAreNotMagnified() {
    MapGrid grid = MapGrid.square(97, 97, 1, List.of(filled(7)));
    assertEquals(97 + 8, grid.imageWidth());
    assertEquals(0x000000, pixel(grid, 50, 50));
    assertTrue(grid.isFinite());
    assertFalse(MapGrid.square(97, 97, 1, List.of(filled(Float.NaN))).isFinite());
  }

  private static float[] filled(float value) {
    float[] map = new float[97 * 97];
    Arrays.fill(map, value);
    return map;
  }

  private static int pixel(MapGrid grid, int x, int y) {
    byte[] pixels = grid.pixels();
    int at = (y * grid.imageWidth() + x) * 3;
    return (pixels[at] & 0xFF) << 16 | (pixels[at + 1] & 0xFF) << 8 | pixels[at + 2] & 0xFF;
  }
}
