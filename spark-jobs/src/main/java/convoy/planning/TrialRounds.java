package convoy.planning;

import convoy.averaging.AveragingRound;
import convoy.averaging.CarriedState;
import convoy.averaging.ReplicaSettings;
import convoy.averaging.RoundPlan;
import convoy.averaging.RoundTimes;
import convoy.cluster.Numerics;
import convoy.engine.data.Shard;
import convoy.engine.data.TrialImages;
import convoy.engine.network.NetworkSpec;
import convoy.engine.tensor.Shape;
import convoy.engine.training.StepRange;
import convoy.sharding.ReplicaData;
import java.util.List;
import java.util.stream.IntStream;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.storage.StorageLevel;

/**
 * Rounds that are run to be timed, each from the same state, on shards of images without meaning
 * that the executors keep. To be closed, which lets them drop these.
 */
final class TrialRounds implements AutoCloseable {
  private final JavaRDD<ReplicaData> shards;
  private final AveragingRound round;
  private final RoundPlan plan;
  private final CarriedState carried;

  /**
   * Rounds on {@code shards} shards.
   *
   * @param carried the state to start from; left as it is, but for the room for an average
   * @param steps of each replica; 0 for a round that sends and averages alone
   */
  TrialRounds(
      JavaSparkContext context,
      ReplicaSettings replica,
      CarriedState carried,
      int shards,
      int steps) {
    this.carried = carried;
    NetworkSpec spec = replica.spec();
    Shape image = spec.input();
    int images = Math.max(1, steps) * replica.batchSize();
    int classes = spec.outputs();
    List<Integer> numbers = IntStream.range(0, shards).boxed().toList();
    this.shards =
        context
            .parallelize(numbers, shards)
            .map(
                number ->
                    new ReplicaData(
                        TrialImages.shard(image, images, classes),
                        new Shard(image, new byte[0], new int[0])))
            .persist(StorageLevel.MEMORY_AND_DISK());
    round = new AveragingRound(context, this.shards);
    plan =
        new RoundPlan(
            1, new StepRange(0, 0, steps, 0), replica, carried.slicing(shards), 0, Numerics.here());
  }

  /** Number of the slices that a round averages. */
  int slices() {
    return plan.slicing().slices();
  }

  /** Runs one round; where its time went. */
  RoundTimes run() {
    return round.run(plan, carried).times();
  }

  @Override
  public void close() {
    shards.unpersist(false);
  }
}
