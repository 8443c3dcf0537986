package convoy.engine.data;

import convoy.engine.random.RandomKey;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;

/**
 * Fills a network's input with images of a shard; holds the labels of the images last filled in.
 */
public final class MiniBatch {
  private final int[] labels;
  private final Shape image;
  private final Augmenter augmenter;

  /**
   * A batch.
   *
   * @param batchSize the most images that it holds
   * @param image the shape of the images, of whatever number
   * @param augmentation how images are altered
   * @throws IllegalArgumentException if images of that shape can't be altered so
   */
  public MiniBatch(int batchSize, Shape image, Augmentation augmentation) {
    labels = new int[batchSize];
    this.image = image;
    augmenter = new Augmenter(augmentation, image);
  }

  /** The labels of the images last filled in; valid for as many as there were. */
  public int[] labels() {
    return labels;
  }

  /**
   * Writes the images {@code order[first]}, {@code order[first + 1]} and so on of {@code shard}
   * over {@code input}, as many as {@code input} has, as floats 0 to 255.
   *
   * @param key of the random numbers that alter the images in this pass through the shard
   */
  public void fill(Shard shard, int[] order, int first, RandomKey key, Tensor input) {
    if (!shard.image().isOfImagesLike(image)) {
      throw new IllegalArgumentException(
          "images are " + shard.image().image() + ", the network takes " + image.image());
    }
    if (!input.shape().isOfImagesLike(image) || !input.isDense()) {
      throw new IllegalArgumentException(
          "the input is " + input.shape().image() + ", wanted " + image.image() + ", dense");
    }
    for (int n = 0; n < input.shape().n(); n++) {
      int place = order[first + n];
      int to = input.offset() + n * image.imageSize();
      labels[n] = shard.labels()[place];
      augmenter.copy(shard.pixels(), place, key, input.array(), to);
    }
  }
}
