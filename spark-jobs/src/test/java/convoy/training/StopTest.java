package convoy.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import convoy.dataprep.ImageDataset;
import convoy.engine.checkpoint.RunState;
import convoy.training.TrainingRequest.Existing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/** A training that is told to stop, and one that goes on from there. */
class StopTest {
  @TempDir private static Path shared;

  private static SparkSession spark;

  /** Four rounds an epoch. */
  private static TestRun run;

  /** After three epochs without a stop. */
  private static RunState whole;

  private static List<EpochReport> wholeEpochs;

  @TempDir private Path temporary;

  @BeforeAll
  static void train() throws Exception {
    spark = TestSpark.local(2);
    ImageDataset dataset = TestData.dataset(spark, shared, 7, 61, 9);
    run = TestRun.of(dataset).with("epochs=3", "averaging.everySteps=1");
    TestRun.Outcome outcome = run.in(spark, shared.resolve("whole"));
    whole = outcome.result().state();
    wholeEpochs = outcome.epochs();
    assertEquals(12, whole.progress().round());
  }

  @Test
  void theRoundIsFinishedAndTheTrainingGoesOnInTheMiddleOfItsEpoch() throws Exception {
    Path folder = temporary.resolve("run");
    String message = stopIn("epoch 2, round 6: train", run, folder).getMessage();
    assertEquals(
        "stopped after round 6, kept as "
            + TestRun.runFolder(folder).checkpoints().folder(6)
            + ": go on with --resume",
        message);
    RunState.Progress progress = newest(folder).progress();
    assertEquals(6, progress.round());
    assertEquals(1, progress.epoch());
    assertEquals(2, progress.stepInEpoch());
    assertEquals(6, progress.step());

    TestRun.Outcome resumed = run.resumedIn(spark, folder);
    assertEquals(whole, resumed.result().state());
    assertEquals(whole, newest(folder));
    assertEquals(List.of(2, 3), resumed.epochs().stream().map(EpochReport::epoch).toList());
    EpochReport second = resumed.epochs().get(0);
    assertEquals(wholeEpochs.get(1).metrics().loss(), second.metrics().loss());
    assertEquals(wholeEpochs.get(1).validation(), second.validation());
    assertTrue(second.imagesHere() < second.metrics().images(), "half of it was trained before");
  }

  @Test
  void anEpochThatHasBegunIsFinishedBeforeEarlyStoppingEndsTheTraining() throws Exception {
    Path folder = temporary.resolve("run");
    TestRun patient = run.with("epochs=9", "earlyStopping={patience: 9, minDelta: 1000}");
    stopIn("epoch 4, round 14: train", patient, folder);
    TestRun.Outcome resumed = patient.with("earlyStopping.patience=2").resumedIn(spark, folder);
    assertEquals(List.of(4), resumed.epochs().stream().map(EpochReport::epoch).toList());
    assertTrue(resumed.result().stoppedEarly());
    assertEquals(0, resumed.result().state().progress().stepInEpoch());
  }

  @Test
  void aRoundThatDoesNotFitIsCancelled() throws Exception {
    Path folder = temporary.resolve("run");
    String message =
        stopIn("epoch 2, round 6: train", run.with("stopWithin=0"), folder).getMessage();
    assertTrue(message.contains(" keeps its checkpoints: "), message);
    assertEquals(4, newest(folder).progress().round());
    assertEquals(whole, run.resumedIn(spark, folder).result().state());
  }

  @Test
  void theLastRoundOfAnEpochIsValidatedAndKeptThoughNotInTurn() throws Exception {
    Path folder = temporary.resolve("run");
    TestRun rare = run.with("checkpointEvery=3");
    stopIn("epoch 2, round 8: train", rare, folder);
    RunState kept = newest(folder);
    assertEquals(8, kept.progress().round());
    assertEquals(0, kept.progress().stepInEpoch());
    assertEquals(wholeEpochs.get(1).validation(), kept.metrics().get().validation());
    assertEquals(whole.weightsDigest(), rare.resumedIn(spark, folder).digest());
  }

  @Test
  void aStopThatComesWithTheLastRoundFindsTheWorkDone() throws Exception {
    Training training = training(run, temporary);
    try (Stop stop = new Stop(training, "epoch 3, round 12: average")) {
      assertEquals(whole, stop.train().state());
    }
    assertFalse(training.stop(), "it does not run any more");
  }

  @Test
  void beforeTheFirstRoundThereIsNothingToKeep() throws Exception {
    Path folder = temporary.resolve("run");
    Training training = training(run, folder);
    assertFalse(training.stop(), "it does not run yet");
    try (Stop stop = new Stop(training, "choose the validation images")) {
      assertThrows(StoppedException.class, stop::train);
    }
    assertFalse(Files.exists(folder));
  }

  @Test
  void aRunThatWasToBeReplacedStaysUntilThen() throws Exception {
    Path folder = temporary.resolve("run");
    assertEquals(whole, run.in(spark, folder).result().state());
    Training training = training(run, folder, Existing.OVERWRITE);
    try (Stop stop = new Stop(training, "choose the validation images")) {
      assertEquals(
          "stopped before "
              + TestRun.runFolder(folder).folder()
              + " was replaced; the same command begins anew",
          assertThrows(StoppedException.class, stop::train).getMessage());
    }
    assertEquals(whole, newest(folder));
  }

  @Test
  @Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
  void whatIsForeseenToTakeTooLongIsCancelledAtOnce() throws Exception {
    try (Interruption interruption = interruption(1_000)) {
      interruption.begin(2_000);
      assertTrue(interruption.stop());
      assertThrows(StoppedException.class, () -> interruption.translate(StopTest::workUntilKilled));
    }
  }

  @Test
  @Timeout(value = 60, threadMode = ThreadMode.SEPARATE_THREAD)
  void whatTakesLongerThanForeseenIsCancelledAtTheLimit() throws Exception {
    try (Interruption interruption = interruption(1)) {
      interruption.begin(0);
      assertTrue(interruption.stop());
      assertThrows(StoppedException.class, () -> interruption.translate(StopTest::workUntilKilled));
    }
  }

  @Test
  void whatFailsByItselfAfterAStopIsNoStop() throws Exception {
    try (Interruption interruption = interruption(1_000)) {
      interruption.begin(0);
      assertTrue(interruption.stop());
      IOException full = new IOException("no space left");
      assertEquals(
          full,
          assertThrows(
              IOException.class,
              () ->
                  interruption.translate(
                      () -> {
                        throw full;
                      })));
    }
  }

  private static Interruption interruption(int stopWithin) throws IOException {
    return new Interruption(
        spark.sparkContext(),
        TestRun.runFolder(Path.of("run")).folder(),
        Existing.REFUSE,
        stopWithin);
  }

  private static long workUntilKilled() {
    return JavaSparkContext.fromSparkContext(spark.sparkContext())
        .parallelize(List.of(1, 2), 2)
        .filter(
            number -> {
              while (!TaskContext.get().isInterrupted()) {
                Thread.onSpinWait();
              }
              return true;
            })
        .count();
  }

  private static StoppedException stopIn(String stage, TestRun stopped, Path folder)
      throws IOException {
    Training training = training(stopped, folder);
    try (Stop stop = new Stop(training, stage)) {
      return assertThrows(StoppedException.class, stop::train);
    }
  }

  private static Training training(TestRun run, Path folder) throws IOException {
    return training(run, folder, Existing.REFUSE);
  }

  private static Training training(TestRun run, Path folder, Existing existing) throws IOException {
    return new Training(
        spark,
        new TrainingRequest(
            new TrainingSetup(run.dataset(), run.network(), run.config()),
            TestRun.runFolder(folder),
            existing,
            false,
            Beginning.NEW));
  }

  private static RunState newest(Path folder) throws IOException {
    return TestRun.runFolder(folder).checkpoints().newest().get().state();
  }

  /** Stops a training when a stage of it begins. */
  private static final class Stop extends SparkListener implements AutoCloseable {
    private final Training training;
    private final String stage;

    Stop(Training training, String stage) {
      this.training = training;
      this.stage = stage;
      spark.sparkContext().addSparkListener(this);
    }

    TrainingResult train() throws IOException, InterruptedException {
      return training.run(epoch -> {});
    }

    @Override
    public void onStageSubmitted(SparkListenerStageSubmitted submitted) {
      if (submitted.stageInfo().name().equals(stage)) {
        assertTrue(training.stop());
      }
    }

    @Override
    public void close() {
      spark.sparkContext().removeSparkListener(this);
    }
  }
}
