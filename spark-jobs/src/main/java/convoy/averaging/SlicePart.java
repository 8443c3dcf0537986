package convoy.averaging;

/**
 * One shard's share in one slice of the average.
 *
 * @param report of the shard; its images are the weight
 * @param values the slice of the replica's state
 */
record SlicePart(ShardReport report, float[] values) {
  int shard() {
    return report.shard();
  }

  /** Images that the shard has trained. */
  long images() {
    return report.metrics().images();
  }
}
