package convoy.averaging;

/**
 * How far replicas lie from their average, over the trainable parameters or a part of these.
 *
 * @param squared of each shard in turn, the sum of (x - average)^2 over its replica's parameters x
 * @param squaredNorm the sum of average^2
 */
record ReplicaDistances(double[] squared, double squaredNorm) {

  /** Of no parameters. */
  static ReplicaDistances none(int shards) {
    return new ReplicaDistances(new double[shards], 0);
  }

  /** Over the parameters of this and those of {@code other}. */
  ReplicaDistances plus(ReplicaDistances other) {
    double[] sums = new double[squared.length];
    for (int shard = 0; shard < sums.length; shard++) {
      sums[shard] = squared[shard] + other.squared[shard];
    }
    return new ReplicaDistances(sums, squaredNorm + other.squaredNorm);
  }

  /** The relative distance ||x - average|| / ||average|| of one shard's replica; 0 if both are. */
  double relative(int shard) {
    return squared[shard] == 0 ? 0 : Math.sqrt(squared[shard]) / Math.sqrt(squaredNorm);
  }
}
