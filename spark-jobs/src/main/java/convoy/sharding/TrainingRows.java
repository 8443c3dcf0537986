package convoy.sharding;

import convoy.engine.random.RandomKey;
import convoy.engine.random.RandomKey.Purpose;
import java.io.Serializable;
import java.util.List;

/**
 * Which images of a training split are trained on, those kept for validation aside: of each range
 * of ids a share, chosen by the seed. The ids that are chosen for a share are chosen for a larger
 * one too.
 *
 * @param seed of the choice
 * @param ranges one behind the other, covering all ids; empty for all images
 */
public record TrainingRows(long seed, List<Range> ranges) implements Serializable {
  /** All images. */
  public static final TrainingRows ALL = new TrainingRows(0, List.of());

  /**
   * A range of ids.
   *
   * @param end the id behind its last one
   * @param share of its images, from 0 to 1
   */
  public record Range(long end, double share) implements Serializable {
    public Range {
      if (!(share >= 0 && share <= 1)) {
        throw new IllegalArgumentException("share is " + share + ", wanted 0 to 1");
      }
    }
  }

  public TrainingRows {
    ranges = List.copyOf(ranges);
  }

  /** Whether image {@code id} is among them. */
  boolean has(long id) {
    for (Range range : ranges) {
      if (id < range.end()) {
        return RandomKey.of(seed, Purpose.TRAINING_SHARE).uniform(id) < range.share();
      }
    }
    return true;
  }
}
