package convoy.engine.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import convoy.engine.loss.MeanSquaredError;
import convoy.engine.loss.SoftmaxCrossEntropy;
import convoy.engine.optimizer.Adam;
import convoy.engine.optimizer.Sgd;
import convoy.engine.optimizer.Span;
import convoy.engine.optimizer.StepDecay;
import convoy.engine.settings.Difference;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TrainingConfigTest {
  @Test
  void emptyFileGivesDefaults() {
    assertEquals(TrainingConfig.DEFAULT, TrainingConfig.read("a.yaml", "", List.of()));
  }

  @Test
  void assignmentStandsOverFileOverDefault() {
    String file = "epochs: 7\nbatchSize: 16\noptimizer: {adam: {beta1: 0.8, learningRate: 0.1}}\n";
    TrainingConfig config =
        TrainingConfig.read(
            "a.yaml",
            file,
            List.of("batchSize=8", "averaging.everySteps=50", "optimizer.adam.learningRate=0.01"));
    assertEquals(7, config.epochs());
    assertEquals(8, config.batchSize());
    assertEquals(50, config.averaging().everySteps());
    assertEquals(TrainingConfig.DEFAULT.shards(), config.shards());
    assertEquals(new Adam(0.01, 0.8, 0.999, 1e-7), config.optimizer());
  }

  @Test
  void assignedMappingReplacesTheWholeValue() {
    String file = "optimizer: {adam: {beta1: 0.8}}";
    TrainingConfig config =
        TrainingConfig.read("a.yaml", file, List.of("optimizer={adam: {learningRate: 0.01}}"));
    assertEquals(new Adam(0.01, 0.9, 0.999, 1e-7), config.optimizer());
  }

  @Test
  void optimizerCanBeNamedAndThenSet() {
    TrainingConfig config =
        TrainingConfig.DEFAULT.with("optimizer=sgd", "optimizer.sgd.momentum=0.9");
    assertEquals(new Sgd(0.01, 0.9, false), config.optimizer());
  }

  @Test
  void assignmentsCompleteEachOther() {
    TrainingConfig config =
        TrainingConfig.DEFAULT.with(
            "schedule=step", "schedule.step.everyEpochs=3", "schedule.step.factor=0.5");
    assertEquals(
        new StepDecay(0.5, new Span(0, 3), List.of(), List.of(), Span.NONE), config.schedule());
  }

  @Test
  void theAssignmentIsNamedFromWhichOnTheConfigurationIsWrong() {
    List<String> assignments =
        List.of("schedule=step", "schedule.step.everyEpochs=3", "epochs=0", "seed=1");
    assertEquals(
        "--set epochs=0: epochs is 0, wanted 1 or more",
        assertThrows(
                IllegalArgumentException.class,
                () -> TrainingConfig.read("a.yaml", "", assignments))
            .getMessage());
  }

  @Test
  void lossIsANameOrANameWithSettings() {
    assertEquals(
        new MeanSquaredError(), TrainingConfig.DEFAULT.with("loss=meanSquaredError").loss());
    assertEquals(
        new SoftmaxCrossEntropy(0.2),
        TrainingConfig.DEFAULT.with("loss.softmaxCrossEntropy.labelSmoothing=0.2").loss());
  }

  @Test
  void everySeedIsASeed() {
    for (long seed : new long[] {0, -1, Long.MIN_VALUE, Long.MAX_VALUE}) {
      assertEquals(seed, TrainingConfig.DEFAULT.with("seed=" + seed).seed());
    }
  }

  @Test
  void yamlComesBackAsWritten() {
    TrainingConfig config =
        TrainingConfig.DEFAULT.with(
            "shards=3",
            "seed=9007199254740993",
            "validationFraction=0.30000000000000004",
            "earlyStopping={patience: 4, metric: accuracy, minDelta: 1e-3}",
            "loss={softmaxCrossEntropy: {labelSmoothing: 0.1}}",
            "optimizer={adam: {learningRate: 1.1e-30, epsilon: 4.9e-9}}",
            "schedule={step: {factor: 0.2, atEpochs: [3, 5], warmUpSteps: 10}}",
            "weightDecay={rate: 0.01, decoupled: true}",
            "clipNorm=2.5",
            "averaging={everySteps: 12, postLocal: {everySteps: 2, epochs: 3}, movingAverage: 0.3,"
                + " dealEvery: 2, batchNormBatches: 7, optimizerState: reset,"
                + " outer: {learningRate: 0.7, momentum: 0.9}}");
    assertEquals(config, TrainingConfig.read("a.yaml", config.toYaml(), List.of()));
    assertEquals(config, TrainingConfig.fromTree("tree", config.toTree()));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "batchsize: 2|a.yaml: unknown key batchsize; did you mean batchSize?",
        "averaging: {everyStep: 2}|a.yaml: averaging: unknown key everyStep; did you mean"
            + " everySteps?",
        "averaging: {postLocal: 2}|a.yaml: averaging.postLocal is 2, wanted a mapping (key: value)",
        "averaging: {postLocal: {everySteps: 0}}|"
            + "a.yaml: averaging.postLocal: everySteps is 0, wanted 1 or more",
        "averaging: {postLocal: {epochs: -1}}|"
            + "a.yaml: averaging.postLocal: epochs is -1, wanted 0 or more",
        "averaging: {outer: {momentum: 1}}|"
            + "a.yaml: averaging.outer: momentum is 1.0, wanted 0 or more and below 1",
        "averaging: {optimizerState: restart}|a.yaml: averaging: optimizerState: unknown treatment"
            + " restart; wanted average, reset",
        "averaging: {batchNormBatches: -1}|"
            + "a.yaml: averaging: batchNormBatches is -1, wanted 1 or more, or 0 for no estimate",
        "averaging: {dealEvery: -1}|"
            + "a.yaml: averaging: dealEvery is -1, wanted 1 or more epochs, or 0 for never",
        "averaging: {movingAverage: 1}|"
            + "a.yaml: averaging: movingAverage is 1.0, wanted a decay below 1, or 0 for none",
        "epochs: 0|a.yaml: epochs is 0, wanted 1 or more",
        "earlyStopping: {patience: -1}|"
            + "a.yaml: earlyStopping: patience is -1, wanted 0 or more",
        "earlyStopping: {patience: 1, minDelta: -1}|"
            + "a.yaml: earlyStopping: minDelta is -1.0, wanted 0 or more",
        "earlyStopping: {metric: f1}|a.yaml: earlyStopping: metric: unknown metric f1; wanted loss,"
            + " accuracy",
        "{earlyStopping: {patience: 3}, validationFraction: 0}|a.yaml: earlyStopping.patience is 3,"
            + " and validationFraction is 0: there is nothing to watch",
        "shards: -4|a.yaml: shards is -4, wanted 1 or more",
        "batchSize: 2.5|a.yaml: batchSize is 2.5, wanted a whole number",
        "validationFraction: 1|"
            + "a.yaml: validationFraction is 1.0, wanted 0 or more and below 1",
        "averaging: {everySteps: -1}|"
            + "a.yaml: averaging: everySteps is -1, wanted 1 or more, or 0 for once an epoch",
        "loss: hinge|a.yaml: loss: unknown loss hinge; wanted softmaxCrossEntropy,"
            + " meanSquaredError",
        "loss: {softmaxCrossEntropy: {labelSmoothing: 1}}|a.yaml: loss.softmaxCrossEntropy:"
            + " labelSmoothing is 1.0, wanted 0 or more and below 1",
        "loss: {meanSquaredError: {labelSmoothing: 0}}|a.yaml: loss.meanSquaredError: unknown key"
            + " labelSmoothing; wanted none",
        "weightDecay: {rate: -1}|a.yaml: weightDecay: rate is -1.0, wanted a number of 0 or more",
        "weightDecay: {l2: 1}|a.yaml: weightDecay: unknown key l2; wanted rate, decoupled",
        "weightDecay: {rate: 2000, decoupled: true}|a.yaml: weightDecay.rate is 2000.0,"
            + " learningRate 0.001: wanted a product below 1, or a step turns the weights around",
        "schedule: {cosine: {warmUpEpochs: 5}}|a.yaml: schedule cosine warms up over 5 epochs, the"
            + " training has 5: wanted less, or more epochs",
        "clipNorm: -1|a.yaml: clipNorm is -1.0, wanted a number above 0, or 0 for no clipping",
        "- 1|a.yaml: got [1], wanted a mapping (key: value)",
        "averaging: often|a.yaml: averaging is \"often\", wanted a mapping (key: value)",
      })
  void wrongFileIsRefusedInOneLine(String yaml, String message) {
    assertEquals(
        message,
        assertThrows(
                IllegalArgumentException.class,
                () -> TrainingConfig.read("a.yaml", yaml, List.of()))
            .getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "batchsize=2|--set batchsize=2: unknown key batchsize; did you mean batchSize?",
        "epochs=|--set epochs=: wanted key=value, as epochs=3",
        "epochs|--set epochs: wanted key=value, as epochs=3",
        "epochs=many|--set epochs=many: epochs is \"many\", wanted a whole number",
        "epochs.x=1|--set epochs.x=1: epochs is {\"x\":1}, wanted a whole number",
      })
  void wrongAssignmentIsRefusedInOneLine(String assignment, String message) {
    assertEquals(
        message,
        assertThrows(
                IllegalArgumentException.class,
                () -> TrainingConfig.read("a.yaml", "", List.of(assignment)))
            .getMessage());
  }

  @Test
  void resumeMayChangeWhatHasNoPartInTheWeights() {
    TrainingConfig now =
        TrainingConfig.DEFAULT.with(
            "epochs=9",
            "keepCheckpoints=1",
            "checkpointEvery=2",
            "validateEvery=3",
            "earlyStopping={patience: 3, metric: accuracy, minDelta: 0.01}",
            "threadsPerReplica=2",
            "waitForExecutorsSeconds=1",
            "stopWithin=1");
    assertEquals(List.of(), TrainingConfig.DEFAULT.differencesOnResume(now));
  }

  @Test
  void resumeNamesEachOtherDifference() {
    TrainingConfig now =
        TrainingConfig.DEFAULT.with(
            "shards=8", "averaging.everySteps=5", "optimizer.adam.beta1=0.5", "epochs=9");
    assertEquals(
        List.of(
            "shards was 4, now 8",
            "optimizer.adam.beta1 was 0.9, now 0.5",
            "averaging.everySteps was 0, now 5"),
        TrainingConfig.DEFAULT.differencesOnResume(now).stream()
            .map(Difference::toString)
            .toList());
  }

  @Test
  void epochsStayAsTheyAreUnderAScheduleThatSpansThem() {
    for (String schedule : List.of("cosine", "oneCycle")) {
      TrainingConfig old = TrainingConfig.DEFAULT.with("schedule=" + schedule);
      assertEquals(
          List.of(new Difference("epochs", "5", "9")),
          old.differencesOnResume(old.with("epochs=9")));
    }
    TrainingConfig step = TrainingConfig.DEFAULT.with("schedule={step: {everyEpochs: 2}}");
    assertEquals(List.of(), step.differencesOnResume(step.with("epochs=9")));
  }

  @Test
  void resumeNamesAnotherOptimizerAsAWhole() {
    TrainingConfig now = TrainingConfig.DEFAULT.with("optimizer={sgd: {}}");
    List<Difference> differences = TrainingConfig.DEFAULT.differencesOnResume(now);
    assertEquals(1, differences.size());
    assertEquals("optimizer", differences.get(0).key());
  }
}
