package convoy.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import convoy.dataprep.ImageDataset;
import convoy.training.TrainingRequest.Existing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trainings that end before their last epoch. No loss is better than the first by 1,000. */
class EarlyStoppingTrainingTest {
  @TempDir private static Path shared;

  private static SparkSession spark;
  private static TestRun run;

  /** Nine epochs, of which three are trained: the first, and two that are no better. */
  private static TestRun impatient;

  @TempDir private Path temporary;

  @BeforeAll
  static void prepare() throws Exception {
    spark = TestSpark.local(2);
    ImageDataset dataset = TestData.dataset(spark, shared, 7, 61, 9);
    run = TestRun.of(dataset).with("checkpointEvery=100", "averaging.movingAverage=0.5");
    impatient = run.with("epochs=9", "earlyStopping={patience: 2, minDelta: 1000}");
  }

  @Test
  void theLastEpochIsThatWhichPatienceEndsWith() throws Exception {
    Path folder = temporary.resolve("run");
    TestRun.Outcome outcome = impatient.in(spark, folder);
    assertEquals(3, outcome.epochs().size());
    assertTrue(outcome.result().stoppedEarly());
    assertEquals(wanted(3), outcome.digest());
    long round = outcome.result().state().progress().round();
    assertTrue(TestRun.runFolder(folder).checkpoints().holds(round));

    TestRun.Outcome again = impatient.resumedIn(spark, folder);
    assertEquals(List.of(), again.epochs());
    assertTrue(again.result().stoppedEarly());
    assertEquals(outcome.digest(), again.digest());
  }

  @Test
  void morePatienceGoesOn() throws Exception {
    Path folder = temporary.resolve("run");
    impatient.in(spark, folder);
    TestRun.Outcome resumed = impatient.with("earlyStopping.patience=3").resumedIn(spark, folder);
    assertEquals(1, resumed.epochs().size());
    assertEquals(wanted(4), resumed.digest());
  }

  @Test
  void aResumedTrainingHasWaitedAsLong() throws Exception {
    Path folder = temporary.resolve("run");
    assertFalse(impatient.with("epochs=2").in(spark, folder).result().stoppedEarly());
    TestRun.Outcome resumed = impatient.resumedIn(spark, folder);
    assertEquals(1, resumed.epochs().size());
    assertEquals(wanted(3), resumed.digest());
  }

  @Test
  void onlyValidationsAreCounted() throws Exception {
    TestRun sparse = impatient.with("validateEvery=2");
    assertEquals(6, sparse.in(spark, temporary.resolve("run")).epochs().size());
    // The fifth is validated as it is the last, and is not by a run of nine.
    Path folder = temporary.resolve("resumed");
    sparse.with("epochs=5").in(spark, folder);
    assertEquals(1, sparse.resumedIn(spark, folder).epochs().size());
  }

  @Test
  void allEpochsAreNotEarly() throws Exception {
    TestRun.Outcome outcome = impatient.with("epochs=3").in(spark, temporary.resolve("run"));
    assertEquals(3, outcome.epochs().size());
    assertFalse(outcome.result().stoppedEarly());
  }

  @Test
  void withoutValidationImagesItIsRefusedAndNothingIsLost() throws Exception {
    Path folder = temporary.resolve("run");
    run.with("epochs=1").in(spark, folder);
    TestRun blind = impatient.with("validationFraction=1e-9");
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> blind.in(spark, folder, Existing.OVERWRITE))
            .getMessage();
    assertEquals(
        "earlyStopping.patience is 2, and no image fell to the validation share of 1.0E-9",
        message);
    assertTrue(Files.exists(folder.resolve("latest.json")));
  }

  /** The digest after so many epochs that nothing ends. */
  private String wanted(int epochs) throws Exception {
    return run.with("epochs=" + epochs).in(spark, temporary.resolve("all")).digest();
  }
}
