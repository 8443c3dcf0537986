package convoy.engine.checkpoint;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.settings.Settings;
import convoy.engine.training.EarlyStopping;
import convoy.engine.training.TrainingConfig;
import java.io.IOException;
import java.util.Optional;

/** The state of a training to and from {@code state.json}. */
final class RunStateJson {
  private static final int FORMAT_VERSION = 1;

  private RunStateJson() {}

  static ObjectNode write(RunState state) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("formatVersion", FORMAT_VERSION);
    tree.putObject("progress")
        .put("round", state.progress().round())
        .put("epoch", state.progress().epoch())
        .put("stepInEpoch", state.progress().stepInEpoch())
        .put("step", state.progress().step())
        .put("imagesSeen", state.progress().imagesSeen());
    writeProvenance(state.provenance(), tree.putObject("provenance"));
    if (!state.epochSums().equals(RunState.EpochSums.NONE)) {
      tree.putObject("epochSums")
          .put("images", state.epochSums().images())
          .put("lossSum", state.epochSums().lossSum())
          .put("correct", state.epochSums().correct());
    }
    state.metrics().ifPresent(metrics -> writeMetrics(metrics, tree.putObject("metrics")));
    state
        .best()
        .ifPresent(
            best ->
                tree.putObject("best")
                    .put("round", best.round())
                    .put("validationAccuracy", best.validationAccuracy()));
    state
        .waiting()
        .ifPresent(
            waiting ->
                tree.putObject("earlyStopping")
                    .put("metric", Settings.name(waiting.metric()))
                    .put("reference", waiting.reference())
                    .put("validations", waiting.validations()));
    tree.put("weightsDigest", state.weightsDigest());
    tree.set("config", state.config().toTree());
    return tree;
  }

  private static void writeProvenance(RunState.Provenance provenance, ObjectNode tree) {
    tree.put("dataFingerprint", provenance.dataFingerprint());
    provenance.rowOrder().ifPresent(order -> tree.put("rowOrder", order));
    tree.put("numericsVersion", provenance.numericsVersion())
        .put("kernels", provenance.kernels())
        .put("convoyVersion", provenance.convoyVersion());
  }

  private static void writeMetrics(RunState.EpochMetrics metrics, ObjectNode tree) {
    tree.put("trainingLoss", metrics.trainingLoss())
        .put("trainingAccuracy", metrics.trainingAccuracy());
    metrics
        .validation()
        .ifPresent(
            validation ->
                tree.put("validationLoss", validation.loss())
                    .put("validationAccuracy", validation.accuracy()));
  }

  /**
   * Reads {@code state.json}.
   *
   * @throws DamagedCheckpointException if it is none
   * @throws IOException if it is of another format version, or can't be read
   */
  static RunState read(CheckpointFolder folder) throws IOException {
    String file = folder.pathOf(RunState.NAME);
    Settings settings = SmallFile.json(folder, RunState.NAME);
    try {
      FormatVersion.require(settings, file, FORMAT_VERSION);
      settings.onlyKeys(
          "formatVersion",
          "progress",
          "provenance",
          "epochSums",
          "metrics",
          "best",
          "earlyStopping",
          "weightsDigest",
          "config");
      RunState.Progress progress = progress(settings.section("progress"));
      RunState.Provenance provenance = provenance(settings.section("provenance"));
      TrainingConfig config = TrainingConfig.fromTree(file + ": config", settings.tree("config"));
      RunState.EpochSums sums =
          settings.has("epochSums")
              ? epochSums(settings.section("epochSums"))
              : RunState.EpochSums.NONE;
      Optional<RunState.EpochMetrics> metrics =
          settings.has("metrics")
              ? Optional.of(metrics(settings.section("metrics")))
              : Optional.empty();
      Optional<RunState.Best> best =
          settings.has("best") ? Optional.of(best(settings.section("best"))) : Optional.empty();
      Optional<EarlyStopping.Waiting> waiting =
          settings.has("earlyStopping")
              ? Optional.of(waiting(settings.section("earlyStopping")))
              : Optional.empty();
      String digest = settings.text("weightsDigest");
      return settings.checked(
          () -> new RunState(progress, provenance, config, sums, metrics, best, waiting, digest));
    } catch (IllegalArgumentException e) {
      throw SmallFile.damaged(file, e);
    }
  }

  private static RunState.Progress progress(Settings settings) {
    settings.onlyKeys("round", "epoch", "stepInEpoch", "step", "imagesSeen");
    long round = settings.longInteger("round");
    int epoch = settings.integer("epoch");
    int stepInEpoch = settings.integer("stepInEpoch");
    long step = settings.longInteger("step");
    long imagesSeen = settings.longInteger("imagesSeen");
    return settings.checked(
        () -> new RunState.Progress(round, epoch, stepInEpoch, step, imagesSeen));
  }

  private static RunState.Provenance provenance(Settings settings) {
    settings.onlyKeys("dataFingerprint", "rowOrder", "numericsVersion", "kernels", "convoyVersion");
    return new RunState.Provenance(
        settings.text("dataFingerprint"),
        settings.has("rowOrder") ? Optional.of(settings.text("rowOrder")) : Optional.empty(),
        settings.integer("numericsVersion"),
        settings.text("kernels"),
        settings.text("convoyVersion"));
  }

  private static RunState.EpochSums epochSums(Settings settings) {
    settings.onlyKeys("images", "lossSum", "correct");
    long images = settings.longInteger("images");
    double lossSum = settings.number("lossSum");
    long correct = settings.longInteger("correct");
    return settings.checked(() -> new RunState.EpochSums(images, lossSum, correct));
  }

  private static RunState.EpochMetrics metrics(Settings settings) {
    settings.onlyKeys("trainingLoss", "trainingAccuracy", "validationLoss", "validationAccuracy");
    double loss = settings.number("trainingLoss");
    double accuracy = settings.number("trainingAccuracy");
    Optional<RunState.Validation> validation = Optional.empty();
    if (settings.has("validationLoss") || settings.has("validationAccuracy")) {
      validation =
          Optional.of(
              new RunState.Validation(
                  settings.number("validationLoss"), settings.number("validationAccuracy")));
    }
    return new RunState.EpochMetrics(loss, accuracy, validation);
  }

  private static RunState.Best best(Settings settings) {
    settings.onlyKeys("round", "validationAccuracy");
    long round = settings.longInteger("round");
    double accuracy = settings.number("validationAccuracy");
    return settings.checked(() -> new RunState.Best(round, accuracy));
  }

  private static EarlyStopping.Waiting waiting(Settings settings) {
    settings.onlyKeys("metric", "reference", "validations");
    EarlyStopping.Metric metric = settings.constant("metric", "metric", EarlyStopping.Metric.class);
    double reference = settings.number("reference");
    int validations = settings.integer("validations");
    return settings.checked(() -> new EarlyStopping.Waiting(metric, reference, validations));
  }
}
