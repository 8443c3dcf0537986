package convoy.training;

import convoy.averaging.CarriedState;
import convoy.averaging.ReplicaSettings;
import convoy.cluster.ExecutorWait;
import convoy.engine.checkpoint.Checkpoint;
import convoy.engine.checkpoint.RunState;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Parameters;
import convoy.engine.training.TrainingConfig;
import convoy.run.RoundLog;
import convoy.run.RunFolder;
import convoy.run.RunLock;
import convoy.sharding.ShardedDataset;
import convoy.storage.Storage;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A training from its beginning, or from its newest checkpoint, to its end: takes the run's folder,
 * loads the shards, checks that all fits, and hands over to the {@link EpochLoop}.
 */
public final class Training {
  private static final Logger LOG = LoggerFactory.getLogger(Training.class);

  private final JavaSparkContext context;
  private final TrainingRequest request;
  private final TrainingConfig config;
  private final NetworkSpec network;
  private final ParameterLayout layout;
  private final SparkSession spark;
  private final AtomicReference<Interruption> running = new AtomicReference<>();

  /** What {@code request} asks for, on the executors of {@code spark}. */
  public Training(SparkSession spark, TrainingRequest request) {
    this.spark = spark;
    this.request = request;
    context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    config = request.setup().config();
    network = request.setup().network();
    layout = network.layout();
  }

  /**
   * Trains until all epochs are done.
   *
   * @param progress is told of the beginning and of each epoch
   * @throws IllegalArgumentException if the request can't be fulfilled as it is; says why
   * @throws convoy.averaging.DivergenceException if a loss or parameter becomes NaN or infinite;
   *     the last checkpoint stays
   * @throws StoppedException if {@link #stop} was called before, or the process is shutting down
   * @throws IOException if the run's files can't be read or written
   */
  public TrainingResult run(TrainingProgress progress) throws IOException, InterruptedException {
    RunFolder folder = request.folder();
    folder.checkIsFolder();
    folder.checkIsNotForeign();
    if (request.existing() == TrainingRequest.Existing.REFUSE && folder.isOccupied()) {
      throw new IllegalArgumentException(
          folder.folder() + " exists already: add --resume to go on with it, or --overwrite");
    }
    try (Interruption interruption =
        new Interruption(context.sc(), folder.folder(), request.existing(), config.stopWithin())) {
      running.set(interruption);
      Set<String> before = folder.ownFiles();
      RunLock lock = folder.lock();
      try {
        return interruption.translate(() -> runLocked(lock, interruption, progress));
      } finally {
        giveUp(folder, lock, interruption.hasReplaced() ? Set.of() : before);
      }
    }
  }

  /** Leaves the folder as others may use it; what can't be removed hides no other error. */
  private static void giveUp(RunFolder folder, RunLock lock, Set<String> before) {
    try (lock) {
      folder.removeIfNothingIsCommitted(lock, before);
    } catch (IOException e) {
      LOG.warn("{} keeps what is of no use: {}", folder.folder(), Storage.firstLine(e));
    }
    try {
      folder.removeIfEmpty();
    } catch (IOException e) {
      LOG.warn("{} stays: {}", folder.folder(), Storage.firstLine(e));
    }
  }

  /**
   * Asks, from another thread, for an end in good order: after the current round, which is
   * committed, if it fits the configuration's {@code stopWithin}, otherwise at once.
   *
   * @return false if the training is not running
   */
  public boolean stop() {
    Interruption interruption = running.get();
    return interruption != null && interruption.stop();
  }

  private TrainingResult runLocked(
      RunLock lock, Interruption interruption, TrainingProgress progress)
      throws IOException, InterruptedException {
    RunFolder folder = request.folder();
    Start start = start(folder);
    ExecutorWait.await(context.sc(), config.waitForExecutorsSeconds(), interruption::isCancelling);
    try (ShardedDataset dataset =
        ShardedDataset.load(
            spark,
            request.setup().dataset(),
            config.shards(),
            config.validationFraction(),
            request.beginning().rows())) {
      if (config.earlyStopping().isOn() && dataset.validationImages() == 0) {
        throw new IllegalArgumentException(
            "earlyStopping.patience is "
                + config.earlyStopping().patience()
                + ", and no image fell to the validation share of "
                + config.validationFraction());
      }
      checkMemory(dataset, start.carried());
      // What came before can take long, and the next lines change the folder.
      lock.checkHeld();
      if (request.existing() == TrainingRequest.Existing.OVERWRITE) {
        folder.clear();
        interruption.replaced();
      }
      Standing standing = start.standing();
      RoundLog rounds = folder.roundLog(standing.progress().round());
      lock.deleteTemporaries();
      folder.checkpoints().removeUnfinished();
      if (standing.progress().round() > 0) {
        folder
            .checkpoints()
            .point(standing.progress().round(), standing.best().map(best -> best.round()));
      }
      if (standing.progress().round() == 0) {
        folder.saveOrigin(request.beginning().pretrained().map(PretrainedWeights::origin));
      }
      folder.saveConfig(config);
      progress.began(standing.progress().round());
      try (RunWriter writer = new RunWriter(request, lock, rounds)) {
        return new EpochLoop(context, request, dataset, writer, interruption, progress)
            .run(start.carried(), standing);
      }
    }
  }

  /** What the first round to come starts from. */
  private record Start(CarriedState carried, Standing standing) {}

  private Start start(RunFolder folder) throws IOException {
    if (request.existing() == TrainingRequest.Existing.RESUME) {
      Optional<Checkpoint> newest = folder.checkpoints().newest();
      if (newest.isPresent()) {
        return resumed(newest.get(), folder);
      }
    }
    Parameters parameters =
        request
            .beginning()
            .pretrained()
            .map(given -> new Parameters(layout, given.parameters().values().clone()))
            .orElseGet(() -> Parameters.initial(layout, config.seed()));
    return new Start(
        CarriedState.initial(config, parameters),
        new Standing(
            new RunState.Progress(0, 0, 0, 0, 0),
            RunState.EpochSums.NONE,
            Optional.empty(),
            Optional.empty(),
            Optional.empty()));
  }

  private Start resumed(Checkpoint checkpoint, RunFolder folder) throws IOException {
    RunState state = checkpoint.state();
    new ResumeCheck(state, checkpoint.model().network())
        .check(config, network, request.setup().provenance(), request.acceptNumerics());
    LOG.info(
        "resuming after epoch {}, round {}, {} steps into the next epoch",
        state.progress().epoch(),
        state.progress().round(),
        state.progress().stepInEpoch());
    // The best may have been removed since: as damaged, or after a later best that was.
    boolean bestIsThere =
        state.best().isPresent() && folder.checkpoints().holds(state.best().get().round());
    return new Start(
        new CarriedState(
            config.averaging(),
            checkpoint.model().parameters(),
            checkpoint.optimizerState(),
            checkpoint.averagingState()),
        new Standing(
            state.progress(),
            state.epochSums(),
            state.metrics(),
            bestIsThere ? state.best() : Optional.empty(),
            state.waiting()));
  }

  private void checkMemory(ShardedDataset dataset, CarriedState carried) {
    long images =
        dataset.largestShard()
            + (dataset.validationImages() + config.shards() - 1) / config.shards();
    ReplicaSettings replica = request.setup().replica(dataset.stepsPerEpoch(config.batchSize()));
    MemoryCheck.of(context.sc(), config.shards())
        .check(MemoryNeeds.of(request.setup(), replica, carried), images);
  }
}
