package convoy.engine.data;

import convoy.engine.random.RandomKey;
import convoy.engine.tensor.Shape;
import java.util.Arrays;

/**
 * Copies images and alters them on the way.
 *
 * <p>With x (H, W, C) an image of a shard, P = {@code crop}, S = {@code cutout}, and reflect(i) the
 * place within it of row or column i, mirrored at the first and the last one, which are not
 * repeated (-1 is 1):
 *
 * <pre>
 * crop     y[h, w] = x[reflect(h + dh), reflect(w + dw)]     dh, dw from -P to P
 * flip     y[h, w] = y[h, W - 1 - w]                         for every second image
 * cutout   y[h, w] = m, the mean of x                        h from ch - S / 2, w from cw - S / 2,
 *                                                            S of each, as far as they are in y
 * colour   y = b (c (s y + (1 - s) grey(y)) + (1 - c) grey(m)), then at least 0 and at most 255
 * </pre>
 *
 * <p>with grey = 0.299 red + 0.587 green + 0.114 blue (ITU-R BT.601), or the mean where there are
 * not three channels; b, c and s are uniform from 1 - strength to 1 + strength, and 1 for a
 * strength of 0. Crops and flips: He and others, "Deep Residual Learning for Image Recognition",
 * 2016, section 4.2, with reflection instead of zeros, so that no borders appear that images do not
 * have. Cutout: DeVries and Taylor, "Improved Regularization of Convolutional Neural Networks with
 * Cutout", 2017. Colour: Krizhevsky's jitter as torchvision's ColorJitter defines brightness,
 * contrast and saturation, in this order, without rounding in between.
 *
 * <p>What is drawn depends on the key and on the image's place in its shard alone, so neither on
 * the batch size nor on what else is trained. Everything is plain arithmetic in a fixed order.
 * Holds scratch memory: for one thread at a time.
 */
final class Augmenter {
  /** What is drawn for an image, in the order of its random numbers. */
  private enum Draw {
    FLIP,
    CROP_ROW,
    CROP_COLUMN,
    CUTOUT_ROW,
    CUTOUT_COLUMN,
    BRIGHTNESS,
    CONTRAST,
    SATURATION
  }

  private static final int DRAWS = Draw.values().length;
  private static final int COLOURS = 3;
  private static final float RED = 0.299f, GREEN = 0.587f, BLUE = 0.114f;

  private final Augmentation settings;
  private final Shape image;

  /** For each column of the output the first value of the input's in a row. */
  private final int[] columns;

  private final long[] sums;
  private final float[] mean;

  /** Alters images of shape {@code image}, which {@code settings} fit. */
  Augmenter(Augmentation settings, Shape image) {
    settings.checkFits(image);
    this.settings = settings;
    this.image = image;
    columns = new int[image.w()];
    sums = new long[image.c()];
    mean = new float[image.c()];
  }

  /**
   * Writes an altered image over {@code y}, from index {@code to} on, as floats 0 to 255.
   *
   * @param x pixels of the shard, uint8
   * @param place of the image in the shard
   * @param key of this pass through the shard
   */
  void copy(byte[] x, int place, RandomKey key, float[] y, int to) {
    if (settings.flip() || settings.crop() > 0) {
      copyShifted(x, place, key, y, to);
    } else {
      copyPlain(x, place * image.imageSize(), y, to);
    }
    if (settings.cutout() > 0 || settings.contrast() > 0) {
      findMean(x, place * image.imageSize());
    }
    if (settings.cutout() > 0) {
      cut(place, key, y, to);
    }
    if (settings.jitters()) {
      jitter(place, key, y, to);
    }
  }

  private void copyPlain(byte[] x, int from, float[] y, int to) {
    for (int i = 0; i < image.imageSize(); i++) {
      y[to + i] = x[from + i] & 0xFF;
    }
  }

  private void copyShifted(byte[] x, int place, RandomKey key, float[] y, int to) {
    int height = image.h(),
        width = image.w(),
        channels = image.c(),
        offsets = 2 * settings.crop() + 1;
    int down = key.below(offsets, element(place, Draw.CROP_ROW)) - settings.crop();
    int right = key.below(offsets, element(place, Draw.CROP_COLUMN)) - settings.crop();
    boolean flip = settings.flip() && key.below(2, element(place, Draw.FLIP)) == 1;
    for (int w = 0; w < width; w++) {
      columns[w] = channels * Mirror.place((flip ? width - 1 - w : w) + right, width);
    }
    int from = place * image.imageSize();
    int next = to;
    for (int h = 0; h < height; h++) {
      int row = from + Mirror.place(h + down, height) * width * channels;
      for (int w = 0; w < width; w++) {
        int pixel = row + columns[w];
        for (int c = 0; c < channels; c++) {
          y[next++] = x[pixel + c] & 0xFF;
        }
      }
    }
  }

  private void findMean(byte[] x, int from) {
    int channels = image.c();
    Arrays.fill(sums, 0);
    for (int i = from; i < from + image.imageSize(); i += channels) {
      for (int c = 0; c < channels; c++) {
        sums[c] += x[i + c] & 0xFF;
      }
    }
    for (int c = 0; c < channels; c++) {
      mean[c] = (float) ((double) sums[c] / (image.h() * image.w()));
    }
  }

  private void cut(int place, RandomKey key, float[] y, int to) {
    int side = settings.cutout(), channels = image.c();
    int top = key.below(image.h(), element(place, Draw.CUTOUT_ROW)) - side / 2;
    int left = key.below(image.w(), element(place, Draw.CUTOUT_COLUMN)) - side / 2;
    int bottom = Math.min(image.h(), top + side), right = Math.min(image.w(), left + side);
    for (int h = Math.max(0, top); h < bottom; h++) {
      for (int w = Math.max(0, left); w < right; w++) {
        System.arraycopy(mean, 0, y, to + (h * image.w() + w) * channels, channels);
      }
    }
  }

  private void jitter(int place, RandomKey key, float[] y, int to) {
    double brightness = factor(settings.brightness(), key, element(place, Draw.BRIGHTNESS));
    double contrast = factor(settings.contrast(), key, element(place, Draw.CONTRAST));
    double saturation = factor(settings.saturation(), key, element(place, Draw.SATURATION));
    float own = (float) (brightness * contrast * saturation);
    float shared = (float) (brightness * contrast * (1 - saturation));
    float base = settings.contrast() > 0 ? (float) (brightness * (1 - contrast) * meanGrey()) : 0;
    int end = to + image.imageSize();
    if (image.c() == COLOURS) {
      for (int i = to; i < end; i += COLOURS) {
        float red = y[i], green = y[i + 1], blue = y[i + 2];
        float grey = shared * (RED * red + GREEN * green + BLUE * blue) + base;
        y[i] = clamp(own * red + grey);
        y[i + 1] = clamp(own * green + grey);
        y[i + 2] = clamp(own * blue + grey);
      }
    } else {
      for (int i = to; i < end; i++) {
        y[i] = clamp(own * y[i] + base);
      }
    }
  }

  private static double factor(double strength, RandomKey key, long element) {
    return 1 + strength * (2 * key.uniform(element) - 1);
  }

  private float meanGrey() {
    if (image.c() == COLOURS) {
      return RED * mean[0] + GREEN * mean[1] + BLUE * mean[2];
    }
    float sum = 0;
    for (float value : mean) {
      sum += value;
    }
    return sum / mean.length;
  }

  private static float clamp(float value) {
    return value < 0 ? 0 : value > 255 ? 255 : value;
  }

  private static long element(int place, Draw draw) {
    return (long) DRAWS * place + draw.ordinal();
  }
}
