package convoy.engine.tensor;

import java.io.Serializable;

/**
 * The sizes of a batch of images, NHWC.
 *
 * @param n images
 * @param h height
 * @param w width
 * @param c channels
 */
public record Shape(int n, int h, int w, int c) implements Serializable {
  /** The most values of one image; a size plus its padding then fits an int. */
  private static final int LARGEST_IMAGE = 1 << 30;

  public Shape {
    if (n < 1 || h < 1 || w < 1 || c < 1) {
      throw new IllegalArgumentException(
          "shape " + n + "x" + h + "x" + w + "x" + c + ": each size must be >= 1");
    }
    if ((long) h * w > LARGEST_IMAGE || (long) h * w * c > LARGEST_IMAGE) {
      throw new IllegalArgumentException(
          "an image of "
              + h
              + "x"
              + w
              + "x"
              + c
              + " has too many values, wanted at most "
              + LARGEST_IMAGE);
    }
  }

  /** The shape of {@code n} images of {@code c} values each, without height and width. */
  public static Shape flat(int n, int c) {
    return new Shape(n, 1, 1, c);
  }

  /** The same images, {@code n} of them. */
  public Shape withImages(int n) {
    return new Shape(n, h, w, c);
  }

  /** Whether its images have the sizes of those of {@code other}. */
  public boolean isOfImagesLike(Shape other) {
    return h == other.h && w == other.w && c == other.c;
  }

  /** Whether an image is a plain row of values. */
  public boolean isFlat() {
    return h == 1 && w == 1;
  }

  /** Pixels of the whole batch: n * h * w. */
  public int pixels() {
    return Math.multiplyExact(n, Math.multiplyExact(h, w));
  }

  /** Values of one image: h * w * c. */
  public int imageSize() {
    return h * w * c;
  }

  /** Values of the whole batch: n * h * w * c. */
  public long size() {
    return (long) n * imageSize();
  }

  /** The sizes of one image, as "32x32x3", or "10" for a flat one. */
  public String image() {
    return isFlat() ? Integer.toString(c) : heightWidthChannels();
  }

  /** The sizes of one image, as "32x32x3", and "1x1x10" for a flat one. */
  public String heightWidthChannels() {
    return h + "x" + w + "x" + c;
  }
}
