package convoy.training;

import convoy.averaging.CarriedState;
import convoy.averaging.ModelEvaluation;
import convoy.engine.checkpoint.RunState;
import convoy.engine.evaluation.Evaluation;
import convoy.engine.network.Parameters;
import convoy.engine.training.EarlyStopping;
import convoy.engine.training.TrainingConfig;
import convoy.engine.training.TrainingMetrics;
import convoy.run.RunFolder;
import convoy.sharding.ShardedDataset;
import java.io.IOException;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;

/**
 * The driver's loop: epochs, in each of them rounds, validation and checkpoint.
 *
 * <p>All that it carries from round to round is a {@link CarriedState} and a {@link Standing}, and
 * both are in each checkpoint, so that a resumed training goes on as if it had never stopped.
 */
final class EpochLoop {
  private final JavaSparkContext context;
  private final TrainingRequest request;
  private final TrainingConfig config;
  private final ShardedDataset dataset;
  private final RunWriter writer;
  private final Interruption interruption;
  private final Forecast forecast = new Forecast();
  private final TrainingProgress progress;
  private final EpochRounds rounds;

  EpochLoop(
      JavaSparkContext context,
      TrainingRequest request,
      ShardedDataset dataset,
      RunWriter writer,
      Interruption interruption,
      TrainingProgress progress) {
    this.context = context;
    this.request = request;
    config = request.setup().config();
    this.dataset = dataset;
    this.writer = writer;
    this.interruption = interruption;
    this.progress = progress;
    rounds = new EpochRounds(context, request, dataset, writer, interruption, forecast);
  }

  /**
   * Trains the epochs that are left.
   *
   * @throws StoppedException if the training was told to stop; what it names is committed
   */
  TrainingResult run(CarriedState carried, Standing standing) throws IOException {
    Standing current = standing;
    long images = 0;
    double seconds = 0;
    for (int epoch = current.progress().epoch(); !isEnd(epoch, current); epoch++) {
      long began = System.nanoTime();
      EpochOutcome outcome = rounds.train(epoch, carried, current);
      if (outcome.steps() < rounds.stepsPerEpoch()) {
        throw stopped(carried, inEpoch(epoch, outcome, current));
      }
      double epochSeconds = Forecast.secondsSince(began);
      current = finishEpoch(epoch, outcome, carried, current, epochSeconds);
      images += outcome.imagesHere();
      seconds += epochSeconds;
      if (interruption.isStopping() && !isEnd(epoch + 1, current)) {
        throw stopped(carried, current);
      }
    }
    RunState last = writer.state(carried.parameters(), current);
    if (current.progress().epoch() < config.epochs()) {
      current.waiting().ifPresent(progress::stoppedEarly);
    }
    return new TrainingResult(last, images == 0 ? 0 : images / seconds);
  }

  /** Whether the training ends before epoch {@code epoch}, counted from 0. */
  private boolean isEnd(int epoch, Standing standing) {
    boolean hasBegun = standing.progress().stepInEpoch() > 0;
    return epoch >= config.epochs() || !hasBegun && config.earlyStopping().ends(standing.waiting());
  }

  /** Keeps what has been done, and says so. */
  private StoppedException stopped(CarriedState carried, Standing standing) throws IOException {
    RunFolder folder = request.folder();
    long round = standing.progress().round();
    if (!folder.checkpoints().holds(round)) {
      commit(carried, standing);
    }
    return new StoppedException(
        "stopped after round "
            + round
            + ", kept as "
            + folder.checkpoints().folder(round)
            + ": "
            + request.existing().goOn());
  }

  /** Where the training stands in the middle of an epoch. */
  private static Standing inEpoch(int epoch, EpochOutcome outcome, Standing before) {
    TrainingMetrics metrics = outcome.metrics();
    return new Standing(
        new RunState.Progress(
            outcome.round(),
            epoch,
            outcome.steps(),
            before.stepsBeforeEpoch() + outcome.steps(),
            before.imagesBeforeEpoch() + metrics.images()),
        new RunState.EpochSums(metrics.images(), metrics.lossSum(), metrics.correct()),
        before.metrics(),
        before.best(),
        before.waiting());
  }

  private Standing finishEpoch(
      int epoch, EpochOutcome outcome, CarriedState carried, Standing before, double seconds)
      throws IOException {
    RunState.Progress counters =
        new RunState.Progress(
            outcome.round(),
            epoch + 1,
            0,
            before.stepsBeforeEpoch() + outcome.steps(),
            before.imagesBeforeEpoch() + outcome.metrics().images());
    Optional<RunState.Validation> validation =
        config.validatesAfter(epoch) ? validate(epoch, carried.evaluated()) : Optional.empty();
    Optional<RunState.Best> best = best(before.best(), outcome.round(), validation);
    Standing after =
        new Standing(
            counters,
            RunState.EpochSums.NONE,
            Optional.of(
                new RunState.EpochMetrics(
                    outcome.metrics().loss(), outcome.metrics().accuracy(), validation)),
            best,
            waiting(epoch, before.waiting(), validation));
    boolean isBest = best.isPresent() && best.get().round() == outcome.round();
    if (isEnd(epoch + 1, after) || isBest || (epoch + 1) % config.checkpointEvery() == 0) {
      commit(carried, after);
    } else {
      writer.writeRounds();
    }
    progress.epochDone(
        new EpochReport(
            epoch + 1,
            config.epochs(),
            outcome.round(),
            outcome.learningRate(),
            outcome.metrics(),
            outcome.imagesHere(),
            validation,
            outcome.times(),
            seconds));
    return after;
  }

  private void commit(CarriedState carried, Standing standing) throws IOException {
    long began = System.nanoTime();
    writer.commit(carried, standing);
    forecast.commitTook(Forecast.secondsSince(began));
  }

  private Optional<RunState.Validation> validate(int epoch, Parameters parameters) {
    if (dataset.validationImages() == 0) {
      return Optional.empty();
    }
    interruption.begin(forecast.validation());
    long began = System.nanoTime();
    Evaluation evaluation =
        ModelEvaluation.ofValidation(
            context,
            dataset,
            request.setup().scorer(),
            parameters.values(),
            "epoch " + (epoch + 1) + ": validate");
    forecast.validationTook(Forecast.secondsSince(began));
    return Optional.of(new RunState.Validation(evaluation.loss(), evaluation.accuracy()));
  }

  /** The last epoch is validated out of turn: it does not count, should more epochs follow. */
  private Optional<EarlyStopping.Waiting> waiting(
      int epoch, Optional<EarlyStopping.Waiting> before, Optional<RunState.Validation> validation) {
    return validation.isEmpty() || (epoch + 1) % config.validateEvery() != 0
        ? before
        : config
            .earlyStopping()
            .after(before, validation.get().loss(), validation.get().accuracy());
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
}
