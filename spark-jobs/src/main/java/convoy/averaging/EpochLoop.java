package convoy.averaging;

import convoy.engine.checkpoint.Checkpoint;
import convoy.engine.checkpoint.Model;
import convoy.engine.checkpoint.RunState;
import convoy.engine.checkpoint.WeightsDigest;
import convoy.engine.evaluation.Evaluation;
import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Parameters;
import convoy.engine.optimizer.OptimizerState;
import convoy.engine.training.StepRange;
import convoy.engine.training.TrainingConfig;
import convoy.engine.training.TrainingMetrics;
import java.io.IOException;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The driver's loop: epochs, in each of them rounds, validation and checkpoint.
 *
 * <p>All that it carries from epoch to epoch is a {@link Standing}, and that is in each checkpoint,
 * so that a resumed training goes on as if it had never stopped.
 */
final class EpochLoop {
  private static final Logger LOG = LoggerFactory.getLogger(EpochLoop.class);

  private final JavaSparkContext context;
  private final TrainingRequest request;
  private final TrainingConfig config;
  private final ParameterLayout layout;
  private final ShardedDataset dataset;
  private final RunLock lock;
  private final TrainingProgress progress;
  private final Numerics numerics = Numerics.here();
  private final AveragingRound round;
  private final int stepsPerEpoch;

  EpochLoop(
      JavaSparkContext context,
      TrainingRequest request,
      ShardedDataset dataset,
      RunLock lock,
      TrainingProgress progress) {
    this.context = context;
    this.request = request;
    config = request.config();
    layout = request.network().layout();
    this.dataset = dataset;
    this.lock = lock;
    this.progress = progress;
    round = new AveragingRound(context, dataset.shards());
    stepsPerEpoch = StepRange.stepsPerEpoch(dataset.largestShard(), config.batchSize());
  }

  TrainingResult run(Standing standing) throws IOException {
    Standing current = standing;
    long images = 0;
    double seconds = 0;
    for (int epoch = current.progress().epoch(); epoch < config.epochs(); epoch++) {
      long began = System.nanoTime();
      EpochOutcome outcome = trainEpoch(epoch, current);
      double epochSeconds = (System.nanoTime() - began) / 1e9;
      current = finishEpoch(epoch, outcome, current, epochSeconds);
      images += outcome.metrics().images();
      seconds += epochSeconds;
    }
    RunState last = runState(current, new Parameters(layout, current.state().parameters()));
    return new TrainingResult(last, images == 0 ? 0 : images / seconds);
  }

  private EpochOutcome trainEpoch(int epoch, Standing standing) {
    ModelState state = standing.state();
    TrainingMetrics metrics = TrainingMetrics.NONE;
    RoundTimes times = RoundTimes.NONE;
    long number = standing.progress().round();
    Slicing slicing = Slicing.of(state.size(), layout, config.shards());
    long stepsBefore = standing.progress().step();
    for (StepRange steps : config.averaging().rounds(epoch, stepsPerEpoch, stepsBefore)) {
      number++;
      RoundPlan plan =
          new RoundPlan(number, steps, request.replica(), slicing, config.seed(), numerics);
      RoundResult result = round.run(plan, state);
      checkNumerics(result);
      state = result.state();
      times = times.plus(result.times());
      TrainingMetrics trained = TrainingMetrics.NONE;
      for (ShardReport report : result.reports()) {
        trained = trained.plus(report.metrics());
      }
      metrics = metrics.plus(trained);
      LOG.info("{}", line(plan, trained, result.times()));
    }
    return new EpochOutcome(state, number, metrics, times);
  }

  private String line(RoundPlan plan, TrainingMetrics trained, RoundTimes times) {
    return String.format(
        Locale.ROOT,
        "epoch=%d round=%d steps=%d loss=%.4f accuracy=%.4f"
            + " computeSeconds=%.3f broadcastSeconds=%.3f averagingSeconds=%.3f",
        plan.steps().epoch() + 1,
        plan.round(),
        plan.steps().to() - plan.steps().from(),
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

  private Standing finishEpoch(int epoch, EpochOutcome outcome, Standing before, double seconds)
      throws IOException {
    boolean last = epoch + 1 == config.epochs();
    RunState.Progress counters =
        new RunState.Progress(
            outcome.round(),
            epoch + 1,
            0,
            before.progress().step() + stepsPerEpoch,
            before.progress().imagesSeen() + outcome.metrics().images());
    Optional<RunState.Validation> validation =
        last || (epoch + 1) % config.validateEvery() == 0
            ? validate(epoch, outcome.state())
            : Optional.empty();
    Optional<RunState.Best> best = best(before.best(), outcome.round(), validation);
    Standing after =
        new Standing(
            outcome.state(),
            counters,
            Optional.of(
                new RunState.EpochMetrics(
                    outcome.metrics().loss(), outcome.metrics().accuracy(), validation)),
            best);
    boolean isBest = best.isPresent() && best.get().round() == outcome.round();
    if (last || isBest || (epoch + 1) % config.checkpointEvery() == 0) {
      commit(after);
    }
    progress.epochDone(
        new EpochReport(
            epoch + 1,
            config.epochs(),
            outcome.round(),
            outcome.metrics(),
            validation,
            outcome.times(),
            seconds));
    return after;
  }

  private Optional<RunState.Validation> validate(int epoch, ModelState state) {
    if (dataset.validationImages() == 0) {
      return Optional.empty();
    }
    Evaluation evaluation =
        ModelEvaluation.ofValidation(
            context,
            dataset,
            request.scorer(),
            state.parameters(),
            "epoch " + (epoch + 1) + ": validate");
    return Optional.of(new RunState.Validation(evaluation.loss(), evaluation.accuracy()));
  }

  private Optional<RunState.Best> best(
      Optional<RunState.Best> before, long round, Optional<RunState.Validation> validation) {
    if (validation.isEmpty()
        || (before.isPresent()
            && before.get().validationAccuracy() >= validation.get().accuracy())) {
      return before;
    }
    return Optional.of(new RunState.Best(round, validation.get().accuracy()));
  }

  private void commit(Standing standing) throws IOException {
    if (!lock.isHeld()) {
      throw new IllegalStateException(
          request.folder().folder() + " was taken over by another run: this one ends");
    }
    Parameters parameters = new Parameters(layout, standing.state().parameters());
    Checkpoint checkpoint =
        new Checkpoint(
            new Model(request.network(), parameters),
            new OptimizerState(standing.state().slots()),
            runState(standing, parameters));
    request.folder().commit(checkpoint, config.keepCheckpoints());
  }

  private RunState runState(Standing standing, Parameters parameters) {
    return new RunState(
        standing.progress(),
        request.provenance(),
        config,
        standing.metrics(),
        standing.best(),
        WeightsDigest.of(parameters));
  }

  /** What the rounds of an epoch gave together. */
  private record EpochOutcome(
      ModelState state, long round, TrainingMetrics metrics, RoundTimes times) {}
}
