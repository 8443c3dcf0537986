package convoy.training;

import convoy.averaging.AveragingRound;
import convoy.averaging.CarriedState;
import convoy.averaging.DivergenceException;
import convoy.averaging.ReplicaSettings;
import convoy.averaging.RoundCompleted;
import convoy.averaging.RoundFigures;
import convoy.averaging.RoundPlan;
import convoy.averaging.RoundTimes;
import convoy.averaging.Slicing;
import convoy.averaging.StatisticsRound;
import convoy.cluster.Numerics;
import convoy.engine.checkpoint.RunState;
import convoy.engine.network.ParameterLayout;
import convoy.engine.training.StepRange;
import convoy.engine.training.TrainingConfig;
import convoy.engine.training.TrainingMetrics;
import convoy.sharding.Deal;
import convoy.sharding.ShardedDataset;
import java.io.IOException;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The rounds of an epoch, one after the other. */
final class EpochRounds {
  private static final Logger LOG = LoggerFactory.getLogger(EpochRounds.class);

  private final TrainingConfig config;
  private final RunWriter writer;
  private final Numerics numerics = Numerics.here();
  private final JavaSparkContext context;
  private final ShardedDataset dataset;
  private final Interruption interruption;
  private final Forecast forecast;
  private final int stepsPerEpoch;
  private final ReplicaSettings replica;

  EpochRounds(
      JavaSparkContext context,
      TrainingRequest request,
      ShardedDataset dataset,
      RunWriter writer,
      Interruption interruption,
      Forecast forecast) {
    this.context = context;
    this.writer = writer;
    this.dataset = dataset;
    this.interruption = interruption;
    this.forecast = forecast;
    config = request.setup().config();
    stepsPerEpoch = dataset.stepsPerEpoch(config.batchSize());
    replica = request.setup().replica(stepsPerEpoch);
  }

  /** Steps that the largest shard takes in an epoch. */
  int stepsPerEpoch() {
    return stepsPerEpoch;
  }

  /**
   * Trains epoch {@code epoch}, or what is left of it; ends after a round if the training is to
   * stop.
   *
   * @param carried what the next round starts from; overwritten
   * @param standing where the training stands
   */
  EpochOutcome train(int epoch, CarriedState carried, Standing standing) throws IOException {
    dataset.deal(Deal.of(config.seed(), epoch, config.averaging().dealEvery()));
    AveragingRound round = new AveragingRound(context, dataset.shards());
    RunState.EpochSums before = standing.sums();
    TrainingMetrics metrics =
        new TrainingMetrics(before.images(), before.lossSum(), before.correct(), -1, 0);
    RoundTimes times = RoundTimes.NONE;
    long number = standing.progress().round();
    int done = standing.progress().stepInEpoch();
    ParameterLayout layout = carried.parameters().layout();
    Slicing slicing = carried.slicing(config.shards());
    long stepsBefore = standing.stepsBeforeEpoch();
    for (StepRange steps : config.averaging().rounds(epoch, stepsPerEpoch, stepsBefore)) {
      if (steps.from() < done) {
        continue;
      }
      number++;
      begin(steps);
      long began = System.nanoTime();
      RoundPlan plan = new RoundPlan(number, steps, replica, slicing, config.seed(), numerics);
      RoundFigures figures = round.run(plan, carried);
      carried.advance(steps, stepsPerEpoch);
      if (!carried.parameters().areFinite()) {
        throw DivergenceException.ofOuterStep(plan, config.averaging().outer());
      }
      if (steps.to() == stepsPerEpoch && estimatesStatistics(layout)) {
        new StatisticsRound(
                epoch, config.averaging().batchNormBatches(), replica, config.seed(), numerics)
            .run(context, dataset.shards(), carried.evaluated());
      }
      writer.add(figures, carried.parameters());
      times = times.plus(figures.times());
      metrics = metrics.plus(figures.trained());
      LOG.info("{}", figures.line());
      context.sc().listenerBus().post(new RoundCompleted(figures));
      done = steps.to();
      forecast.roundTook(steps.to() - steps.from(), Forecast.secondsSince(began));
      if (interruption.isStopping()) {
        break;
      }
    }
    writer.finishPending();
    double learningRate = replica.descent().learningRate(stepsBefore + done);
    long imagesHere = metrics.images() - before.images();
    return new EpochOutcome(number, done, learningRate, metrics, imagesHere, times);
  }

  private boolean estimatesStatistics(ParameterLayout layout) {
    return config.averaging().batchNormBatches() > 0 && layout.statisticsSize() > 0;
  }

  private void begin(StepRange steps) {
    int count = steps.to() - steps.from();
    boolean validates = steps.to() == stepsPerEpoch && config.validatesAfter(steps.epoch());
    interruption.begin(validates ? forecast.lastRound(count) : forecast.round(count));
  }
}
