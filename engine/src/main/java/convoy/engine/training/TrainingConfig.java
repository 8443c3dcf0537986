package convoy.engine.training;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.data.Augmentation;
import convoy.engine.loss.Loss;
import convoy.engine.loss.SoftmaxCrossEntropy;
import convoy.engine.optimizer.Adam;
import convoy.engine.optimizer.Constant;
import convoy.engine.optimizer.Descent;
import convoy.engine.optimizer.Optimizer;
import convoy.engine.optimizer.RunLength;
import convoy.engine.optimizer.Schedule;
import convoy.engine.optimizer.WeightDecay;
import convoy.engine.settings.Assignment;
import convoy.engine.settings.Difference;
import convoy.engine.settings.Settings;
import convoy.engine.settings.Yaml;
import java.io.Serializable;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The settings of a training; the one home of their defaults.
 *
 * @param shards logical parts of the data, each trained by a replica of its own in every round; 1
 *     or more, default 4
 * @param epochs passes over all shards; 1 or more, default 5
 * @param batchSize images of one step of one replica; 1 or more, default 32
 * @param seed of all random numbers; any number, default 0
 * @param threadsPerReplica threads of one replica; 1 or more, default 1; does not change results
 * @param validationFraction share of the training images that is kept for validation; 0 or more and
 *     below 1, default 0.1
 * @param checkpointEvery epochs from one checkpoint to the next; 1 or more, default 1
 * @param validateEvery epochs from one validation to the next; 1 or more, default 1
 * @param earlyStopping when the training ends before its last epoch; default {@link
 *     EarlyStopping#OFF}
 * @param augmentation how training images are altered; default {@link Augmentation#NONE}
 * @param loss what is made small; default {@link SoftmaxCrossEntropy#DEFAULT}
 * @param optimizer the update rule; default {@link Adam#DEFAULT}
 * @param schedule which share of its learning rate a step takes; default {@link Constant#DEFAULT}
 * @param weightDecay what pulls weights towards zero; default {@link WeightDecay#NONE}
 * @param clipNorm the largest norm of the gradient of a step, above 0, or 0 (the default) for any
 * @param averaging when replicas are averaged, and what becomes of the average; default {@link
 *     Averaging#DEFAULT}
 * @param keepCheckpoints newest checkpoints that are kept, beside the best; 1 or more, default 3
 * @param waitForExecutorsSeconds the longest wait for the executors that were asked for; 0 or more,
 *     default 120
 * @param stopWithin seconds within which a training that is told to end may finish its round; 0 or
 *     more, default 20
 */
public record TrainingConfig(
    int shards,
    int epochs,
    int batchSize,
    long seed,
    int threadsPerReplica,
    double validationFraction,
    int checkpointEvery,
    int validateEvery,
    EarlyStopping earlyStopping,
    Augmentation augmentation,
    Loss loss,
    Optimizer optimizer,
    Schedule schedule,
    WeightDecay weightDecay,
    double clipNorm,
    Averaging averaging,
    int keepCheckpoints,
    int waitForExecutorsSeconds,
    int stopWithin)
    implements Serializable {

  /** With all settings at their default. */
  public static final TrainingConfig DEFAULT =
      new TrainingConfig(
          4,
          5,
          32,
          0,
          1,
          0.1,
          1,
          1,
          EarlyStopping.OFF,
          Augmentation.NONE,
          SoftmaxCrossEntropy.DEFAULT,
          Adam.DEFAULT,
          Constant.DEFAULT,
          WeightDecay.NONE,
          0,
          Averaging.DEFAULT,
          3,
          120,
          20);

  /** Keys that have no part in the weights of a step; epochs only where no schedule spans them. */
  private static final Set<String> FREE_ON_RESUME =
      Set.of(
          "epochs",
          "keepCheckpoints",
          "checkpointEvery",
          "validateEvery",
          "earlyStopping.patience",
          "earlyStopping.metric",
          "earlyStopping.minDelta",
          "threadsPerReplica",
          "waitForExecutorsSeconds",
          "stopWithin");

  public TrainingConfig {
    atLeast("shards", shards, 1);
    atLeast("epochs", epochs, 1);
    atLeast("batchSize", batchSize, 1);
    atLeast("threadsPerReplica", threadsPerReplica, 1);
    if (!(validationFraction >= 0 && validationFraction < 1)) {
      throw new IllegalArgumentException(
          "validationFraction is " + validationFraction + ", wanted 0 or more and below 1");
    }
    atLeast("checkpointEvery", checkpointEvery, 1);
    atLeast("validateEvery", validateEvery, 1);
    if (earlyStopping.isOn() && validationFraction == 0) {
      throw new IllegalArgumentException(
          "earlyStopping.patience is "
              + earlyStopping.patience()
              + ", and validationFraction is 0: there is nothing to watch");
    }
    // Checks its parts, for data of any size.
    new Descent(
        optimizer, schedule, new RunLength(Integer.MAX_VALUE, epochs), weightDecay, clipNorm);
    atLeast("keepCheckpoints", keepCheckpoints, 1);
    atLeast("waitForExecutorsSeconds", waitForExecutorsSeconds, 0);
    atLeast("stopWithin", stopWithin, 0);
  }

  /**
   * Reads a configuration: defaults, below the keys of a file, below assignments.
   *
   * @param source the file's name, for messages
   * @param yaml the file's text; an empty one sets nothing
   * @param assignments as {@code key=value}, later ones over earlier ones: {@code
   *     averaging.everySteps=50}, {@code optimizer={adam: {learningRate: 0.001}}}; what one leaves
   *     incomplete another may complete
   * @throws IllegalArgumentException for unknown keys, wrong types and values out of range; names
   *     the file or the assignment from which on they are there
   */
  public static TrainingConfig read(String source, String yaml, List<String> assignments) {
    JsonNode tree = Yaml.read(source, yaml);
    Settings.of(source, tree); // refuses what is no mapping
    Optional<IllegalArgumentException> refusal = refusal(source, tree);
    for (String assignment : assignments) {
      String name = "--set " + assignment;
      Assignment.read(name, assignment).applyTo((ObjectNode) tree);
      Optional<IllegalArgumentException> now = refusal(name, tree);
      refusal = now.isEmpty() || refusal.isEmpty() ? now : refusal;
    }
    if (refusal.isPresent()) {
      throw refusal.get();
    }
    return fromTree(source, tree);
  }

  /** Why {@code tree} is no configuration, if it is none. */
  private static Optional<IllegalArgumentException> refusal(String source, JsonNode tree) {
    try {
      fromTree(source, tree);
      return Optional.empty();
    } catch (IllegalArgumentException e) {
      return Optional.of(e);
    }
  }

  /**
   * Reads a configuration that {@link #toTree()} wrote; keys that are missing have their default.
   */
  public static TrainingConfig fromTree(String source, JsonNode tree) {
    Settings settings = Settings.of(source, tree);
    settings.onlyKeys(Settings.of("defaults", DEFAULT.toTree()).keys().toArray(String[]::new));
    EarlyStopping earlyStopping = EarlyStopping.read(settings.section("earlyStopping"));
    Augmentation augmentation = Augmentation.read(settings.section("augmentation"));
    Loss loss = Loss.read(settings, "loss");
    Optimizer optimizer = Optimizer.read(settings, "optimizer");
    Schedule schedule = Schedule.read(settings, "schedule");
    WeightDecay weightDecay = WeightDecay.read(settings.section("weightDecay"));
    double clipNorm = settings.number("clipNorm", DEFAULT.clipNorm);
    Averaging averaging = Averaging.read(settings.section("averaging"));
    int shards = settings.integer("shards", DEFAULT.shards);
    int epochs = settings.integer("epochs", DEFAULT.epochs);
    int batchSize = settings.integer("batchSize", DEFAULT.batchSize);
    long seed = settings.longInteger("seed", DEFAULT.seed);
    int threads = settings.integer("threadsPerReplica", DEFAULT.threadsPerReplica);
    double fraction = settings.number("validationFraction", DEFAULT.validationFraction);
    int checkpointEvery = settings.integer("checkpointEvery", DEFAULT.checkpointEvery);
    int validateEvery = settings.integer("validateEvery", DEFAULT.validateEvery);
    int keep = settings.integer("keepCheckpoints", DEFAULT.keepCheckpoints);
    int wait = settings.integer("waitForExecutorsSeconds", DEFAULT.waitForExecutorsSeconds);
    int stopWithin = settings.integer("stopWithin", DEFAULT.stopWithin);
    return settings.checked(
        () ->
            new TrainingConfig(
                shards,
                epochs,
                batchSize,
                seed,
                threads,
                fraction,
                checkpointEvery,
                validateEvery,
                earlyStopping,
                augmentation,
                loss,
                optimizer,
                schedule,
                weightDecay,
                clipNorm,
                averaging,
                keep,
                wait,
                stopWithin));
  }

  /** Whether epoch {@code epoch}, counted from 0, is followed by a validation. */
  public boolean validatesAfter(int epoch) {
    return epoch + 1 == epochs || (epoch + 1) % validateEvery == 0;
  }

  /** The optimizer's slots that are carried from round to round: all, or none. */
  public List<String> carriedSlots() {
    return averaging.optimizerState() == Averaging.OptimizerStates.AVERAGE
        ? optimizer.slotNames()
        : List.of();
  }

  /**
   * How a gradient becomes a step.
   *
   * @param stepsPerEpoch steps of an epoch, those of the largest shard
   * @throws IllegalArgumentException if the schedule does not fit so few steps
   */
  public Descent descent(int stepsPerEpoch) {
    RunLength run = new RunLength(stepsPerEpoch, epochs);
    return new Descent(optimizer, schedule, run, weightDecay, clipNorm);
  }

  /** This configuration with some settings changed, given as in {@link #read}. */
  public TrainingConfig with(String... assignments) {
    return read("configuration", toYaml(), List.of(assignments));
  }

  /** All settings as a tree, in the order of this record; {@link #fromTree} gives an equal one. */
  public ObjectNode toTree() {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("shards", shards)
        .put("epochs", epochs)
        .put("batchSize", batchSize)
        .put("seed", seed)
        .put("threadsPerReplica", threadsPerReplica)
        .put("validationFraction", validationFraction)
        .put("checkpointEvery", checkpointEvery)
        .put("validateEvery", validateEvery);
    tree.set("earlyStopping", earlyStopping.toTree());
    tree.set("augmentation", augmentation.toTree());
    tree.set("loss", loss.toTree());
    tree.set("optimizer", optimizer.toTree());
    tree.set("schedule", schedule.toTree());
    tree.set("weightDecay", weightDecay.toTree());
    tree.put("clipNorm", clipNorm);
    tree.set("averaging", averaging.toTree());
    tree.put("keepCheckpoints", keepCheckpoints)
        .put("waitForExecutorsSeconds", waitForExecutorsSeconds)
        .put("stopWithin", stopWithin);
    return tree;
  }

  /** All settings as YAML; {@link #read} gives an equal configuration. */
  public String toYaml() {
    return Yaml.write(toTree());
  }

  /**
   * The settings that forbid to resume a training of this configuration under another one: all that
   * differ, save those that have no part in the weights of a step. The number of epochs has one if
   * the schedule spans the run.
   */
  public List<Difference> differencesOnResume(TrainingConfig now) {
    return Difference.between(toTree(), now.toTree()).stream()
        .filter(difference -> !isFreeOnResume(difference.key()))
        .toList();
  }

  private boolean isFreeOnResume(String key) {
    return FREE_ON_RESUME.contains(key) && !(key.equals("epochs") && schedule.spansRun());
  }

  private static void atLeast(String key, int value, int least) {
    if (value < least) {
      throw new IllegalArgumentException(key + " is " + value + ", wanted " + least + " or more");
    }
  }
}
