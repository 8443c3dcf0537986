package convoy.averaging;

import convoy.cluster.Numerics;
import convoy.engine.data.Shard;
import convoy.engine.evaluation.Evaluation;
import convoy.sharding.ShardedDataset;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;

/**
 * Counts on the executors how well a model does, each image once. What tasks count are integers, so
 * that the figures do not depend on how the images are distributed.
 */
public final class ModelEvaluation {
  /** Images of one forward pass; results do not depend on it. */
  public static final int BATCH_SIZE = 32;

  private ModelEvaluation() {}

  /**
   * Evaluates parameters on the validation images of the shards.
   *
   * @throws IllegalArgumentException if an executor computes otherwise than the driver; names it
   */
  public static Evaluation ofValidation(
      JavaSparkContext context,
      ShardedDataset dataset,
      ScorerSettings settings,
      float[] parameters,
      String description) {
    Numerics numerics = Numerics.here();
    Broadcast<float[]> broadcast = context.broadcast(parameters);
    context.setJobDescription(description);
    context.setCallSite(description);
    try {
      return merged(
          dataset
              .shards()
              .mapPartitions(
                  part -> {
                    Numerics.checkHere(numerics);
                    Shard shard = part.next().validation();
                    return score(settings, broadcast.value(), scorer -> addShard(shard, scorer));
                  }),
          settings.spec().outputs());
    } finally {
      context.clearCallSite();
      context.setJobDescription(null);
      broadcast.destroy();
    }
  }

  private static Evaluation merged(JavaRDD<Evaluation> parts, int classes) {
    Evaluation all = new Evaluation(classes);
    parts.collect().forEach(all::merge);
    return all;
  }

  private static Iterator<Evaluation> score(
      ScorerSettings settings, float[] parameters, Consumer<Scorer> images) {
    Scorer scorer = ExecutorPools.SCORERS.take(settings, () -> new Scorer(settings));
    boolean done = false;
    try {
      scorer.begin(parameters);
      images.accept(scorer);
      Evaluation evaluation = scorer.end();
      done = true;
      return List.of(evaluation).iterator();
    } finally {
      if (done) {
        ExecutorPools.SCORERS.giveBack(settings, scorer);
      } else {
        scorer.close();
      }
    }
  }

  private static void addShard(Shard shard, Scorer scorer) {
    TaskContext task = TaskContext.get();
    int size = shard.image().imageSize();
    for (int i = 0; i < shard.size(); i++) {
      if (i % BATCH_SIZE == 0 && task.isInterrupted()) {
        throw new CancellationException("image " + i + " of " + shard.size());
      }
      scorer.add(shard.labels()[i], shard.pixels(), i * size);
    }
  }
}
