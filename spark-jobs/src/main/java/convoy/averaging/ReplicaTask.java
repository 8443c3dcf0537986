package convoy.averaging;

import convoy.cluster.Numerics;
import convoy.cluster.ThisExecutor;
import convoy.engine.training.TrainingMetrics;
import convoy.sharding.ReplicaData;
import java.util.Iterator;
import java.util.NoSuchElementException;
import org.apache.spark.TaskContext;
import org.apache.spark.util.CollectionAccumulator;
import scala.Tuple2;

/**
 * The task of one shard in one round: trains a replica from the common state and hands out its
 * state slice by slice. A pure function of plan, state and shard.
 */
final class ReplicaTask {
  private ReplicaTask() {}

  /**
   * Trains, and returns the slices with their numbers.
   *
   * @param signals is added to if the replica diverges, which the slices' reports say too
   */
  static Iterator<Tuple2<Integer, SlicePart>> run(
      RoundPlan plan,
      ModelState start,
      int shardNumber,
      ReplicaData data,
      CollectionAccumulator<Divergence> signals) {
    TaskContext task = TaskContext.get();
    Numerics numerics = Numerics.here();
    long started = System.currentTimeMillis();
    String executor = ThisExecutor.name();
    if (!numerics.equals(plan.numerics())) {
      ShardReport refusal =
          new ShardReport(shardNumber, TrainingMetrics.NONE, started, executor, numerics);
      return slices(start, plan.slicing(), refusal);
    }
    Replica replica =
        ExecutorPools.REPLICAS.take(plan.replica(), () -> new Replica(plan.replica()));
    task.addTaskCompletionListener(
        ended -> {
          if (ended.isFailed() || ended.isInterrupted()) {
            replica.close();
          } else {
            ExecutorPools.REPLICAS.giveBack(plan.replica(), replica);
          }
        });
    TrainingMetrics metrics =
        replica.train(
            start, shardNumber, data.training(), plan.steps(), plan.seed(), task::isInterrupted);
    if (metrics.diverged()) {
      signals.add(new Divergence(shardNumber, metrics.divergedAt()));
    }
    ShardReport report = new ShardReport(shardNumber, metrics, started, executor, numerics);
    return slices(replica.outcome(), plan.slicing(), report);
  }

  private static Iterator<Tuple2<Integer, SlicePart>> slices(
      ModelState state, Slicing slicing, ShardReport report) {
    return new Iterator<>() {
      private int next;

      @Override
      public boolean hasNext() {
        return next < slicing.slices();
      }

      @Override
      public Tuple2<Integer, SlicePart> next() {
        if (!hasNext()) {
          throw new NoSuchElementException("slice " + next);
        }
        float[] values = state.slice(slicing.from(next), slicing.size(next));
        return new Tuple2<>(next++, new SlicePart(report, values));
      }
    };
  }
}
