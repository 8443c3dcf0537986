package convoy.training;

import convoy.averaging.CarriedState;
import convoy.averaging.ReplicaSettings;
import convoy.averaging.Slicing;
import convoy.cluster.TaskHeap;
import convoy.engine.data.Shard;
import convoy.engine.tensor.Shape;

/**
 * What driver and executors have to hold at once to train, in bytes of their heaps.
 *
 * @param workBytes of a task's replica, and of what evaluates and estimates after it
 * @param image the shape of one image
 * @param carriedBytes what the driver holds from round to round
 * @param sentBytes what each round sends to the executors
 */
public record MemoryNeeds(long workBytes, Shape image, long carriedBytes, long sentBytes) {
  /**
   * How often an executor holds what a round sends: as it came, as arrays, and what the round
   * before sent until Spark has removed it.
   */
  private static final int STATES_OF_AN_EXECUTOR = 3;

  /**
   * Of a training.
   *
   * @param replica what its replicas are made from
   * @param carried what its driver holds
   */
  public static MemoryNeeds of(TrainingSetup setup, ReplicaSettings replica, CarriedState carried) {
    long work = replica.sizeBytes() + setup.scorer().sizeBytes();
    if (setup.config().averaging().batchNormBatches() > 0) {
      work += replica.statisticsBytes();
    }
    return new MemoryNeeds(work, setup.network().input(), carried.sizeBytes(), carried.sentBytes());
  }

  /** These needs, and {@code bytes} more in each task. */
  public MemoryNeeds withMoreWork(long bytes) {
    return new MemoryNeeds(workBytes + bytes, image, carriedBytes, sentBytes);
  }

  /**
   * What a task holds.
   *
   * @param images of its shard, validation images counted
   */
  long task(long images) {
    return workBytes + Shard.sizeBytes(image, images);
  }

  /** What the driver needs, which keeps what it sends as it goes. */
  public long driver() {
    return TaskHeap.RESERVED_BYTES + carriedBytes + sentBytes;
  }

  /** What an executor needs for {@code tasks} tasks at once, of a run of {@code shards}. */
  public long executor(int tasks, int shards, long images) {
    return tasks(tasks, shards, images) + STATES_OF_AN_EXECUTOR * sentBytes;
  }

  /** What the driver needs that runs {@code tasks} tasks at once itself, from its own arrays. */
  long local(int tasks, int shards, long images) {
    return tasks(tasks, shards, images) + carriedBytes + sentBytes;
  }

  private long tasks(int tasks, int shards, long images) {
    long reduced = Math.min(tasks * Slicing.LARGEST_REDUCTION_BYTES, shards * sentBytes);
    return TaskHeap.RESERVED_BYTES + reduced + tasks * task(images);
  }
}
