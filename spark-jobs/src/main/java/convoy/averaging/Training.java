package convoy.averaging;

import convoy.engine.checkpoint.Checkpoint;
import convoy.engine.checkpoint.Model;
import convoy.engine.checkpoint.RunState;
import convoy.engine.checkpoint.WeightsDigest;
import convoy.engine.evaluation.Evaluation;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Parameters;
import convoy.engine.optimizer.OptimizerState;
import convoy.engine.training.StepRange;
import convoy.engine.training.TrainingConfig;
import convoy.engine.training.TrainingMetrics;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The driver's loop of a training: epochs, in each of them rounds, validation and checkpoint.
 *
 * <p>All that it carries from epoch to epoch is the averaged state and the counters, and both are
 * in each checkpoint, so that a resumed training goes on as if it had never stopped.
 */
public final class Training {
  private static final Logger LOG = LoggerFactory.getLogger(Training.class);

  private final JavaSparkContext context;
  private final TrainingRequest request;
  private final TrainingConfig config;
  private final NetworkSpec network;
  private final ParameterLayout layout;
  private final Numerics numerics = Numerics.here();
  private final ReplicaSettings replica;
  private final ScorerSettings scorer;
  private final SparkSession spark;

  /** What {@code request} asks for, on the executors of {@code spark}. */
  public Training(SparkSession spark, TrainingRequest request) {
    this.spark = spark;
    this.request = request;
    context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    config = request.config();
    network = request.network();
    layout = network.layout();
    String yaml = network.toYaml();
    int threads = config.threadsPerReplica();
    replica = new ReplicaSettings(yaml, config.batchSize(), threads, config.optimizer());
    scorer = new ScorerSettings(yaml, ModelEvaluation.BATCH_SIZE, threads);
  }

  /**
   * Trains until all epochs are done.
   *
   * @param progress is told of each epoch
   * @throws IllegalArgumentException if the request can't be fulfilled as it is; says why
   * @throws DivergenceException if a loss or parameter becomes NaN or infinite; the last checkpoint
   *     stays
   * @throws IOException if the run's files can't be read or written
   */
  public TrainingResult run(TrainingProgress progress) throws IOException, InterruptedException {
    RunFolder folder = request.folder();
    if (request.existing() == TrainingRequest.Existing.REFUSE && folder.isOccupied()) {
      throw new IllegalArgumentException(
          folder.folder() + " exists already: add --resume to go on with it, or --overwrite");
    }
    try (Interruption interruption = new Interruption(context.sc(), folder.folder())) {
      RunLock lock = folder.lock();
      try {
        return interruption.translate(() -> runLocked(lock, progress));
      } finally {
        lock.close();
        folder.removeIfEmpty();
      }
    }
  }

  private TrainingResult runLocked(RunLock lock, TrainingProgress progress)
      throws IOException, InterruptedException {
    RunFolder folder = request.folder();
    Standing standing = standing(folder);
    ExecutorWait.await(context.sc(), config.waitForExecutorsSeconds());
    try (ShardedDataset dataset =
        ShardedDataset.load(
            spark, request.dataset(), config.shards(), config.validationFraction())) {
      checkMemory(dataset, standing.state());
      if (request.existing() == TrainingRequest.Existing.OVERWRITE) {
        folder.clear();
      }
      folder.removeUnfinished();
      folder.saveConfig(config);
      return new Epochs(dataset, lock, progress).run(standing);
    }
  }

  /** Where a training stands between two epochs. */
  private record Standing(
      ModelState state,
      RunState.Progress progress,
      Optional<RunState.EpochMetrics> metrics,
      Optional<RunState.Best> best) {}

  private Standing standing(RunFolder folder) throws IOException {
    if (request.existing() == TrainingRequest.Existing.RESUME) {
      Optional<Checkpoint> newest = folder.newest();
      if (newest.isPresent()) {
        return resumed(newest.get());
      }
    }
    Parameters parameters = Parameters.initial(layout, config.seed());
    OptimizerState state = config.optimizer().newState(layout.trainableSize());
    return new Standing(
        ModelState.of(parameters, state),
        new RunState.Progress(0, 0, 0, 0, 0),
        Optional.empty(),
        Optional.empty());
  }

  private Standing resumed(Checkpoint checkpoint) {
    RunState state = checkpoint.state();
    new ResumeCheck(state, checkpoint.model().network())
        .check(config, network, provenance(), request.acceptNumerics());
    LOG.info(
        "resuming after epoch {}, round {}", state.progress().epoch(), state.progress().round());
    return new Standing(
        ModelState.of(checkpoint.model().parameters(), checkpoint.optimizerState()),
        state.progress(),
        state.metrics(),
        state.best());
  }

  private RunState.Provenance provenance() {
    return new RunState.Provenance(
        request.dataset().fingerprint().toString(),
        numerics.version(),
        numerics.kernels(),
        ConvoyVersion.here());
  }

  private void checkMemory(ShardedDataset dataset, ModelState state) {
    long images =
        dataset.largestShard()
            + (dataset.validationImages() + config.shards() - 1) / config.shards();
    MemoryCheck.of(context.sc(), config.shards())
        .check(replica, scorer, network.input(), images, state.sizeBytes());
  }

  /** The loop proper, over one loaded data set. */
  private final class Epochs {
    private final ShardedDataset dataset;
    private final RunLock lock;
    private final TrainingProgress progress;
    private final AveragingRound round;
    private final int stepsPerEpoch;

    Epochs(ShardedDataset dataset, RunLock lock, TrainingProgress progress) {
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
      for (StepRange steps : ranges(epoch, standing.progress().step())) {
        number++;
        RoundPlan plan = new RoundPlan(number, steps, replica, config.seed(), numerics);
        RoundResult result = round.run(plan, state);
        checkReports(plan, result);
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

    /** The rounds of an epoch: so many steps each, the last one the rest. */
    private List<StepRange> ranges(int epoch, long stepsBefore) {
      int every = config.averaging().everySteps();
      int length = every == 0 ? stepsPerEpoch : every;
      List<StepRange> ranges = new ArrayList<>();
      for (int from = 0; from < stepsPerEpoch; from += length) {
        int to = Math.min(stepsPerEpoch, from + length);
        ranges.add(new StepRange(epoch, from, to, stepsBefore + from));
      }
      return ranges;
    }

    private void checkReports(RoundPlan plan, RoundResult result) {
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
        if (report.metrics().diverged()) {
          throw new DivergenceException(
              plan.description()
                  + ", shard "
                  + report.shard()
                  + ": a loss or parameter became NaN or infinite at step "
                  + (report.metrics().divergedAt() + 1)
                  + " of the epoch, at learning rate "
                  + config.optimizer().learningRate()
                  + "; lower the learning rate, and go on from the last checkpoint");
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
              context, dataset, scorer, state.parameters(), "epoch " + (epoch + 1) + ": validate");
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
              new Model(network, parameters),
              new OptimizerState(standing.state().slots()),
              runState(standing, parameters));
      request.folder().commit(checkpoint, config.keepCheckpoints());
    }

    private RunState runState(Standing standing, Parameters parameters) {
      return new RunState(
          standing.progress(),
          provenance(),
          config,
          standing.metrics(),
          standing.best(),
          WeightsDigest.of(parameters));
    }
  }

  /** What the rounds of an epoch gave together. */
  private record EpochOutcome(
      ModelState state, long round, TrainingMetrics metrics, RoundTimes times) {}
}
