package convoy.engine.training;

import convoy.engine.random.RandomKey;

/**
 * How an epoch goes through a shard.
 *
 * @param order of the images; shared, not copied
 * @param key of the random numbers that the steps of this epoch draw on this shard
 */
public record ShardPass(int[] order, RandomKey key) {

  /** That of {@code epoch} through shard {@code shardNumber}, of {@code images} images. */
  public static ShardPass of(long seed, int epoch, int shardNumber, int images) {
    int[] order = key(seed, RandomKey.Purpose.SHUFFLE, epoch, shardNumber).permutation(images);
    return new ShardPass(order, key(seed, RandomKey.Purpose.DROPOUT, epoch, shardNumber));
  }

  private static RandomKey key(long seed, RandomKey.Purpose purpose, int epoch, int shardNumber) {
    return RandomKey.of(seed, purpose).with(epoch).with(shardNumber);
  }
}
