package convoy.registry;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.averaging.ConvoyVersion;
import convoy.averaging.InUseException;
import convoy.averaging.ProcessKernels;
import convoy.averaging.RunFolder;
import convoy.averaging.RunLock;
import convoy.averaging.Training;
import convoy.averaging.TrainingProgress;
import convoy.averaging.TrainingRequest;
import convoy.averaging.TrainingRequest.Existing;
import convoy.averaging.TrainingSetup;
import convoy.dataprep.ImageDataset;
import convoy.dataprep.Split;
import convoy.engine.checkpoint.Model;
import convoy.engine.data.ImageView;
import convoy.engine.evaluation.ConfusionMatrix;
import convoy.engine.evaluation.Scorecard;
import convoy.engine.kernel.Kernels;
import convoy.engine.training.TrainingConfig;
import convoy.evaluation.EvaluationRun;
import convoy.evaluation.Scores;
import convoy.registry.RetrainingResult.Outcome;
import convoy.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
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

  private final SparkSession spark;
  private final Storage storage;
  private final Registry registry;
  private final ImageDataset dataset;
  private final RetrainingOptions options;
  private final AtomicReference<Training> running = new AtomicReference<>();

  /** The retraining that {@code options} ask for, on {@code dataset}. */
  public Retraining(
      SparkSession spark,
      Storage storage,
      Registry registry,
      ImageDataset dataset,
      RetrainingOptions options) {
    this.spark = spark;
    this.storage = storage;
    this.registry = registry;
    this.dataset = dataset;
    this.options = options;
  }

  /**
   * Retrains.
   *
   * @param progress makes what is told of a training of such settings
   * @throws IllegalArgumentException if options, data and champion do not go together
   * @throws IllegalStateException if another promotion was made meanwhile
   */
  public RetrainingResult run(Function<TrainingConfig, TrainingProgress> progress)
      throws IOException, InterruptedException {
    try (RunLock lock = RunLock.take(storage, registry.folder())) {
      List<Path> earlier = registry.runs();
      RetrainingResult result = runLocked(progress);
      tidy(result.outcome() == Outcome.PROMOTED ? earlier : List.of(), lock);
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
        outcome, champion, champion, 0, dataset.fingerprint(), List.of(), List.of(reason));
  }

  /** Asks, from another thread, for an end in good order; false if nothing is being trained. */
  public boolean stop() {
    Training training = running.get();
    return training != null && training.stop();
  }

  /**
   * Removes what crashes have left of versions, and what {@code runs} have kept to go on from: they
   * were begun against an earlier champion. What can't be removed stays.
   */
  private void tidy(List<Path> runs, RunLock lock) {
    try {
      registry.removeUnfinished();
      for (Path run : runs) {
        if (lock.isHeld()) {
          storage.delete(run);
        }
      }
    } catch (IOException e) {
      LOG.warn("{} can't be tidied up: {}", registry.folder(), e.getMessage());
    }
  }

  private RetrainingResult runLocked(Function<TrainingConfig, TrainingProgress> progress)
      throws IOException, InterruptedException {
    Optional<Champion> champion = Champion.of(registry);
    long before = number(champion.map(Champion::promotion));
    if (champion.isPresent() && !options.force() && champion.get().newParts(dataset).isEmpty()) {
      return unchanged(Outcome.NOTHING_NEW, before, "no part is new");
    }
    Challenge challenge = Challenge.of(champion, dataset, options);
    LOG.info("champion is version {}; new to it: {}", before, challenge.newParts());
    Optional<Version> made = registry.madeBy(challenge.run());
    Version challenger = made.isPresent() ? made.get() : trained(challenge, champion, progress);
    storage.delete(registry.runFolder(challenge.run()));
    List<String> reasons = challenger.training().decision().reasons();
    boolean promotes = challenger.training().decision().promote();
    if (promotes && registry.wasChampion(challenger.version())) {
      promotes = false;
      reasons =
          List.of(
              "this retraining made version "
                  + challenger.version()
                  + " before, which was the champion and was taken back: promote it by hand");
    }
    reasons.forEach(LOG::info);
    if (promotes) {
      promote(champion, challenger);
    }
    return new RetrainingResult(
        promotes ? Outcome.PROMOTED : Outcome.NOT_BETTER,
        promotes ? challenger.version() : before,
        before,
        challenger.version(),
        dataset.fingerprint(),
        challenge.newParts(),
        reasons);
  }

  private void promote(Optional<Champion> before, Version version) throws IOException {
    Optional<Promotion> seen = before.map(Champion::promotion);
    String reason = version.training().decision().reasons().get(0);
    if (registry.promote(seen, version.version(), Promotion.Kind.PROMOTION, reason).isEmpty()) {
      throw new IllegalStateException(
          "another promotion was made meanwhile, version "
              + version.version()
              + " stays unpromoted: run the retraining again, against the new champion");
    }
  }

  private static long number(Optional<Promotion> champion) {
    return champion.map(Promotion::version).orElse(0L);
  }

  /** Trains, compares, and adds the version with what was decided. */
  private Version trained(
      Challenge challenge,
      Optional<Champion> champion,
      Function<TrainingConfig, TrainingProgress> progress)
      throws IOException, InterruptedException {
    RunFolder folder = new RunFolder(storage, registry.runFolder(challenge.run()));
    TrainingRequest request =
        new TrainingRequest(
            new TrainingSetup(dataset, challenge.network(), challenge.config()),
            folder,
            Existing.RESUME,
            false,
            challenge.beginning());
    running.set(new Training(spark, request));
    running.get().run(progress.apply(challenge.config()));
    Model model = RunFolder.model(storage, folder.folder().toString());
    List<Model> models = new ArrayList<>(List.of(model));
    champion.ifPresent(before -> models.add(0, before.model()));
    EvaluationRun evaluation =
        new EvaluationRun(
            spark,
            dataset,
            new EvaluationRun.Rows(Split.TRAIN, challenge.config().validationFraction()),
            models,
            List.of(new ImageView.Clean()),
            false);
    Scores scores = evaluation.run();
    Scorecard own = scores.card(models.size() - 1, 0);
    Version.Training training =
        new Version.Training(
            challenge.run(),
            challenge.beginning().weights().isEmpty() ? "scratch" : "champion",
            challenge.newParts(),
            options.oldShare(),
            options.newShare(),
            challenge.config().toTree(),
            decide(scores, champion.isPresent()));
    ObjectNode metrics = own.toTree(dataset.classNames(), 0);
    metrics.remove("imagesPerSecond");
    return registry.add(
        model, number(champion.map(Champion::promotion)), data(), training, metrics, software());
  }

  private Decision decide(Scores scores, boolean hasChampion) {
    if (!hasChampion) {
      return new Decision(true, List.of("the first model"));
    }
    ConfusionMatrix champion = scores.card(0, 0).evaluation().confusion();
    ConfusionMatrix challenger = scores.card(1, 0).evaluation().confusion();
    return options.rule().decide(champion, challenger, scores.pair(0, 1, 0), dataset.classNames());
  }

  private Version.Data data() {
    List<Version.Part> parts =
        dataset.parts().stream()
            .map(part -> new Version.Part(part.path(), part.fingerprint()))
            .toList();
    return new Version.Data(dataset.folder().toString(), dataset.fingerprint(), parts);
  }

  private ObjectNode software() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("convoy", ConvoyVersion.here())
        .put("spark", spark.version())
        .put("java", Runtime.version().toString())
        .put("numericsVersion", Kernels.NUMERICS_VERSION)
        .put("kernels", ProcessKernels.get().name());
  }
}
