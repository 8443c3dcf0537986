package convoy.engine.data;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.random.RandomKey;
import convoy.engine.tensor.Shape;
import java.util.Arrays;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AugmenterTest {
  private static final RandomKey KEY = RandomKey.of(3, RandomKey.Purpose.AUGMENTATION);

  /** How often an image is altered where outcomes are counted. */
  private static final int TIMES = 9_000;

  /** Values 1 to 9, of which 5 is the mean. */
  private static final Shape NINE = new Shape(1, 3, 3, 1);

  private static final Augmentation FLIP = new Augmentation(true, 0, 0, 0, 0, 0);

  @Test
  void halfOfTheImagesAreMirrored() {
    byte[] pixels = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12};
    assertEquallyOften(
        outcomes(FLIP, new Shape(1, 2, 2, 3), pixels),
        "1 2 3 4 5 6 7 8 9 10 11 12",
        "4 5 6 1 2 3 10 11 12 7 8 9");
  }

  @Test
  void everyCropOfTheReflectedImageIsEquallyFrequent() {
    assertEquallyOften(
        outcomes(new Augmentation(false, 1, 0, 0, 0, 0), NINE, nine()),
        "5 4 5 2 1 2 5 4 5",
        "4 5 6 1 2 3 4 5 6",
        "5 6 5 2 3 2 5 6 5",
        "2 1 2 5 4 5 8 7 8",
        "1 2 3 4 5 6 7 8 9",
        "2 3 2 5 6 5 8 9 8",
        "5 4 5 8 7 8 5 4 5",
        "4 5 6 7 8 9 4 5 6",
        "5 6 5 8 9 8 5 6 5");
  }

  @Test
  void theLargestCropReachesTheFarBorder() {
    Map<String, Integer> outcomes =
        outcomes(new Augmentation(false, 1, 0, 0, 0, 0), new Shape(1, 2, 2, 1), nine());
    assertEquals(
        Set.of("1 2 3 4", "2 1 4 3", "3 4 1 2", "4 3 2 1"),
        outcomes.keySet(),
        "offsets of -1 and 1");
    Set<String> wide = outcomes(new Augmentation(false, 2, 0, 0, 0, 0), NINE, nine()).keySet();
    assertEquals(16, wide.size(), "a move by 2 gives the same to either side");
    assertTrue(wide.contains("9 8 7 6 5 4 3 2 1"), "moved by 2 and 2");
  }

  @Test
  void aSquareAroundEachPixelGetsTheMean() {
    assertEquallyOften(
        outcomes(new Augmentation(false, 0, 2, 0, 0, 0), NINE, nine()),
        "5 2 3 4 5 6 7 8 9",
        "5 5 3 4 5 6 7 8 9",
        "1 5 5 4 5 6 7 8 9",
        "5 2 3 5 5 6 7 8 9",
        "5 5 3 5 5 6 7 8 9",
        "1 5 5 4 5 5 7 8 9",
        "1 2 3 5 5 6 5 8 9",
        "1 2 3 5 5 6 5 5 9",
        "1 2 3 4 5 5 7 5 5");
  }

  @Test
  void theMeanIsThatOfEachChannel() {
    byte[] pixels = {0, 10, (byte) 200, 1, 30, (byte) 255};
    assertEquallyOften(
        outcomes(new Augmentation(false, 0, 1, 0, 0, 0), new Shape(1, 1, 2, 3), pixels),
        "0.5 20 227.5 1 30 255",
        "0 10 200 0.5 20 227.5");
  }

  @Test
  void brightnessIsAFactorAroundOne() {
    double sum = 0, least = 2, most = 0;
    for (int i = 0; i < TIMES; i++) {
      float[] y = altered(new Augmentation(false, 0, 0, 0.25, 0, 0), NINE, nine(), KEY.with(i));
      double factor = y[0];
      for (int j = 0; j < y.length; j++) {
        assertEquals(factor * (j + 1), y[j], 1e-5);
      }
      sum += factor;
      least = Math.min(least, factor);
      most = Math.max(most, factor);
    }
    assertUniform(0.75, 1.25, least, most, sum / TIMES);
  }

  @Test
  void contrastIsAFactorOfDistancesFromTheMean() {
    double sum = 0, least = 2, most = 0;
    for (int i = 0; i < TIMES; i++) {
      float[] y = altered(new Augmentation(false, 0, 0, 0, 0.5, 0), NINE, nine(), KEY.with(i));
      double factor = y[5] - y[4];
      for (int j = 0; j < y.length; j++) {
        assertEquals(Math.max(0, 5 + factor * (j - 4)), y[j], 1e-5);
      }
      sum += factor;
      least = Math.min(least, factor);
      most = Math.max(most, factor);
    }
    assertUniform(0.5, 1.5, least, most, sum / TIMES);
  }

  @Test
  void saturationIsAFactorOfDistancesFromGrey() {
    byte[] pixels = {100, 120, 90};
    double grey = 0.299 * 100 + 0.587 * 120 + 0.114 * 90;
    double sum = 0, least = 2, most = 0;
    for (int i = 0; i < TIMES; i++) {
      Augmentation saturation = new Augmentation(false, 0, 0, 0, 0, 1);
      float[] y = altered(saturation, new Shape(1, 1, 1, 3), pixels, KEY.with(i));
      double factor = (y[1] - y[2]) / 30;
      for (int c = 0; c < 3; c++) {
        assertEquals(grey + factor * (pixels[c] - grey), y[c], 1e-4);
      }
      sum += factor;
      least = Math.min(least, factor);
      most = Math.max(most, factor);
    }
    assertUniform(0, 2, least, most, sum / TIMES);
  }

  @Test
  void valuesStayBetweenZeroAnd255() {
    byte[] pixels = {0, 127, (byte) 255, (byte) 255, 0, 0};
    boolean dark = false, light = false;
    for (int i = 0; i < 1000; i++) {
      Augmentation strong = new Augmentation(false, 0, 0, 1, 1, 1);
      for (float value : altered(strong, new Shape(1, 1, 2, 3), pixels, KEY.with(i))) {
        assertTrue(value >= 0 && value <= 255, "value " + value);
        dark |= value == 0;
        light |= value == 255;
      }
    }
    assertTrue(dark && light);
  }

  @Test
  void greyOfOtherThanThreeChannelsIsTheirMean() {
    byte[] pixels = {10, 50};
    float[] y =
        altered(new Augmentation(false, 0, 0, 0, 0.5, 0), new Shape(1, 1, 1, 2), pixels, KEY);
    assertEquals(60, y[0] + y[1], 1e-5);
    assertNotEquals(10, y[0]);
  }

  /** engine/src/test/python/augmentation_golden.py prints the values. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "0|160.37 101.53 134.82 138.15 103.31 160.6 117.61 106.77 112.97 103.18 116.34 146.54 "
            + "90.432 127.6 106.69 123.51 120.41 130.59 123.51 120.41 130.59 123.51 120.41 130.59 "
            + "137.82 106.08 166.47 105.61 97.864 107.16 123.51 120.41 130.59 123.51 120.41 130.59 "
            + "123.51 120.41 130.59 92.302 90.754 106.24 135.05 157.51 121.89 123.51 120.41 130.59 "
            + "123.51 120.41 130.59 123.51 120.41 130.59 144.14 172.79 143.37 156.07 133.61 128.19",
        "1|97.613 62.203 114.58 119.25 132.52 90.475 137.53 127.94 134.58 81.797 120.9 104.67 "
            + "105.53 121.76 82.659 100.82 102.04 98.021 100.82 102.04 98.021 115.22 62.843 98.253 "
            + "77.242 73.554 86.095 118.73 92.176 81.848 100.82 102.04 98.021 100.82 102.04 98.021 "
            + "104.13 80.52 73.143 83.91 108.99 78.746 134.6 65.258 83.701 100.82 102.04 98.021 "
            + "100.82 102.04 98.021 115.22 62.843 98.253 77.242 73.554 86.095 118.73 92.176 81.848",
        "2|103.26 76.509 79.185 101.53 116.24 160.39 103.26 76.509 79.185 113.26 174.79 136 "
            + "126.47 146.53 196.03 198.27 93.926 148.77 168.53 105.65 72.207 198.27 93.926 148.77 "
            + "102.15 86.096 99.474 142.92 85.396 187.07 166.03 113.86 91.118 109.17 98.469 117.2 "
            + "134.72 125.02 131.77 134.72 125.02 131.77 134.72 125.02 131.77 198.27 93.926 148.77 "
            + "168.53 105.65 72.207 134.72 125.02 131.77 134.72 125.02 131.77 134.72 125.02 131.77",
        "3|80.301 133.42 93.89 77.656 169.07 167.84 94.332 104.22 141.28 102.26 150.44 105.96 "
            + "127.02 93.664 87.488 143.03 147.97 60.26 173.39 96.799 167.21 112.95 122.95 124.19 "
            + "112.95 122.95 124.19 112.95 122.95 124.19 80.301 133.42 93.89 77.656 169.07 167.84 "
            + "112.95 122.95 124.19 112.95 122.95 124.19 112.95 122.95 124.19 133.92 115.39 124.03 "
            + "111.06 130.83 177.77 112.95 122.95 124.19 112.95 122.95 124.19 112.95 122.95 124.19",
      })
  void allTogetherIsWhatNumpyMakesOfIt(int place, String wanted) {
    Shape image = new Shape(1, 4, 5, 3);
    byte[] pixels = new byte[4 * image.imageSize()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (60 + (37 * i + 11 * i * i) % 97);
    }
    RandomKey key = RandomKey.of(9, RandomKey.Purpose.AUGMENTATION).with(2).with(1);
    float[] y = new float[image.imageSize()];
    Augmentation all = new Augmentation(true, 2, 3, 0.25, 0.25, 0.25);
    new Augmenter(all, image).copy(pixels, place, key, y, 0);
    float[] expected = new float[y.length];
    String[] values = wanted.split(" ");
    for (int i = 0; i < expected.length; i++) {
      expected[i] = Float.parseFloat(values[i]);
    }
    assertArrayEquals(expected, y, 0.011f);
  }

  @Test
  void whatIsDrawnDependsOnKeyAndPlaceAlone() {
    byte[] pixels = new byte[2 * 3072];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) (i % 3072 * 31);
    }
    Shape image = new Shape(1, 32, 32, 3);
    Augmentation all = new Augmentation(true, 4, 8, 0.2, 0.2, 0.2);
    float[][] y = new float[4][3072];
    Augmenter augmenter = new Augmenter(all, image);
    augmenter.copy(pixels, 1, KEY, y[0], 0);
    augmenter.copy(pixels, 0, KEY, y[1], 0);
    augmenter.copy(pixels, 1, KEY.with(1), y[2], 0);
    new Augmenter(all, image).copy(pixels, 1, KEY, y[3], 0);
    assertArrayEquals(y[0], y[3]);
    assertFalse(Arrays.equals(y[0], y[1]), "another place");
    assertFalse(Arrays.equals(y[0], y[2]), "another key");
  }

  @Test
  void nothingElseIsWritten() {
    float[] y = new float[13];
    Arrays.fill(y, -1);
    new Augmenter(new Augmentation(true, 1, 2, 1, 1, 0), NINE).copy(nine(), 0, KEY, y, 2);
    assertEquals(-1, y[1]);
    assertEquals(-1, y[11]);
    for (int i = 2; i < 11; i++) {
      assertTrue(y[i] >= 0, "value " + i);
    }
  }

  private static byte[] nine() {
    return new byte[] {1, 2, 3, 4, 5, 6, 7, 8, 9};
  }

  private static float[] altered(Augmentation settings, Shape image, byte[] x, RandomKey key) {
    float[] y = new float[image.imageSize()];
    new Augmenter(settings, image).copy(x, 0, key, y, 0);
    return y;
  }

  /** How often an image becomes what, as its values in order. */
  private static Map<String, Integer> outcomes(Augmentation settings, Shape image, byte[] x) {
    Map<String, Integer> counts = new TreeMap<>();
    for (int i = 0; i < TIMES; i++) {
      StringBuilder outcome = new StringBuilder();
      for (float value : altered(settings, image, x, KEY.with(i))) {
        String text = Float.toString(value);
        outcome
            .append(' ')
            .append(text.endsWith(".0") ? text.substring(0, text.length() - 2) : text);
      }
      counts.merge(outcome.substring(1), 1, Integer::sum);
    }
    return counts;
  }

  /** Each of {@code wanted} as often as the others, within five standard deviations. */
  private static void assertEquallyOften(Map<String, Integer> outcomes, String... wanted) {
    assertEquals(Set.of(wanted), outcomes.keySet());
    double share = 1.0 / wanted.length;
    double deviation = Math.sqrt(TIMES * share * (1 - share));
    outcomes.forEach(
        (outcome, count) -> assertEquals(TIMES * share, count, 5 * deviation, outcome));
  }

  private static void assertUniform(
      double from, double to, double least, double most, double mean) {
    double width = to - from;
    assertTrue(least >= from - 1e-5 && least < from + width / 1000, "least " + least);
    assertTrue(most <= to + 1e-5 && most > to - width / 1000, "most " + most);
    assertEquals((from + to) / 2, mean, 5 * width / Math.sqrt(12.0 * TIMES));
  }
}
