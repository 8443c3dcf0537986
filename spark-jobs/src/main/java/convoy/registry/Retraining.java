package convoy.registry;

import convoy.dataprep.ImageDataset;
import convoy.engine.training.TrainingConfig;
import convoy.registry.RetrainingResult.Outcome;
import convoy.run.InUseException;
import convoy.run.RunFolder;
import convoy.run.RunLock;
import convoy.storage.Storage;
import convoy.training.TrainingProgress;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a challenger of the champion on a data set that has grown, compares the two on images that
 * neither has trained on, and promotes the better one. With an empty registry it trains the first
 * champion.
 *
 * <p>It can be ended at any point: the champion stays as it was, and the next call of the same
 * retraining goes on: from a checkpoint, from a version that was added but not promoted, or, once
 * all is decided, by saying so. The lock only saves work; that two never both promote follows from
 * {@link Registry#promote}.
 */
public final class Retraining {
  private static final Logger LOG = LoggerFactory.getLogger(Retraining.class);

  private final Storage storage;
  private final Registry registry;
  private final ImageDataset dataset;
  private final RetrainingOptions options;
  private final ChallengerTraining training;

  /** The retraining that {@code options} ask for, on {@code dataset}. */
  public Retraining(
      SparkSession spark,
      Storage storage,
      Registry registry,
      ImageDataset dataset,
      RetrainingOptions options) {
    this.storage = storage;
    this.registry = registry;
    this.dataset = dataset;
    this.options = options;
    training = new ChallengerTraining(spark, storage, registry, dataset, options);
  }

  /**
   * Retrains.
   *
   * @param progress makes what is told of a training of such settings
   * @throws IllegalArgumentException if options, data and champion do not go together
   */
  public RetrainingResult run(Function<TrainingConfig, TrainingProgress> progress)
      throws IOException, InterruptedException {
    registry.checkPromotes();
    try (RunLock lock = RunLock.take(storage, registry.folder())) {
      List<Path> earlier = registry.runs();
      RetrainingResult result = runLocked(progress);
      tidy(result, earlier, lock);
      return told(result);
    } catch (InUseException e) {
      // Of the registry; or of the run, where the registry's lock was held by one that is gone.
      return told(unchanged(Outcome.BUSY, registry.champion(), e.getMessage()));
    }
  }

  private static RetrainingResult told(RetrainingResult result) {
    LOG.info("{}: champion is version {}", result.outcome(), result.champion());
    return result;
  }

  /** That nothing was trained, and why. */
  private RetrainingResult unchanged(Outcome outcome, Optional<Promotion> champion, String reason) {
    LOG.info(reason);
    return new RetrainingResult(
        outcome,
        Registry.now(),
        version(champion),
        number(champion),
        version(champion),
        dataset.fingerprint(),
        List.of(),
        List.of(reason),
        options.force(),
        false,
        Optional.empty());
  }

  /** Asks, from another thread, for an end in good order; false if nothing is being trained. */
  public boolean stop() {
    return training.stop();
  }

  /**
   * Removes what crashes have left, and what there is to go on from no more: the runs that have
   * their version; after a promotion the {@code earlier} ones, which were begun against another
   * champion; and those that nobody goes on with. What can't be removed stays.
   */
  private void tidy(RetrainingResult result, List<Path> earlier, RunLock lock) {
    try {
      if (result.challenger().isPresent()) {
        removeRun(registry.runFolder(result.challenger().get().training().run()), lock);
      }
      boolean promoted = result.outcome() == Outcome.PROMOTED;
      for (Path run : promoted ? earlier : registry.abandonedRuns()) {
        removeRun(run, lock);
      }
      for (Path run : registry.finishedRuns()) {
        removeRun(run, lock);
      }
      registry.removeUnfinished();
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("{} can't be tidied up: {}", registry.folder(), Storage.firstLine(e));
    }
  }

  /** Unless another retraining has the lock by now, or that of the run, with which it goes on. */
  private void removeRun(Path run, RunLock lock) throws IOException {
    if (!lock.isHeld() || !storage.exists(run)) {
      return;
    }
    RunLock own;
    try {
      own = new RunFolder(storage, run).lock();
    } catch (IOException | InUseException e) {
      LOG.info("{} stays: {}", run, Storage.firstLine(e));
      return;
    }
    try {
      storage.delete(run);
      LOG.info("removed {}, with which nothing goes on", run);
    } finally {
      own.close();
    }
  }

  private RetrainingResult runLocked(Function<TrainingConfig, TrainingProgress> progress)
      throws IOException, InterruptedException {
    Optional<Champion> champion = Champion.of(registry);
    Optional<Promotion> seen = champion.map(Champion::promotion);
    long before = version(seen);
    if (champion.isPresent() && !options.force() && champion.get().newParts(dataset).isEmpty()) {
      String since = champion.get().promotion().created();
      return unchanged(
          Outcome.NOTHING_NEW,
          seen,
          "no part is new to version " + before + ", the champion since " + since);
    }
    Challenge challenge = Challenge.of(champion, dataset, options);
    LOG.info("champion is version {}; new to it: {}", before, challenge.newParts());
    Optional<Version> made = registry.madeBy(challenge.run());
    made.ifPresent(
        found ->
            LOG.info("an earlier call made version {}: it is not trained again", found.version()));
    Version challenger =
        made.isPresent() ? made.get() : training.run(challenge, champion, progress);
    Verdict verdict = Verdict.of(registry, seen, challenger, made.isPresent());
    verdict.reasons().forEach(LOG::info);
    return new RetrainingResult(
        verdict.outcome(),
        Registry.now(),
        version(verdict.champion()),
        number(verdict.champion()),
        before,
        dataset.fingerprint(),
        challenge.newParts(),
        verdict.reasons(),
        options.force(),
        made.isPresent(),
        Optional.of(challenger));
  }

  private static long version(Optional<Promotion> champion) {
    return champion.map(Promotion::version).orElse(0L);
  }

  private static long number(Optional<Promotion> champion) {
    return champion.map(Promotion::number).orElse(0L);
  }
}
