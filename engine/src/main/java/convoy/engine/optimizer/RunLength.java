package convoy.engine.optimizer;

import java.io.Serializable;

/**
 * How long a training is.
 *
 * @param stepsPerEpoch steps of an epoch, 1 or more: those of the largest shard
 * @param epochs of the whole training, 1 or more
 */
public record RunLength(int stepsPerEpoch, int epochs) implements Serializable {
  /** For steps that belong to no planned training. */
  public static final RunLength ENDLESS = new RunLength(Integer.MAX_VALUE, Integer.MAX_VALUE);

  public RunLength {
    if (stepsPerEpoch < 1 || epochs < 1) {
      throw new IllegalArgumentException(
          "got " + epochs + " epochs of " + stepsPerEpoch + " steps, wanted 1 or more of each");
    }
  }

  /** Steps of the whole training. */
  public long steps() {
    return (long) epochs * stepsPerEpoch;
  }
}
