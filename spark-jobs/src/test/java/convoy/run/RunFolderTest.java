package convoy.run;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.TestData;
import convoy.engine.checkpoint.Checkpoint;
import convoy.engine.checkpoint.DamagedCheckpointException;
import convoy.engine.checkpoint.Model;
import convoy.engine.checkpoint.RunState;
import convoy.engine.checkpoint.WeightsDigest;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;
import convoy.engine.training.AveragingState;
import convoy.engine.training.TrainingConfig;
import convoy.storage.Storage;
import convoy.training.TestRun;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RunFolderTest {
  private static final int KEEP = 3;

  @TempDir private Path temporary;

  private Path path;
  private RunFolder folder;

  @BeforeEach
  void open() throws IOException {
    path = temporary.resolve("run");
    folder = TestRun.runFolder(path);
  }

  @Test
  void theNewestThreeAndTheBestAreKept() throws IOException {
    commit(1, 1);
    commit(2, 2);
    for (long round = 3; round <= 7; round++) {
      commit(round, 2);
    }
    assertEquals(List.of("2", "5", "6", "7"), rounds());
    assertPointer("latest.json", 7);
    assertPointer("best.json", 2);
  }

  @Test
  void aBetterOneReplacesTheBest() throws IOException {
    commit(1, 1);
    for (long round = 2; round <= 5; round++) {
      commit(round, 1);
    }
    commit(6, 6);
    assertEquals(List.of("4", "5", "6"), rounds());
    assertPointer("best.json", 6);
  }

  @Test
  void withoutValidationThereIsNoBest() throws IOException {
    commit(10, OptionalLong.empty(), 1);
    commit(20, OptionalLong.empty(), 1);
    assertEquals(List.of("20"), rounds());
    assertFalse(Files.exists(path.resolve("best.json")));
    assertPointer("latest.json", 20);
  }

  @Test
  void roundsAreOrderedAsNumbers() throws IOException {
    for (long round : new long[] {8, 9, 10, 11}) {
      commit(round, 8);
    }
    assertEquals(List.of("10", "11", "8", "9"), rounds());
    assertEquals(11, newestRound());
    commit(12, 8);
    assertEquals(List.of("10", "11", "12", "8"), rounds());
  }

  @Test
  void theNewestIsReadAsItWasWritten() throws IOException {
    Checkpoint written = commit(4, 4);
    Checkpoint read = folder.checkpoints().newest().get();
    assertEquals(written.state(), read.state());
    assertEquals(written.model().network(), read.model().network());
    assertEquals(digest(written.model()), digest(read.model()));
  }

  @Test
  void anEmptyFolderHasNoNewest() throws IOException {
    assertTrue(folder.checkpoints().newest().isEmpty());
    assertFalse(folder.isOccupied());
    assertFalse(Files.exists(path), "looking makes nothing");
  }

  @Test
  void anUnfinishedCheckpointIsIgnoredAndRemoved() throws IOException {
    commit(1, 1);
    commit(2, 1);
    Path manifest = checkpoint(2).resolve("manifest.json");
    Files.move(manifest, checkpoint(2).resolve(temporaryName("manifest.json")));
    assertEquals(1, newestRound());
    assertEquals(List.of("1", "2"), rounds());
    folder.checkpoints().removeUnfinished();
    assertEquals(List.of("1"), rounds());
  }

  @Test
  void aTruncatedFileIsNamedWithTheNewestGoodCheckpoint() throws IOException {
    commit(1, 1);
    commit(2, 1);
    commit(3, 1);
    truncate(checkpoint(3).resolve("optimizer.safetensors"));
    truncate(checkpoint(2).resolve("network.yaml"));
    String message = damage();
    assertTrue(message.contains("checkpoints/3/optimizer.safetensors: truncated"), message);
    assertTrue(message.contains("the newest good checkpoint is"), message);
    assertTrue(message.contains("checkpoints/1: remove"), message);
    assertEquals(1, message.lines().count());
    assertEquals(List.of("1", "2", "3"), rounds(), "nothing is deleted");
  }

  @Test
  void anAlteredFileIsNamed() throws IOException {
    commit(1, 1);
    commit(2, 1);
    Path weights = checkpoint(2).resolve("weights.safetensors");
    byte[] content = Files.readAllBytes(weights);
    content[content.length - 1] ^= 1;
    Files.write(weights, content);
    assertTrue(damage().contains("checkpoints/2/weights.safetensors: altered"), damage());
  }

  @Test
  void withoutAGoodCheckpointThatIsSaid() throws IOException {
    commit(1, 1);
    truncate(checkpoint(1).resolve("state.json"));
    assertTrue(damage().endsWith("there is no good checkpoint in " + folder.folder()), damage());
  }

  @Test
  void theModelOfARunIsItsBest() throws IOException {
    commit(1, 1);
    Checkpoint best = commit(2, 2);
    commit(3, 2);
    assertEquals(digest(best.model()), digest(model(path)));
  }

  @Test
  void theModelOfARunWithoutBestIsItsLatest() throws IOException {
    commit(1, OptionalLong.empty(), KEEP);
    Checkpoint latest = commit(2, OptionalLong.empty(), KEEP);
    assertEquals(digest(latest.model()), digest(model(path)));
  }

  @Test
  void aCheckpointIsAModel() throws IOException {
    Checkpoint first = commit(1, 1);
    commit(2, 2);
    assertEquals(digest(first.model()), digest(model(checkpoint(1))));
  }

  @Test
  void whereNoModelIsThatIsSaid() {
    String message =
        assertThrows(IllegalArgumentException.class, () -> model(temporary)).getMessage();
    assertTrue(message.contains(temporary + ": no model here"), message);
  }

  @Test
  void aDamagedModelIsNamedWithTheNewestGoodCheckpoint() throws IOException {
    commit(1, 1);
    commit(2, 2);
    truncate(checkpoint(2).resolve("weights.safetensors"));
    String message = assertThrows(DamagedCheckpointException.class, () -> model(path)).getMessage();
    assertTrue(message.contains("checkpoints/2/weights.safetensors: truncated"), message);
    assertTrue(message.endsWith("checkpoints/1"), message);
  }

  @Test
  void aModelThatIsRemovedWhileItIsReadIsTheOneThatIsNamedByThen() throws IOException {
    commit(1, OptionalLong.of(1), 1);
    Storage storage =
        Meanwhile.before(
            "checkpoints/1/weights.safetensors", () -> commit(2, OptionalLong.of(2), 1));
    Model model = RunFolder.model(storage, Meanwhile.uri(path));
    assertEquals(List.of("2"), rounds());
    assertEquals(digest(checkpoint(2, OptionalLong.of(2)).model()), digest(model));
  }

  @Test
  void aModelThatIsStillNamedAndCannotBeReadIsSaid() throws IOException {
    commit(1, 1);
    Path weights = checkpoint(1).resolve("weights.safetensors");
    Storage storage = Meanwhile.before(weights.toString(), () -> Files.delete(weights));
    String uri = Meanwhile.uri(path);
    String message =
        assertThrows(FileNotFoundException.class, () -> RunFolder.model(storage, uri)).getMessage();
    assertTrue(message.contains("weights.safetensors"), message);
  }

  @Test
  void goingOnFromBeforeTheBestForgetsIt() throws IOException {
    commit(1, OptionalLong.empty(), KEEP);
    commit(2, 2);
    TestRun.STORAGE.delete(folder.checkpoints().folder(2));
    commit(3, OptionalLong.empty(), KEEP);
    assertFalse(Files.exists(path.resolve("best.json")), "it would name a folder that is gone");
    assertEquals(List.of("1", "3"), rounds());
  }

  @Test
  void aRunThatIsTakenOverWhileItWritesCommitsNothing() throws IOException {
    commit(1, 1);
    commitTakenOver(2, "checkpoints/2/state.json");
    assertFalse(folder.checkpoints().holds(2));
    assertPointer("latest.json", 1);
  }

  @Test
  void aRunThatIsTakenOverAsItCommitsMovesNoPointerAndRemovesNothing() throws IOException {
    commit(1, 1);
    commitTakenOver(2, "checkpoints/2/manifest.json");
    assertEquals(List.of("1", "2"), rounds());
    assertPointer("latest.json", 1);
    assertPointer("best.json", 1);
  }

  /** Commits the best and only checkpoint; another run takes the lock before {@code file}. */
  private void commitTakenOver(long round, String file) throws IOException {
    Path lockFile = path.resolve(RunLock.FILE);
    Storage storage = Meanwhile.before(file, () -> Files.writeString(lockFile, "another's"));
    RunFolder there = new RunFolder(storage, storage.path(Meanwhile.uri(path)));
    try (RunLock lock = there.lock()) {
      Checkpoint checkpoint = checkpoint(round, OptionalLong.of(round));
      String message =
          assertThrows(
                  IllegalStateException.class,
                  () -> there.checkpoints().commit(checkpoint, 1, lock))
              .getMessage();
      assertTrue(message.endsWith("was taken over by another run: this one ends"), message);
    }
  }

  @Test
  void clearRemovesWhatRunsHaveWrittenAndNothingElse() throws IOException {
    commit(1, 1);
    folder.saveConfig(TrainingConfig.DEFAULT);
    Files.writeString(path.resolve("notes.txt"), "mine");
    folder.clear();
    assertEquals(List.of("notes.txt"), names(path));
  }

  @Test
  void aLockAloneDoesNotOccupy() throws IOException {
    try (RunLock lock = folder.lock()) {
      assertTrue(lock.isHeld());
      assertFalse(folder.isOccupied());
    }
    folder.removeIfEmpty();
    assertFalse(Files.exists(path));
  }

  @Test
  void aLockThatCannotBeWrittenLeavesNoFolder() {
    Thread.currentThread().interrupt();
    assertThrows(IOException.class, folder::lock);
    assertTrue(Thread.interrupted());
    assertFalse(Files.exists(path));
  }

  @Test
  void whatARunWithoutACheckpointLeavesIsRemoved() throws IOException {
    TrainingConfig config = TrainingConfig.read("defaults", "", List.of());
    try (RunLock lock = folder.lock()) {
      folder.saveConfig(config);
      folder.removeIfNothingIsCommitted(lock, Set.of());
      assertFalse(folder.isOccupied());
      folder.saveConfig(config);
      Set<String> before = folder.ownFiles();
      folder.saveOrigin(Optional.of(new Origin("m", "0".repeat(64), List.of(), List.of())));
      folder.removeIfNothingIsCommitted(lock, before);
      assertEquals(Set.of("config.yaml"), folder.ownFiles());
      commit(1, OptionalLong.of(1), KEEP, lock);
      folder.removeIfNothingIsCommitted(lock, Set.of());
      assertTrue(folder.checkpoints().holds(1));
      assertTrue(Files.exists(path.resolve("config.yaml")));
    }
  }

  @Test
  void aFileIsNoFolder() throws IOException {
    Files.writeString(path, "a file");
    for (Path place : List.of(path, path.resolve("below"), path.resolve("far/below"))) {
      RunFolder wrong = TestRun.runFolder(place);
      String message =
          assertThrows(IllegalArgumentException.class, wrong::checkIsFolder).getMessage();
      assertTrue(message.contains(path + " is a file"), message);
    }
  }

  @Test
  void aFolderOfOtherFilesIsRefusedUnlessARunIsAmongThem() throws IOException {
    folder.checkIsNotForeign();
    Files.createDirectories(path);
    Files.writeString(path.resolve(".hidden"), "x");
    folder.checkIsNotForeign();
    Files.writeString(path.resolve("dataset.json"), "{}");
    String message =
        assertThrows(IllegalArgumentException.class, folder::checkIsNotForeign).getMessage();
    assertTrue(message.contains("is no run (it holds dataset.json)"), message);
    commit(1, 1);
    folder.checkIsNotForeign();
  }

  private Checkpoint commit(long round, long best) throws IOException {
    return commit(round, OptionalLong.of(best), KEEP);
  }

  private Checkpoint commit(long round, OptionalLong best, int keep) throws IOException {
    try (RunLock lock = folder.lock()) {
      return commit(round, best, keep, lock);
    }
  }

  private Checkpoint commit(long round, OptionalLong best, int keep, RunLock lock)
      throws IOException {
    Checkpoint checkpoint = checkpoint(round, best);
    folder.checkpoints().commit(checkpoint, keep, lock);
    return checkpoint;
  }

  /** Weights of its own for each round. */
  private static Checkpoint checkpoint(long round, OptionalLong best) {
    NetworkSpec network = TestData.network().withClassNames(TestData.CLASSES);
    TrainingConfig config = TrainingConfig.DEFAULT;
    Parameters parameters = Parameters.initial(network.layout(), round);
    RunState state =
        new RunState(
            new RunState.Progress(round, (int) round, 0, 10 * round, 100 * round),
            new RunState.Provenance("f", Optional.of("o1"), 1, "scalar", "0.1.0"),
            config,
            RunState.EpochSums.NONE,
            Optional.empty(),
            best.isPresent()
                ? Optional.of(new RunState.Best(best.getAsLong(), 0.5))
                : Optional.empty(),
            Optional.empty(),
            WeightsDigest.of(parameters));
    return new Checkpoint(
        new Model(network, parameters),
        config.optimizer().newState(network.layout().trainableSize()),
        AveragingState.NONE,
        state);
  }

  private long newestRound() throws IOException {
    return folder.checkpoints().newest().get().state().progress().round();
  }

  private String damage() {
    return assertThrows(DamagedCheckpointException.class, folder.checkpoints()::newest)
        .getMessage();
  }

  private static Model model(Path place) throws IOException {
    return RunFolder.model(TestRun.STORAGE, place.toString());
  }

  private static String digest(Model model) {
    return WeightsDigest.of(model.parameters());
  }

  private static void truncate(Path file) throws IOException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
      channel.truncate(channel.size() - 1);
    }
  }

  private void assertPointer(String file, long round) throws IOException {
    org.apache.hadoop.fs.Path pointer = TestRun.STORAGE.path(path.resolve(file).toString());
    assertEquals(
        new RunCheckpoints.Pointer("checkpoints/" + round, round),
        TestRun.STORAGE.readJson(pointer, RunCheckpoints.Pointer.class, 10_000));
  }

  private Path checkpoint(long round) {
    return path.resolve("checkpoints/" + round);
  }

  private List<String> rounds() throws IOException {
    return names(path.resolve("checkpoints"));
  }

  private static String temporaryName(String file) {
    return Storage.temporary(new org.apache.hadoop.fs.Path("/" + file)).getName();
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
