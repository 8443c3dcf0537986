package convoy.job;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.checkpoint.Model;
import convoy.engine.checkpoint.RunState;
import convoy.engine.optimizer.Constant;
import convoy.engine.settings.Settings;
import convoy.engine.training.EarlyStopping;
import convoy.engine.training.TrainingConfig;
import convoy.run.Origin;
import convoy.run.RunFolder;
import convoy.sharding.TrainingRows;
import convoy.storage.Storage;
import convoy.training.Beginning;
import convoy.training.EpochReport;
import convoy.training.PretrainedWeights;
import convoy.training.Training;
import convoy.training.TrainingProgress;
import convoy.training.TrainingRequest;
import convoy.training.TrainingRequest.Existing;
import convoy.training.TrainingResult;
import convoy.training.TrainingSetup;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a network by parameter averaging. */
@Command(name = "train", description = "Train a network by parameter averaging on the executors.")
public final class TrainJob implements SparkJob, ResumableJob {
  /** The columns of an epoch: 80 characters, and the learning rate where it changes. */
  private static final String ROW = "%-7s %8s %9s %11s %9s %9s %10s %10s%s";

  @Mixin private TrainingOptions options = new TrainingOptions();

  @Option(
      names = "--out",
      required = true,
      paramLabel = "URI",
      description = "The folder of the run, for its checkpoints.")
  private String out;

  private final AtomicReference<Training> training = new AtomicReference<>();

  @ArgGroup private Existence existence = new Existence();

  @Option(
      names = "--accept-numerics",
      description = "Resume although the engine's arithmetic or kernels have changed since.")
  private boolean acceptNumerics;

  @Option(
      names = "--weights",
      paramLabel = "URI",
      description = {
        "Begin with the weights of this model, a run or a checkpoint, in the layers that it has by",
        "the same names and sizes. Once there is a checkpoint, --resume refuses any other model."
      })
  private Optional<String> weights = Optional.empty();

  /** What to do with a run that is there already. */
  static final class Existence {
    @Option(
        names = "--resume",
        description = "Go on from the newest checkpoint; begin where there is none yet.")
    private boolean resume;

    @Option(names = "--overwrite", description = "Replace the run that is there.")
    private boolean overwrite;

    Existing choice() {
      if (resume) {
        return Existing.RESUME;
      }
      return overwrite ? Existing.OVERWRITE : Existing.REFUSE;
    }
  }

  /** The job, its options yet to be read from a command line. */
  public TrainJob() {}

  /** The job with the options that it needs, for another job's use. */
  TrainJob(String data, String network, String out, List<String> assignments) {
    options = new TrainingOptions(data, network, assignments);
    this.out = out;
  }

  @Override
  public int taskCores() throws IOException {
    return options.settings(JobStorage.open()).threadsPerReplica();
  }

  @Override
  public ObjectNode run(SparkSession spark) throws Exception {
    Storage storage = new Storage(spark.sparkContext().hadoopConfiguration());
    TrainingSetup setup = options.setup(spark);
    RunFolder folder = new RunFolder(storage, storage.path(out));
    try (ProgressBar bar = new ProgressBar(spark.sparkContext())) {
      boolean resumes = existence.choice() == Existing.RESUME && folder.checkpoints().any();
      if (resumes) {
        checkOrigin(storage, setup, folder);
      }
      Optional<PretrainedWeights> pretrained =
          resumes ? Optional.empty() : pretrained(storage, setup);
      Optional<Origin> origin =
          resumes ? folder.origin() : pretrained.map(PretrainedWeights::origin);
      TrainingRequest request =
          new TrainingRequest(
              setup,
              folder,
              existence.choice(),
              acceptNumerics,
              new Beginning(pretrained, TrainingRows.ALL));
      training.set(new Training(spark, request));
      TrainingResult done =
          training
              .get()
              .run(new Table(setup.config(), pretrained.map(found -> found.origin().line()), bar));
      bar.println("weights " + done.state().weightsDigest());
      ObjectNode tree = result(done);
      origin.ifPresent(known -> tree.set("origin", Storage.tree(known)));
      return tree;
    }
  }

  private Optional<PretrainedWeights> pretrained(Storage storage, TrainingSetup setup)
      throws IOException {
    if (weights.isEmpty()) {
      return Optional.empty();
    }
    Model model = RunFolder.model(storage, weights.get());
    return Optional.of(
        PretrainedWeights.of(setup.network(), setup.config().seed(), weights.get(), model));
  }

  /** Refuses to go on with a run that began with other weights than those of {@code --weights}. */
  private void checkOrigin(Storage storage, TrainingSetup setup, RunFolder folder)
      throws IOException {
    if (weights.isEmpty()) {
      return;
    }
    Optional<Origin> origin = folder.origin();
    // The model that is named there has perhaps been removed or trained on since.
    if (origin.isPresent()
        && storage.path(origin.get().model()).equals(storage.path(weights.get()))) {
      return;
    }
    Optional<String> digest =
        pretrained(storage, setup).map(given -> given.origin().weightsDigest());
    if (!digest.equals(origin.map(Origin::weightsDigest))) {
      throw new IllegalArgumentException(
          folder.folder()
              + " began with "
              + origin.map(one -> "the weights of " + one.model()).orElse("new weights")
              + ": --resume goes on with it, and not with --weights "
              + weights.get()
              + "; leave that out, or begin anew with --overwrite");
    }
  }

  @Override
  public boolean stop() {
    Training running = training.get();
    return running != null && running.stop();
  }

  /** Refuses wrong settings and an unknown network before other work is done. */
  void check(Storage storage) throws IOException {
    options.settings(storage);
    options.network(storage);
  }

  /**
   * Shows the settings, and below them a row for each epoch.
   *
   * @param first a line that stands above the settings
   */
  record Table(TrainingConfig settings, Optional<String> first, ProgressBar bar)
      implements TrainingProgress {
    @Override
    public void began(long rounds) {
      first.ifPresent(bar::println);
      settings.toYaml().lines().forEach(bar::println);
      bar.println("\n" + header());
    }

    @Override
    public void epochDone(EpochReport report) {
      bar.println(row(report));
    }

    @Override
    public void stoppedEarly(EarlyStopping.Waiting waiting) {
      bar.println(
          String.format(
              Locale.ROOT,
              "stopped early: %s %.4f, not bettered by more than %s; validations since then: %d",
              Settings.name(waiting.metric()),
              waiting.reference(),
              settings.earlyStopping().minDelta(),
              waiting.validations()));
    }

    private String header() {
      return String.format(
          ROW,
          "epoch",
          "loss",
          "accuracy",
          "validation",
          "images/s",
          "compute",
          "broadcast",
          "averaging",
          learningRate("learning rate"));
    }

    private String row(EpochReport report) {
      return String.format(
          ROW,
          report.epoch() + "/" + report.epochs(),
          String.format(Locale.ROOT, "%.4f", report.metrics().loss()),
          percent(report.metrics().accuracy()),
          report.validation().map(found -> percent(found.accuracy())).orElse("-"),
          String.format(Locale.ROOT, "%.0f", report.imagesPerSecond()),
          seconds(report.times().computeNanos()),
          seconds(report.times().broadcastNanos()),
          seconds(report.times().averagingNanos()),
          learningRate(String.format(Locale.ROOT, "%.4g", report.learningRate())));
    }

    /** A last cell, where the learning rate changes. */
    private String learningRate(String cell) {
      return settings.schedule().equals(Constant.DEFAULT) ? "" : String.format(" %13s", cell);
    }
  }

  private static String seconds(long nanos) {
    return String.format(Locale.ROOT, "%.2f s", nanos / 1e9);
  }

  private static String percent(double share) {
    return String.format(Locale.ROOT, "%.2f%%", 100 * share);
  }

  /** The keys of {@code --json}; a validation figure is missing where there was no validation. */
  private static ObjectNode result(TrainingResult done) {
    RunState state = done.state();
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("rounds", state.progress().round()).put("epochs", state.progress().epoch());
    state
        .metrics()
        .ifPresent(
            metrics -> {
              tree.put("trainingLoss", metrics.trainingLoss());
              tree.put("trainingAccuracy", metrics.trainingAccuracy());
              metrics
                  .validation()
                  .ifPresent(
                      validation -> {
                        tree.put("validationLoss", validation.loss());
                        tree.put("validationAccuracy", validation.accuracy());
                      });
            });
    tree.put("stoppedEarly", done.stoppedEarly());
    tree.put("imagesPerSecond", done.imagesPerSecond());
    tree.put("weightsDigest", state.weightsDigest());
    return tree;
  }

  /** Runs the job as a process. */
  public static void main(String[] arguments) {
    JobRunner.main(new TrainJob(), arguments);
  }
}
