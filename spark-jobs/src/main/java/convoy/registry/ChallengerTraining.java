package convoy.registry;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.cluster.ExecutorWait;
import convoy.cluster.ProcessKernels;
import convoy.dataprep.ImageDataset;
import convoy.dataprep.Split;
import convoy.engine.checkpoint.Model;
import convoy.engine.checkpoint.WeightsDigest;
import convoy.engine.data.ImageView;
import convoy.engine.evaluation.ConfusionMatrix;
import convoy.engine.evaluation.Scorecard;
import convoy.engine.kernel.Kernels;
import convoy.engine.network.NetworkSpec;
import convoy.engine.training.EarlyStopping;
import convoy.engine.training.TrainingConfig;
import convoy.evaluation.EvaluationRun;
import convoy.evaluation.Scores;
import convoy.evaluation.ScoringMemory;
import convoy.evaluation.ShownImages;
import convoy.run.RunFolder;
import convoy.storage.Storage;
import convoy.training.ConvoyVersion;
import convoy.training.EpochReport;
import convoy.training.StoppedException;
import convoy.training.Training;
import convoy.training.TrainingProgress;
import convoy.training.TrainingRequest;
import convoy.training.TrainingRequest.Existing;
import convoy.training.TrainingSetup;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Function;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Trains a challenger, or goes on with its training, shows it and the champion the held-out images,
 * and adds it to the registry with what was decided.
 */
final class ChallengerTraining {
  private static final Logger LOG = LoggerFactory.getLogger(ChallengerTraining.class);

  private final SparkSession spark;
  private final Storage storage;
  private final Registry registry;
  private final ImageDataset dataset;
  private final RetrainingOptions options;
  private final AtomicReference<Training> running = new AtomicReference<>();
  private volatile boolean isStopping;

  ChallengerTraining(
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

  /** Asks, from another thread, for an end in good order; false if nothing is being trained. */
  boolean stop() {
    isStopping = true;
    Training training = running.get();
    return training != null && training.stop();
  }

  /**
   * The version that came of it.
   *
   * @param champion that is to be beaten, if there is one
   */
  Version run(
      Challenge challenge,
      Optional<Champion> champion,
      Function<TrainingConfig, TrainingProgress> progress)
      throws IOException, InterruptedException {
    String begun = Registry.now();
    ShownImages heldOut = new ShownImages(Split.TRAIN, challenge.config().validationFraction());
    checkComparison(challenge, champion, heldOut);
    Tracked tracked = new Tracked(progress.apply(challenge.config()));
    Model model = trained(challenge, tracked);
    Scores scores = compared(heldOut, champion, model);
    Decision decision = decide(scores, champion.isPresent());
    Scorecard own = scores.card(champion.isPresent() ? 1 : 0, 0);
    LOG.info("compared on {} held-out images", own.evaluation().images());
    Version.Training training =
        new Version.Training(
            challenge.run(),
            challenge.start(),
            tracked.roundsBefore(),
            challenge.newParts(),
            options.oldShare(),
            options.newShare(),
            challenge.config().toTree(),
            options.rule(),
            decision);
    return registry.add(
        model,
        number ->
            new Version(
                Version.FORMAT_VERSION,
                number,
                champion.map(before -> before.version().version()).orElse(0L),
                begun,
                Registry.now(),
                model.network().name(),
                WeightsDigest.of(model.parameters()),
                data(),
                training,
                metrics(own),
                champion.isPresent() ? metrics(scores.card(0, 0)) : empty(),
                champion.isPresent() ? scores.pair(0, 1, 0).toTree(dataset.classNames()) : empty(),
                software()));
  }

  /** Checks before the training, which may take hours, that the two can be compared after it. */
  private void checkComparison(
      Challenge challenge, Optional<Champion> champion, ShownImages heldOut)
      throws InterruptedException {
    List<NetworkSpec> networks = new ArrayList<>(List.of(challenge.network()));
    champion.ifPresent(before -> networks.add(before.model().network()));
    ExecutorWait.await(
        spark.sparkContext(), challenge.config().waitForExecutorsSeconds(), () -> isStopping);
    heldOut.checkAny(spark, dataset);
    int tasks = dataset.rows(spark, Split.TRAIN).toJavaRDD().getNumPartitions();
    new ScoringMemory(networks, 1).check(spark.sparkContext(), tasks, "");
  }

  /**
   * The best model of the training. It goes on from the newest checkpoint that is not damaged,
   * since nobody may be there to remove what is.
   */
  private Model trained(Challenge challenge, TrainingProgress progress)
      throws IOException, InterruptedException {
    RunFolder folder = new RunFolder(storage, registry.runFolder(challenge.run()));
    folder.removeDamaged();
    LOG.info(
        "trains {} from {}, on {} of the images of new parts and {} of the others, in {}",
        challenge.network().name(),
        challenge.start(),
        options.newShare(),
        options.oldShare(),
        folder.folder());
    TrainingRequest request =
        new TrainingRequest(
            new TrainingSetup(dataset, challenge.network(), challenge.config()),
            folder,
            Existing.RESUME,
            false,
            challenge.beginning());
    running.set(new Training(spark, request));
    running.get().run(progress);
    if (isStopping) {
      throw new StoppedException(
          "stopped when the challenger was trained, which is kept in "
              + folder.folder()
              + ": the same command goes on");
    }
    return folder
        .checkpoints()
        .model()
        .orElseThrow(
            () ->
                new IllegalStateException(
                    folder.folder() + " was removed, as another retraining has promoted"));
  }

  /** What the champion, if there is one, and the challenger say of the held-out images. */
  private Scores compared(ShownImages heldOut, Optional<Champion> champion, Model challenger) {
    List<Model> models = new ArrayList<>();
    champion.ifPresent(before -> models.add(before.model()));
    models.add(challenger);
    return new EvaluationRun(spark, dataset, heldOut, models, List.of(new ImageView.Clean()), false)
        .run();
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

  /** Without what grows with the square of the number of classes. */
  private ObjectNode metrics(Scorecard card) {
    ObjectNode metrics = card.toTree(dataset.classNames(), 0);
    metrics.remove("imagesPerSecond");
    metrics.remove("confusionMatrix");
    return metrics;
  }

  private static ObjectNode empty() {
    return JsonNodeFactory.instance.objectNode();
  }

  /** Hears how much of a training was done before. */
  private static final class Tracked implements TrainingProgress {
    private final TrainingProgress told;
    private long roundsBefore;

    Tracked(TrainingProgress told) {
      this.told = told;
    }

    long roundsBefore() {
      return roundsBefore;
    }

    @Override
    public void began(long rounds) {
      roundsBefore = rounds;
      told.began(rounds);
    }

    @Override
    public void epochDone(EpochReport report) {
      told.epochDone(report);
    }

    @Override
    public void stoppedEarly(EarlyStopping.Waiting waiting) {
      told.stoppedEarly(waiting);
    }
  }
}
