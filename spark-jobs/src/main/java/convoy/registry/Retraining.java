package convoy.registry;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.averaging.Beginning;
import convoy.averaging.ConvoyVersion;
import convoy.averaging.InUseException;
import convoy.averaging.ProcessKernels;
import convoy.averaging.RunFolder;
import convoy.averaging.RunLock;
import convoy.averaging.Training;
import convoy.averaging.TrainingProgress;
import convoy.averaging.TrainingRequest;
import convoy.averaging.TrainingRequest.Existing;
import convoy.averaging.TrainingRows;
import convoy.dataprep.DatasetPart;
import convoy.dataprep.ImageDataset;
import convoy.dataprep.Split;
import convoy.engine.checkpoint.Model;
import convoy.engine.data.ImageView;
import convoy.engine.evaluation.ConfusionMatrix;
import convoy.engine.evaluation.Scorecard;
import convoy.engine.kernel.Kernels;
import convoy.engine.network.NetworkSpec;
import convoy.engine.training.TrainingConfig;
import convoy.evaluation.EvaluationRun;
import convoy.evaluation.Scores;
import convoy.registry.RetrainingResult.Outcome;
import convoy.storage.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
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

  /** The champion that is to be beaten. */
  private record Champion(Promotion promotion, Version version, Model model) {}

  /** What is to be trained. */
  private record Challenge(
      String run,
      long parent,
      NetworkSpec network,
      TrainingConfig config,
      Beginning beginning,
      List<String> newParts) {}

  /**
   * Retrains.
   *
   * @param progress makes what is told of a training of such settings
   * @throws IllegalArgumentException if options, data and champion do not go together
   * @throws IllegalStateException if another promotion was made meanwhile
   */
  public RetrainingResult run(Function<TrainingConfig, TrainingProgress> progress)
      throws IOException, InterruptedException {
    RunLock lock;
    try {
      lock = RunLock.take(storage, registry.folder());
    } catch (InUseException e) {
      return new RetrainingResult(
          Outcome.BUSY, champion(), champion(), 0, List.of(), List.of(e.getMessage()));
    }
    try {
      RetrainingResult result = runLocked(progress);
      LOG.info("{}: champion is version {}", result.outcome(), result.champion());
      return result;
    } finally {
      lock.close();
    }
  }

  /** Asks, from another thread, for an end in good order; false if nothing is being trained. */
  public boolean stop() {
    Training training = running.get();
    return training != null && training.stop();
  }

  private long champion() throws IOException {
    return registry.champion().map(Promotion::version).orElse(0L);
  }

  private RetrainingResult runLocked(Function<TrainingConfig, TrainingProgress> progress)
      throws IOException, InterruptedException {
    Optional<Promotion> seen = registry.champion();
    if (seen.isEmpty()) {
      return first(progress);
    }
    Version version = registry.version(seen.get().version());
    Champion champion = new Champion(seen.get(), version, registry.model(version.version()));
    List<String> newParts = newParts(version);
    LOG.info("champion is version {}; new to it: {}", version.version(), newParts);
    if (newParts.isEmpty() && !options.force()) {
      return result(Outcome.NOTHING_NEW, champion, 0, newParts, List.of("no part is new"));
    }
    Challenge challenge = challenge(champion, newParts);
    Optional<Version> made = registry.madeBy(challenge.run());
    if (made.isPresent()) {
      LOG.info("version {} was made by this very retraining before", made.get().version());
    }
    Version challenger =
        made.isPresent() ? made.get() : trained(challenge, Optional.of(champion), progress);
    clear(challenge);
    Decision decision = challenger.training().decision();
    decision.reasons().forEach(LOG::info);
    if (!decision.promote()) {
      return result(
          Outcome.NOT_BETTER, champion, challenger.version(), newParts, decision.reasons());
    }
    promote(seen, challenger);
    return new RetrainingResult(
        Outcome.PROMOTED,
        challenger.version(),
        version.version(),
        challenger.version(),
        newParts,
        decision.reasons());
  }

  private RetrainingResult first(Function<TrainingConfig, TrainingProgress> progress)
      throws IOException, InterruptedException {
    NetworkSpec network =
        options
            .network()
            .orElseThrow(
                () ->
                    new IllegalArgumentException(
                        registry.folder() + " has no champion yet: name the --network to train"));
    TrainingConfig config = options.config().over(TrainingConfig.DEFAULT);
    List<String> all = dataset.parts().stream().map(DatasetPart::path).toList();
    Challenge challenge =
        new Challenge(run(0, network, config), 0, network, config, Beginning.NEW, all);
    Optional<Version> made = registry.madeBy(challenge.run());
    Version version =
        made.isPresent() ? made.get() : trained(challenge, Optional.empty(), progress);
    clear(challenge);
    promote(Optional.empty(), version);
    return new RetrainingResult(
        Outcome.PROMOTED,
        version.version(),
        0,
        version.version(),
        all,
        version.training().decision().reasons());
  }

  private static RetrainingResult result(
      Outcome outcome,
      Champion champion,
      long challenger,
      List<String> newParts,
      List<String> reasons) {
    long version = champion.version().version();
    return new RetrainingResult(outcome, version, version, challenger, newParts, reasons);
  }

  private void promote(Optional<Promotion> seen, Version version) throws IOException {
    String reason = version.training().decision().reasons().get(0);
    if (registry.promote(seen, version.version(), Promotion.Kind.PROMOTION, reason).isEmpty()) {
      throw new IllegalStateException(
          "another promotion was made meanwhile, version "
              + version.version()
              + " stays unpromoted: run the retraining again, against the new champion");
    }
  }

  /** The parts of the data set that a version has not seen, by their content. */
  private List<String> newParts(Version version) {
    Set<Object> known = new HashSet<>();
    version.data().parts().forEach(part -> known.add(part.fingerprint()));
    return dataset.parts().stream()
        .filter(part -> !known.contains(part.fingerprint()))
        .map(DatasetPart::path)
        .toList();
  }

  private Challenge challenge(Champion champion, List<String> newParts) {
    Version version = champion.version();
    TrainingConfig before = TrainingConfig.fromTree("champion", version.training().config());
    TrainingConfig config = options.config().over(before);
    if (config.validationFraction() > before.validationFraction()) {
      throw new IllegalArgumentException(
          "the champion was trained with validationFraction "
              + before.validationFraction()
              + ", and on images that "
              + config.validationFraction()
              + " would hold out: set validationFraction="
              + before.validationFraction());
    }
    if (options.network().isPresent() && !options.fromScratch()) {
      throw new IllegalArgumentException(
          "there is a champion, whose network is trained on: leave --network out, or train"
              + " another one --from scratch");
    }
    NetworkSpec network = options.network().orElse(champion.model().network());
    Beginning beginning =
        new Beginning(
            options.fromScratch() ? Optional.empty() : Optional.of(champion.model().parameters()),
            rows(newParts, config.seed()));
    String run = run(version.version(), network, config);
    return new Challenge(run, version.version(), network, config, beginning, newParts);
  }

  /** The shares of the parts, whose training images are numbered one part behind the other. */
  private TrainingRows rows(List<String> newParts, long seed) {
    List<TrainingRows.Range> ranges = new ArrayList<>();
    long end = 0;
    for (DatasetPart part : dataset.parts()) {
      end += part.counts(Split.TRAIN).images();
      boolean isNew = newParts.contains(part.path());
      ranges.add(new TrainingRows.Range(end, isNew ? options.newShare() : options.oldShare()));
    }
    return new TrainingRows(seed, ranges);
  }

  /** Names what is to be done: the same retraining has the same name, another one another. */
  private String run(long champion, NetworkSpec network, TrainingConfig config) {
    String what =
        String.join(
            "\n",
            Long.toString(champion),
            dataset.fingerprint().toString(),
            network.toYaml(),
            config.toYaml(),
            Boolean.toString(options.fromScratch()),
            Double.toString(options.oldShare()),
            Double.toString(options.newShare()),
            options.rule().toString(),
            Integer.toString(Kernels.NUMERICS_VERSION),
            ProcessKernels.get().name());
    return UUID.nameUUIDFromBytes(what.getBytes(StandardCharsets.UTF_8)).toString();
  }

  /** Trains, compares, and adds the version with what was decided. */
  private Version trained(
      Challenge challenge,
      Optional<Champion> champion,
      Function<TrainingConfig, TrainingProgress> progress)
      throws IOException, InterruptedException {
    if (challenge.config().validationFraction() == 0) {
      throw new IllegalArgumentException(
          "validationFraction is 0: models are compared on images that are held out");
    }
    RunFolder folder = new RunFolder(storage, registry.runFolder(challenge.run()));
    TrainingRequest request =
        new TrainingRequest(
            dataset,
            challenge.network(),
            challenge.config(),
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
            options.fromScratch() || champion.isEmpty() ? "scratch" : "champion",
            challenge.newParts(),
            options.oldShare(),
            options.newShare(),
            challenge.config().toTree(),
            decide(scores, champion.isPresent(), evaluation.classNames()));
    ObjectNode metrics = own.toTree(evaluation.classNames(), 0);
    metrics.remove("imagesPerSecond");
    return registry.add(model, challenge.parent(), data(), training, metrics, software());
  }

  private Decision decide(Scores scores, boolean hasChampion, List<String> classes) {
    if (!hasChampion) {
      return new Decision(true, List.of("the first model"));
    }
    ConfusionMatrix champion = scores.card(0, 0).evaluation().confusion();
    ConfusionMatrix challenger = scores.card(1, 0).evaluation().confusion();
    return options.rule().decide(champion, challenger, scores.pair(0, 1, 0), classes);
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

  /** Removes what the retraining has kept to go on from: its version is there. */
  private void clear(Challenge challenge) throws IOException {
    storage.delete(registry.runFolder(challenge.run()));
  }
}
