package convoy.sharding;

import convoy.engine.data.Shard;
import convoy.engine.tensor.Shape;
import java.util.Arrays;

/** Puts the images of one shard, in whatever order they come, each at its place. */
final class Packing {
  private final int number;
  private final Shape image;
  private final byte[] pixels;
  private final int[] labels;
  private int count;

  /** For shard {@code number} of {@code images} images. */
  Packing(int number, int images, Shape image) {
    this.number = number;
    this.image = image;
    pixels = new byte[Math.multiplyExact(images, image.imageSize())];
    labels = new int[images];
    Arrays.fill(labels, -1);
  }

  /**
   * Puts one image at its place.
   *
   * @throws IllegalArgumentException if there is one already, or no such place
   */
  void put(ImageRow row) {
    int position = row.position();
    if (position >= labels.length || labels[position] >= 0) {
      throw new IllegalArgumentException(
          "shard "
              + number
              + " of "
              + labels.length
              + " images got place "
              + position
              + " once too often: the ids in the data set are not 0, 1, 2, ...");
    }
    labels[position] = row.label();
    int size = image.imageSize();
    System.arraycopy(row.pixels(), 0, pixels, position * size, size);
    count++;
  }

  /**
   * The shard, once all images are there.
   *
   * @throws IllegalArgumentException if one is missing
   */
  Shard shard() {
    if (count != labels.length) {
      throw new IllegalArgumentException(
          "shard "
              + number
              + " got "
              + count
              + " images, wanted "
              + labels.length
              + ": the data set does not hold the images that its dataset.json counts");
    }
    return new Shard(image, pixels, labels);
  }
}
