package convoy.averaging;

import convoy.engine.network.ParameterLayout;
import convoy.engine.training.StepRange;
import convoy.engine.training.TrainingConfig;
import convoy.engine.training.TrainingMetrics;
import java.util.Locale;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The rounds of an epoch, one after the other. */
final class EpochRounds {
  private static final Logger LOG = LoggerFactory.getLogger(EpochRounds.class);

  private final TrainingConfig config;
  private final Numerics numerics = Numerics.here();
  private final JavaSparkContext context;
  private final ShardedDataset dataset;
  private final int stepsPerEpoch;
  private final ReplicaSettings replica;

  EpochRounds(JavaSparkContext context, TrainingRequest request, ShardedDataset dataset) {
    this.context = context;
    this.dataset = dataset;
    config = request.config();
    stepsPerEpoch = dataset.stepsPerEpoch(config.batchSize());
    replica = request.replica(stepsPerEpoch);
  }

  /** Steps that the largest shard takes in an epoch. */
  int stepsPerEpoch() {
    return stepsPerEpoch;
  }

  /**
   * Trains epoch {@code epoch}.
   *
   * @param carried what the epoch starts from; overwritten
   * @param standing the counters at its beginning
   */
  EpochOutcome train(int epoch, CarriedState carried, Standing standing) {
    dataset.deal(Deal.of(config.seed(), epoch, config.averaging().dealEvery()));
    AveragingRound round = new AveragingRound(context, dataset.shards());
    TrainingMetrics metrics = TrainingMetrics.NONE;
    RoundTimes times = RoundTimes.NONE;
    long number = standing.progress().round();
    ParameterLayout layout = carried.parameters().layout();
    Slicing slicing = Slicing.of(carried.start().size(), layout, config.shards());
    long stepsBefore = standing.progress().step();
    for (StepRange steps : config.averaging().rounds(epoch, stepsPerEpoch, stepsBefore)) {
      number++;
      RoundPlan plan = new RoundPlan(number, steps, replica, slicing, config.seed(), numerics);
      RoundResult result = round.run(plan, carried.start(), carried.average());
      checkNumerics(result);
      carried.advance(steps, stepsPerEpoch);
      if (!carried.parameters().areFinite()) {
        throw DivergenceException.ofOuterStep(plan, config.averaging().outer());
      }
      times = times.plus(result.times());
      TrainingMetrics trained = TrainingMetrics.NONE;
      for (ShardReport report : result.reports()) {
        trained = trained.plus(report.metrics());
      }
      metrics = metrics.plus(trained);
      LOG.info("{}", line(plan, trained, result.times()));
    }
    double learningRate = replica.descent().learningRate(stepsBefore + stepsPerEpoch);
    return new EpochOutcome(number, learningRate, metrics, times);
  }

  private String line(RoundPlan plan, TrainingMetrics trained, RoundTimes times) {
    return String.format(
        Locale.ROOT,
        "epoch=%d round=%d steps=%d learningRate=%.4g loss=%.4f accuracy=%.4f"
            + " computeSeconds=%.3f broadcastSeconds=%.3f averagingSeconds=%.3f",
        plan.steps().epoch() + 1,
        plan.round(),
        plan.steps().to() - plan.steps().from(),
        plan.learningRate(),
        trained.loss(),
        trained.accuracy(),
        times.computeNanos() / 1e9,
        times.broadcastNanos() / 1e9,
        times.averagingNanos() / 1e9);
  }

  private void checkNumerics(RoundResult result) {
    for (ShardReport report : result.reports()) {
      if (!report.numerics().equals(numerics)) {
        throw new IllegalArgumentException(
            "executor "
                + report.executor()
                + " computes with "
                + report.numerics()
                + ", the driver with "
                + numerics
                + ": start all with the same Convoy and --add-modules=jdk.incubator.vector");
      }
    }
  }
}
