package convoy.cluster;

import org.apache.spark.Partitioner;

/** Sends the number i to partition i: shards, and slices of a model. */
public final class IndexPartitioner extends Partitioner {
  private static final long serialVersionUID = 1L;

  private final int partitions;

  /**
   * For so many partitions.
   *
   * @param partitions 1 or more, whose numbers are the keys
   */
  public IndexPartitioner(int partitions) {
    this.partitions = partitions;
  }

  @Override
  public int numPartitions() {
    return partitions;
  }

  @Override
  public int getPartition(Object key) {
    return (Integer) key;
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof IndexPartitioner partitioner && partitioner.partitions == partitions;
  }

  @Override
  public int hashCode() {
    return partitions;
  }
}
