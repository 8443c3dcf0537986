package convoy.averaging;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.training.StepRange;
import convoy.engine.training.TrainingMetrics;
import java.util.List;
import java.util.Locale;
import java.util.stream.DoubleStream;

/**
 * What there is to know of a round beside the weights that it gave.
 *
 * @param round number of the round, from 1
 * @param steps which steps each shard took
 * @param learningRate of the last step
 * @param reports of all shards, in their order
 * @param distances of the replicas to the average
 * @param times where the time went
 * @param stateBytes size of one replica's parameters and optimizer state
 */
public record RoundFigures(
    long round,
    StepRange steps,
    double learningRate,
    List<ShardReport> reports,
    ReplicaDistances distances,
    RoundTimes times,
    long stateBytes) {

  /** Of the round {@code plan}. */
  static RoundFigures of(
      RoundPlan plan, List<ShardReport> reports, ReplicaDistances distances, RoundTimes times) {
    return new RoundFigures(
        plan.round(),
        plan.steps(),
        plan.learningRate(),
        reports,
        distances,
        times,
        plan.slicing().stateSize() * Float.BYTES);
  }

  /** Number of the epoch, from 1. */
  int epoch() {
    return steps.epoch() + 1;
  }

  /** Steps of a replica since the training began, those of this round among them. */
  long step() {
    return steps.stepsBefore() + steps.to() - steps.from();
  }

  /** What all shards trained together. */
  public TrainingMetrics trained() {
    TrainingMetrics trained = TrainingMetrics.NONE;
    for (ShardReport report : reports) {
      trained = trained.plus(report.metrics());
    }
    return trained;
  }

  /** Mean of the relative distances of the replicas that trained. */
  double meanDistance() {
    return trainedDistances().average().orElse(0);
  }

  /** Largest of the relative distances of the replicas that trained. */
  double largestDistance() {
    return trainedDistances().max().orElse(0);
  }

  private DoubleStream trainedDistances() {
    return reports.stream().filter(ShardReport::hasTrained).mapToDouble(this::distance);
  }

  /** The relative distance of a shard's replica to the average. */
  double distance(ShardReport report) {
    return distances.relative(report.shard());
  }

  /** Bytes of the state that were sent out, once to each executor that trained. */
  long broadcastBytes() {
    return stateBytes * reports.stream().map(ShardReport::executor).distinct().count();
  }

  /** Bytes of all replicas' states, which were reduced to one. */
  long reducedBytes() {
    return stateBytes * reports.size();
  }

  /** The figures for a log. */
  public String line() {
    TrainingMetrics trained = trained();
    return String.format(
        Locale.ROOT,
        "epoch=%d round=%d steps=%d learningRate=%.4g loss=%.4f accuracy=%.4f meanDistance=%.3g"
            + " largestDistance=%.3g computeSeconds=%.3f broadcastSeconds=%.3f"
            + " averagingSeconds=%.3f",
        epoch(),
        round,
        steps.to() - steps.from(),
        learningRate,
        trained.loss(),
        trained.accuracy(),
        meanDistance(),
        largestDistance(),
        times.computeNanos() / 1e9,
        times.broadcastNanos() / 1e9,
        times.averagingNanos() / 1e9);
  }

  /**
   * The figures as JSON, see docs/formats.md; those of training are missing where there is none.
   */
  public ObjectNode toTree(String weightsDigest) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("round", round)
        .put("epoch", epoch())
        .put("steps", steps.to() - steps.from())
        .put("step", step())
        .put("learningRate", learningRate);
    put(tree, trained());
    tree.put("meanDistance", meanDistance())
        .put("largestDistance", largestDistance())
        .put("computeSeconds", seconds(times.computeNanos()))
        .put("broadcastSeconds", seconds(times.broadcastNanos()))
        .put("averagingSeconds", seconds(times.averagingNanos()))
        .put("broadcastBytes", broadcastBytes())
        .put("reducedBytes", reducedBytes())
        .put("weightsDigest", weightsDigest);
    for (ShardReport report : reports) {
      ObjectNode shard = tree.withArray("shards").addObject().put("shard", report.shard());
      put(shard, report.metrics());
      if (report.hasTrained()) {
        shard.put("distance", distance(report));
      }
      shard
          .put("computeSeconds", seconds(report.metrics().computeNanos()))
          .put("executor", report.executor());
    }
    return tree;
  }

  private static void put(ObjectNode tree, TrainingMetrics metrics) {
    tree.put("images", metrics.images());
    if (metrics.images() > 0) {
      tree.put("loss", metrics.loss()).put("accuracy", metrics.accuracy());
    }
  }

  /** To the microsecond. */
  private static double seconds(long nanos) {
    return nanos / 1_000 / 1e6;
  }
}
