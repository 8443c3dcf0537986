package convoy.engine.data;

import convoy.engine.tensor.Tensor;

/**
 * Fills a network's input with images of a shard; holds the labels of the images last filled in.
 */
public final class MiniBatch {
  private final int[] labels;

  /** A batch of up to {@code batchSize} images. */
  public MiniBatch(int batchSize) {
    labels = new int[batchSize];
  }

  /** The labels of the images last filled in; valid for as many as there were. */
  public int[] labels() {
    return labels;
  }

  /**
   * Writes the images {@code order[first]}, {@code order[first + 1]} and so on of {@code shard}
   * over {@code input}, as many as {@code input} has, as floats 0 to 255.
   */
  public void fill(Shard shard, int[] order, int first, Tensor input) {
    int size = shard.image().imageSize();
    if (!input.shape().isOfImagesLike(shard.image()) || !input.isDense()) {
      throw new IllegalArgumentException(
          "images are " + shard.image().image() + ", the network takes " + input.shape().image());
    }
    for (int n = 0; n < input.shape().n(); n++) {
      int image = order[first + n];
      labels[n] = shard.labels()[image];
      int from = image * size;
      int to = input.offset() + n * size;
      for (int i = 0; i < size; i++) {
        input.array()[to + i] = shard.pixels()[from + i] & 0xFF;
      }
    }
  }
}
