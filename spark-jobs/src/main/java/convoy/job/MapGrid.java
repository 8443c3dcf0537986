package convoy.job;

import convoy.engine.tensor.Finite;
import java.util.List;

/**
 * Maps of values side by side as one RGB image: lines between them, each map from black at its own
 * smallest value to white at its own largest; black throughout where all its values are equal.
 *
 * @param height of each map
 * @param width of each map
 * @param channels of each map: 1, grey, or 3, RGB, the three on one scale
 * @param columns maps in a row
 * @param maps their values: height, width, channels
 */
record MapGrid(int height, int width, int channels, int columns, List<float[]> maps) {
  /** Small maps are magnified by a whole number, up to about this many pixels a side. */
  private static final int SIDE = 96;

  private static final int LINE = 4;
  private static final byte[] LINE_COLOUR = {0, 96, (byte) 192};

  /** A grid that is about as wide as it is high. */
  static MapGrid square(int height, int width, int channels, List<float[]> maps) {
    int columns = (int) Math.ceil(Math.sqrt(maps.size() * (double) height / width));
    return new MapGrid(height, width, channels, Math.max(1, columns), maps);
  }

  private int zoom() {
    return Math.max(1, SIDE / Math.max(height, width));
  }

  /** Width of {@link #pixels}. */
  int imageWidth() {
    return LINE + columns * (width * zoom() + LINE);
  }

  /** The image: rows, columns, RGB. */
  byte[] pixels() {
    int rows = (maps.size() + columns - 1) / columns;
    int imageHeight = LINE + rows * (height * zoom() + LINE);
    byte[] pixels = new byte[Math.multiplyExact(imageHeight, imageWidth() * 3)];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = LINE_COLOUR[i % 3];
    }
    for (int i = 0; i < maps.size(); i++) {
      int top = LINE + i / columns * (height * zoom() + LINE);
      int left = LINE + i % columns * (width * zoom() + LINE);
      draw(greyLevels(maps.get(i)), top, left, pixels);
    }
    return pixels;
  }

  private void draw(byte[] levels, int top, int left, byte[] pixels) {
    int zoom = zoom();
    for (int y = 0; y < height * zoom; y++) {
      for (int x = 0; x < width * zoom; x++) {
        int from = (y / zoom * width + x / zoom) * channels;
        int to = ((top + y) * imageWidth() + left + x) * 3;
        for (int c = 0; c < 3; c++) {
          pixels[to + c] = levels[from + (channels == 1 ? 0 : c)];
        }
      }
    }
  }

  private static byte[] greyLevels(float[] map) {
    float smallest = smallest(map);
    float largest = largest(map);
    byte[] levels = new byte[map.length];
    if (largest > smallest) {
      double scale = 255 / ((double) largest - smallest);
      for (int i = 0; i < levels.length; i++) {
        levels[i] = (byte) Math.rint((map[i] - (double) smallest) * scale);
      }
    }
    return levels;
  }

  /** The smallest of all values. */
  float smallest() {
    return maps.stream().map(MapGrid::smallest).min(Float::compare).orElseThrow();
  }

  /** The largest of all values. */
  float largest() {
    return maps.stream().map(MapGrid::largest).max(Float::compare).orElseThrow();
  }

  private static float smallest(float[] map) {
    float smallest = map[0];
    for (float value : map) {
      smallest = Math.min(smallest, value);
    }
    return smallest;
  }

  private static float largest(float[] map) {
    float largest = map[0];
    for (float value : map) {
      largest = Math.max(largest, value);
    }
    return largest;
  }

  /** Whether no value is NaN or infinite. */
  boolean isFinite() {
    return maps.stream().allMatch(Finite::all);
  }
}
