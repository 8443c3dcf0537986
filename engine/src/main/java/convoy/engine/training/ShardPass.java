package convoy.engine.training;

import convoy.engine.random.RandomKey;

/**
 * How an epoch goes through a shard.
 *
 * @param order of the images; shared, not copied
 * @param dropout key of the random numbers that the layers draw in the steps of this epoch
 * @param augmentation key of those that alter its images
 */
public record ShardPass(int[] order, RandomKey dropout, RandomKey augmentation) {

  /** That of {@code epoch} through shard {@code shardNumber}, of {@code images} images. */
  public static ShardPass of(long seed, int epoch, int shardNumber, int images) {
    int[] order = key(seed, RandomKey.Purpose.SHUFFLE, epoch, shardNumber).permutation(images);
    return new ShardPass(
        order,
        key(seed, RandomKey.Purpose.DROPOUT, epoch, shardNumber),
        key(seed, RandomKey.Purpose.AUGMENTATION, epoch, shardNumber));
  }

  private static RandomKey key(long seed, RandomKey.Purpose purpose, int epoch, int shardNumber) {
    return RandomKey.of(seed, purpose).with(epoch).with(shardNumber);
  }
}
