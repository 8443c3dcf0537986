package convoy.averaging;

import convoy.cluster.Numerics;
import convoy.engine.training.TrainingMetrics;

/**
 * What a task says of its shard's training in one round.
 *
 * @param shard number of the shard
 * @param metrics what was trained
 * @param startedMillis when training began, in milliseconds since 1970
 * @param executor where it ran
 * @param numerics the arithmetic that it ran on
 */
record ShardReport(
    int shard, TrainingMetrics metrics, long startedMillis, String executor, Numerics numerics) {

  /** Whether the shard had images left to train. */
  boolean hasTrained() {
    return metrics.images() > 0;
  }
}
