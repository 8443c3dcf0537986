package convoy.averaging;

/**
 * What an executor's JVM keeps from task to task beside the shards, which Spark keeps: the one
 * place with static state.
 */
final class ExecutorPools {
  /** Replicas for training. */
  static final Pool<ReplicaSettings, Replica> REPLICAS = new Pool<>(Replica::new);

  /** Networks for evaluation. */
  static final Pool<ScorerSettings, Scorer> SCORERS = new Pool<>(Scorer::new);

  private ExecutorPools() {}
}
