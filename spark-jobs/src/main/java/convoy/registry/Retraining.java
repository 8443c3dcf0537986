package convoy.registry;

import convoy.dataprep.ImageDataset;
import convoy.engine.training.TrainingConfig;
import convoy.registry.RetrainingResult.Outcome;
import convoy.run.InUseException;
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
      return told(unchanged(Outcome.BUSY, number(registry.champion()), e.getMessage()));
    }
  }

  private static RetrainingResult told(RetrainingResult result) {
    LOG.info("{}: champion is version {}", result.outcome(), result.champion());
    return result;
  }

  /** That nothing was trained, and why. */
  private RetrainingResult unchanged(Outcome outcome, long champion, String reason) {
    LOG.info(reason);
    return new RetrainingResult(
        outcome,
        Registry.now(),
        champion,
        champion,
        dataset.fingerprint(),
        List.of(),
        List.of(reason),
        false,
        Optional.empty());
  }

  /** Asks, from another thread, for an end in good order; false if nothing is being trained. */
  public boolean stop() {
    return training.stop();
  }

  /**
   * Removes what crashes have left, and what there is to go on from no more: the run of this
   * retraining, which has its version; after a promotion the {@code earlier} ones, which were begun
   * against another champion; and otherwise those that nobody goes on with. What can't be removed
   * stays.
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
      registry.removeUnfinished();
    } catch (IOException | IllegalArgumentException e) {
      LOG.warn("{} can't be tidied up: {}", registry.folder(), Storage.firstLine(e));
    }
  }

  /** Unless another retraining has the lock by now, which may be going on with that run. */
  private void removeRun(Path run, RunLock lock) throws IOException {
    if (lock.isHeld() && storage.exists(run)) {
      storage.delete(run);
      LOG.info("removed {}, with which nothing goes on", run);
    }
  }

  private RetrainingResult runLocked(Function<TrainingConfig, TrainingProgress> progress)
      throws IOException, InterruptedException {
    Optional<Champion> champion = Champion.of(registry);
    Optional<Promotion> seen = champion.map(Champion::promotion);
    long before = number(seen);
    if (champion.isPresent() && !options.force() && champion.get().newParts(dataset).isEmpty()) {
      String since = champion.get().promotion().created();
      return unchanged(
          Outcome.NOTHING_NEW,
          before,
          "no part is new to version " + before + ", the champion since " + since);
    }
    Challenge challenge = Challenge.of(champion, dataset, options);
    LOG.info("champion is version {}; new to it: {}", before, challenge.newParts());
    List<Version> made = registry.madeBy(challenge.run());
    Version challenger =
        made.isEmpty() ? training.run(challenge, champion, progress) : madeBefore(made);
    Verdict verdict = Verdict.of(registry, seen, challenger, !made.isEmpty());
    verdict.reasons().forEach(LOG::info);
    return new RetrainingResult(
        verdict.outcome(),
        Registry.now(),
        verdict.champion(),
        before,
        dataset.fingerprint(),
        challenge.newParts(),
        verdict.reasons(),
        !made.isEmpty(),
        Optional.of(challenger));
  }

  /** What earlier calls have made; one that was the champion, if any was. */
  private Version madeBefore(List<Version> made) throws IOException {
    Version found = made.get(0);
    for (Version version : made) {
      found = registry.wasChampion(version.version()) ? version : found;
    }
    LOG.info("an earlier call has made version {}: it is not trained again", found.version());
    return found;
  }

  private static long number(Optional<Promotion> champion) {
    return champion.map(Promotion::version).orElse(0L);
  }
}
