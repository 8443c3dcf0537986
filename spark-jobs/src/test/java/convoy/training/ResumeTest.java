package convoy.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import convoy.dataprep.ImageDataset;
import convoy.engine.checkpoint.Checkpoint;
import convoy.engine.checkpoint.DamagedCheckpointException;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.ParameterLayout;
import convoy.engine.training.TrainingConfig;
import convoy.run.RunLock;
import convoy.training.TrainingRequest.Existing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of a run that is there already. */
class ResumeTest {
  @TempDir private static Path shared;

  private static SparkSession spark;
  private static TestRun run;

  /** The digest after three epochs without a stop. */
  private static String digest;

  @TempDir private Path temporary;

  private Path folder;

  @BeforeAll
  static void train() throws Exception {
    spark = TestSpark.local(2);
    ImageDataset dataset = TestData.dataset(spark, shared, 7, 61, 9);
    run = TestRun.of(dataset).with("epochs=3", "averaging.everySteps=3");
    digest = run.in(spark, shared.resolve("whole")).digest();
    run.with("epochs=1").in(spark, shared.resolve("first"));
  }

  /** A run of one epoch. */
  @BeforeEach
  void copyFirstEpoch() throws IOException {
    folder = temporary.resolve("run");
    Path first = shared.resolve("first");
    try (Stream<Path> files = Files.walk(first)) {
      for (Path file : files.toList()) {
        Files.copy(
            file,
            folder.resolve(first.relativize(file).toString()),
            StandardCopyOption.COPY_ATTRIBUTES);
      }
    }
  }

  @Test
  void aResumedTrainingEndsWithTheBitsOfAnUninterruptedOne() throws Exception {
    TestRun.Outcome resumed = run.resumedIn(spark, folder);
    assertEquals(digest, resumed.digest());
    assertEquals(List.of(2, 3), resumed.epochs().stream().map(EpochReport::epoch).toList());
    assertEquals(6, resumed.result().state().progress().round());
  }

  @Test
  void theCheckpointsThatAKilledDriverDidNotNameAreNamed() throws Exception {
    Path latest = folder.resolve("latest.json"), best = folder.resolve("best.json");
    String namesLatest = Files.readString(latest), namesBest = Files.readString(best);
    Files.writeString(latest, "{\"checkpoint\": \"checkpoints/1\", \"round\": 1}");
    Files.delete(best);
    run.with("epochs=1").resumedIn(spark, folder);
    assertEquals(namesLatest, Files.readString(latest));
    assertEquals(namesBest, Files.readString(best));
  }

  @Test
  void aResumedTrainingDrawsTheSameDropout() throws Exception {
    String yaml = TestData.NETWORK.replace("- flatten\n", "- flatten\n  - dropout: {rate: 0.5}\n");
    TestRun dropout = run.of(NetworkSpec.fromYaml("dropout.yaml", yaml));
    String whole = dropout.in(spark, temporary.resolve("dropout")).digest();
    assertNotEquals(digest, whole);
    Path stopped = temporary.resolve("stopped");
    dropout.with("epochs=1").in(spark, stopped);
    assertEquals(whole, dropout.resumedIn(spark, stopped).digest());
  }

  @Test
  void aResumedTrainingGoesOnWithItsScheduleAndAugmentation() throws Exception {
    TestRun scheduled = run.with("schedule=oneCycle", TestData.AUGMENTATION);
    String whole = scheduled.in(spark, temporary.resolve("whole")).digest();
    assertNotEquals(digest, whole);
    Path stopped = temporary.resolve("stopped");
    scheduled.stoppedAfter(1, spark, stopped);
    assertEquals(List.of("2"), names(stopped.resolve("checkpoints")));
    TestRun.Outcome resumed = scheduled.resumedIn(spark, stopped);
    assertEquals(2, resumed.epochs().size());
    assertEquals(whole, resumed.digest());
    String message = refusal(scheduled.with("epochs=4"), Existing.RESUME, stopped);
    assertTrue(
        message.endsWith("epochs was 3, now 4; schedule oneCycle spans all epochs of the run"),
        message);
  }

  @Test
  void aResumedTrainingHasTheStatisticsOfTheFirst() throws Exception {
    TestRun normalized = run.of(TestData.normalized());
    Path whole = temporary.resolve("whole"), stopped = temporary.resolve("stopped");
    normalized.in(spark, whole);
    normalized.with("epochs=1").in(spark, stopped);
    normalized.resumedIn(spark, stopped);
    Checkpoint one = TestRun.runFolder(whole).checkpoints().newest().get();
    Checkpoint other = TestRun.runFolder(stopped).checkpoints().newest().get();
    assertEquals(one.state(), other.state());
    ParameterLayout layout = one.model().parameters().layout();
    int from = layout.entry("batchNormalization1/runningMean").offset();
    for (int i = from; i < layout.size(); i++) {
      float initial = i < from + 4 ? 0 : 1;
      assertNotEquals(initial, one.model().parameters().values()[i], "statistic " + i);
      assertEquals(one.model().parameters().values()[i], other.model().parameters().values()[i]);
    }
  }

  @Test
  void theFinalStatesOfBothAreEqual() throws Exception {
    run.resumedIn(spark, folder);
    assertEquals(
        TestRun.runFolder(shared.resolve("whole")).checkpoints().newest().get().state(),
        TestRun.runFolder(folder).checkpoints().newest().get().state());
  }

  @Test
  void roundsAreNeitherLostNorDoubled() throws Exception {
    List<JsonNode> whole = reproducible(TestRun.rounds(shared.resolve("whole")));
    assertEquals(6, whole.size());
    assertEquals(digest, whole.get(5).get("weightsDigest").textValue());
    List<JsonNode> first = TestRun.rounds(folder);
    assertEquals(whole.subList(0, 2), reproducible(first));
    run.resumedIn(spark, folder);
    List<JsonNode> resumed = TestRun.rounds(folder);
    assertEquals(first, resumed.subList(0, 2), "the first lines stay, to the microsecond");
    assertEquals(whole, reproducible(resumed));
  }

  @Test
  void roundsBehindTheCheckpointAreWrittenAnew() throws Exception {
    // As a driver leaves them that is killed before it has written the checkpoint.
    Path whole = shared.resolve("whole");
    Files.copy(
        whole.resolve("rounds.jsonl"),
        folder.resolve("rounds.jsonl"),
        StandardCopyOption.REPLACE_EXISTING);
    run.resumedIn(spark, folder);
    assertEquals(reproducible(TestRun.rounds(whole)), reproducible(TestRun.rounds(folder)));
  }

  @Test
  void anAlteredLogOfRoundsIsRefused() throws Exception {
    Files.writeString(folder.resolve("rounds.jsonl"), "{\"round\":1}\n{\"round\":1}\n");
    assertRefused(run, "rounds.jsonl was altered at line 2");
    Files.delete(folder.resolve("rounds.jsonl"));
    assertEquals(digest, run.resumedIn(spark, folder).digest());
  }

  @Test
  void aTrainingThatIsDoneIsLeftAsItIs() throws Exception {
    TestRun.Outcome again = run.with("epochs=1").resumedIn(spark, folder);
    assertTrue(again.epochs().isEmpty());
    assertEquals(0, again.result().imagesPerSecond());
    assertEquals(1, again.result().state().progress().epoch());
  }

  @Test
  void whereThereIsNothingYetItBeginsAfresh() throws Exception {
    assertEquals(digest, run.resumedIn(spark, temporary.resolve("new")).digest());
  }

  @Test
  void whatAnInterruptedRunLeftUnfinishedIsReplaced() throws Exception {
    Path unfinished = Files.createDirectories(folder.resolve("checkpoints/4"));
    Files.writeString(unfinished.resolve("weights.safetensors"), "half");
    assertEquals(digest, run.resumedIn(spark, folder).digest());
  }

  @Test
  void epochsAndRetentionMayChange() throws Exception {
    TestRun.Outcome resumed = run.with("keepCheckpoints=1").resumedIn(spark, folder);
    assertEquals(digest, resumed.digest());
    assertTrue(names(folder.resolve("checkpoints")).size() <= 2, "the latest, and the best");
  }

  @Test
  void anotherSettingIsRefused() throws Exception {
    assertRefused(run.with("shards=3"), "shards was 4, now 3");
  }

  @Test
  void otherDataIsRefused() throws Exception {
    ImageDataset other = TestData.dataset(spark, temporary.resolve("other"), 8, 61, 9);
    assertRefused(run.on(other), "--resume wants the data of the run");
  }

  @Test
  void aDamagedCheckpointIsNamedAndNothingIsDeleted() throws Exception {
    run.with("epochs=2").resumedIn(spark, folder);
    Path weights = folder.resolve("checkpoints/4/weights.safetensors");
    byte[] content = Files.readAllBytes(weights);
    content[content.length / 2] ^= 4;
    Files.write(weights, content);
    List<String> before = names(folder);
    String message =
        assertThrows(DamagedCheckpointException.class, () -> run.resumedIn(spark, folder))
            .getMessage();
    assertTrue(message.contains("checkpoints/4/weights.safetensors: altered"), message);
    assertTrue(message.contains("the newest good checkpoint is"), message);
    assertEquals(before, names(folder));

    // What the message advises.
    TestRun.STORAGE.delete(TestRun.runFolder(folder).checkpoints().folder(4));
    assertEquals(digest, run.resumedIn(spark, folder).digest());
  }

  @Test
  void anExistingRunIsRefused() throws Exception {
    List<String> before = names(folder);
    String message = refusal(run, Existing.REFUSE, folder);
    assertTrue(
        message.endsWith(" exists already: add --resume to go on with it, or --overwrite"),
        message);
    assertEquals(before, names(folder));
  }

  @Test
  void anOverwrittenRunIsGone() throws Exception {
    TestRun other = run.with("epochs=1", "seed=9");
    TestRun.Outcome outcome = other.in(spark, folder, Existing.OVERWRITE);
    assertEquals(1, outcome.result().state().progress().epoch());
    assertEquals(List.of("2"), names(folder.resolve("checkpoints")));
    assertEquals(
        other.config(),
        TrainingConfig.read(
            "config.yaml", Files.readString(folder.resolve("config.yaml")), List.of()));
  }

  @Test
  void badDataLeavesTheRunThatWasToBeOverwritten() throws Exception {
    List<String> before = names(folder);
    assertRefused(run.with("shards=61"), Existing.OVERWRITE, "training images for 61 shards");
    assertEquals(before, names(folder));
    assertEquals(List.of("2"), names(folder.resolve("checkpoints")));
  }

  @Test
  void aFolderInUseIsRefused() throws Exception {
    for (Existing existing : List.of(Existing.RESUME, Existing.OVERWRITE)) {
      try (RunLock lock = TestRun.runFolder(folder).lock()) {
        assertRefused(run, existing, "is in use by another run");
        assertTrue(lock.isHeld());
      }
    }
  }

  @Test
  void badDataLeavesNoFolder() throws Exception {
    folder = temporary.resolve("never");
    assertRefused(run.with("shards=61"), Existing.REFUSE, "training images for 61 shards");
    assertFalse(Files.exists(folder));
  }

  /** What the same training gives again. */
  private static List<JsonNode> reproducible(List<JsonNode> rounds) {
    List<JsonNode> copies = new ArrayList<>();
    for (JsonNode round : rounds) {
      ObjectNode copy = round.deepCopy();
      copy.remove(List.of("computeSeconds", "broadcastSeconds", "averagingSeconds"));
      copy.get("shards").forEach(shard -> ((ObjectNode) shard).remove("computeSeconds"));
      copies.add(copy);
    }
    return copies;
  }

  private void assertRefused(TestRun changed, String part) throws IOException {
    List<String> before = names(folder);
    assertRefused(changed, Existing.RESUME, part);
    assertEquals(before, names(folder));
  }

  private void assertRefused(TestRun changed, Existing existing, String part) {
    String message = refusal(changed, existing, folder);
    assertTrue(message.contains(part), message);
  }

  private static String refusal(TestRun changed, Existing existing, Path folder) {
    return assertThrows(IllegalArgumentException.class, () -> changed.in(spark, folder, existing))
        .getMessage();
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
