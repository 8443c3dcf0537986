package convoy.averaging;

import convoy.cluster.Pool;

/**
 * What an executor's JVM keeps from task to task of a training, beside the shards, which Spark
 * keeps.
 */
final class ExecutorPools {
  private static final String WORK = "training";

  /** Replicas for training. */
  static final Pool<ReplicaSettings, Replica> REPLICAS = new Pool<>(WORK);

  /** Networks for the validation images. */
  static final Pool<ScorerSettings, Scorer> SCORERS = new Pool<>(WORK);

  private ExecutorPools() {}
}
