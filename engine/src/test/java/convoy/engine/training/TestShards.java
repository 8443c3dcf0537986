package convoy.engine.training;

import convoy.engine.data.Shard;
import convoy.engine.random.RandomKey;
import convoy.engine.tensor.Shape;

/** Generated images for tests. */
final class TestShards {
  private TestShards() {}

  /** Noisy images of 8x8x3; class 0 to 3 tells which quarter is the brightest. */
  static Shard quarters(int images) {
    RandomKey key = RandomKey.of(11, RandomKey.Purpose.GENERATED_DATA);
    Shape image = new Shape(1, 8, 8, 3);
    byte[] pixels = new byte[images * image.imageSize()];
    int[] labels = new int[images];
    for (int n = 0; n < images; n++) {
      labels[n] = n % 4;
      for (int i = 0; i < image.imageSize(); i++) {
        int quarter = i / 3 / 8 / 4 * 2 + i / 3 % 8 / 4;
        int element = n * image.imageSize() + i;
        int light = quarter == labels[n] ? 110 : 0;
        pixels[element] = (byte) (light + key.below(146, element));
      }
    }
    return new Shard(image, pixels, labels);
  }

  /** Images of noise, labelled in turn with each of the classes. */
  static Shard noise(Shape image, int images, int classes) {
    RandomKey key = RandomKey.of(12, RandomKey.Purpose.GENERATED_DATA);
    byte[] pixels = new byte[images * image.imageSize()];
    int[] labels = new int[images];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) key.bits(i);
    }
    for (int n = 0; n < images; n++) {
      labels[n] = n % classes;
    }
    return new Shard(image, pixels, labels);
  }
}
