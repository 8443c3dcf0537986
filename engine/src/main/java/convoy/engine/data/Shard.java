package convoy.engine.data;

import convoy.engine.tensor.Shape;

/**
 * Labelled images, packed: pixels uint8, RGB, NHWC.
 *
 * @param image the shape of one image (n = 1)
 * @param pixels {@code size() * image.imageSize()} bytes
 * @param labels the class of each image
 */
public record Shard(Shape image, byte[] pixels, int[] labels) {

  public Shard {
    if (pixels.length != (long) labels.length * image.imageSize()) {
      throw new IllegalArgumentException(
          "got " + pixels.length + " bytes for " + labels.length + " images of " + image.image());
    }
  }

  /** Number of images. */
  public int size() {
    return labels.length;
  }

  /** The most images of shape {@code image} that one shard can hold: an array's limit. */
  public static int largestSize(Shape image) {
    return (Integer.MAX_VALUE - 8) / image.imageSize();
  }

  /** Bytes that {@code images} images of shape {@code image} take. */
  public static long sizeBytes(Shape image, long images) {
    return images * (image.imageSize() + Integer.BYTES);
  }
}
