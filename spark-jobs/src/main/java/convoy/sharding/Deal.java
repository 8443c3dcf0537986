package convoy.sharding;

import convoy.engine.random.RandomKey;
import java.io.Serializable;

/**
 * How the training images are dealt out to the shards: in the order of their ids in the first deal,
 * in a random order of its own in each later one.
 *
 * @param seed of the random orders
 * @param number of the deal, from 0
 */
public record Deal(long seed, int number) implements Serializable {

  /** The deal of {@code epoch}, if images are dealt anew every {@code every} epochs; 0 is never. */
  public static Deal of(long seed, int epoch, int every) {
    return new Deal(seed, every == 0 ? 0 : epoch / every);
  }

  /** The place among {@code images} images of the one that comes {@code rank}th by its id. */
  long place(long rank, long images) {
    return number == 0
        ? rank
        : RandomKey.of(seed, RandomKey.Purpose.DEAL).with(number).permuted(rank, images);
  }
}
