package convoy.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.TestSpark;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Trainings on a standalone Spark and HDFS whose driver, a process of bin/convoy, is killed or told
 * to end, and that go on with {@code --resume}: they end with the bits of one without a fault.
 */
@Timeout(600)
class DriverFaultIT {
  private static final int STOPPED = 75;
  private static final int EPOCHS = 3;

  /** After the first epoch's checkpoint, and not the last round of an epoch. */
  private static final Pattern IN_LATER_EPOCH = Pattern.compile("epoch 2, round [45]: train");

  private static final Pattern IN_LAST_EPOCH = Pattern.compile("epoch 3, round \\d: train");

  private static Rig rig;

  @BeforeAll
  static void start() {
    rig = Rig.get();
  }

  @AfterEach
  void stop() {
    TestSpark.stop();
  }

  @Test
  void aDriverKilledInARoundGoesOnFromTheLastCheckpoint() throws Exception {
    String run = "/killed-driver";
    try (ConvoyProcess process = start(run)) {
      process.awaitTasksOf(IN_LATER_EPOCH);
      process.driver().destroyForcibly();
      process.status();
    }
    assertEquals(List.of("3"), rig.hdfs().names(run + "/checkpoints"));
    assertTrue(rig.hdfs().names(run).contains("run.lock"), "nobody was there to give it up");
    resume(run);
  }

  @Test
  void aDriverKilledWhileItWritesACheckpointGoesOnFromTheOneBefore() throws Exception {
    String run = "/killed-writer";
    String half = run + "/checkpoints/6";
    try (ConvoyProcess process = startBlocked(run, ".*/checkpoints/6/optimizer.safetensors")) {
      process.await("half a file", () -> rig.hdfs().names(half).contains("optimizer.safetensors"));
      process.driver().destroyForcibly();
      process.status();
    }
    try (ConvoyProcess process = startBlocked(run, ".*/checkpoints/6/[.]manifest.json.*")) {
      process.await(
          "half a manifest",
          () -> rig.hdfs().names(half).stream().anyMatch(name -> name.contains("manifest")));
      process.driver().destroyForcibly();
      process.status();
    }
    try (ConvoyProcess process = startBlocked(run, ".*/[.]latest.json.*")) {
      process.await(
          "half a pointer",
          () -> rig.hdfs().names(run).stream().anyMatch(name -> name.startsWith(".latest.json")));
      process.driver().destroyForcibly();
      process.status();
    }
    assertTrue(rig.hdfs().names(half).contains("manifest.json"), "it is committed all the same");
    resume(run);
  }

  @Test
  void sigtermFinishesARoundThatFitsAndCancelsOneThatDoesNot() throws Exception {
    String run = "/stopped";
    try (ConvoyProcess process = start(run, "--set", "stopWithin=200")) {
      process.awaitTasksOf(IN_LATER_EPOCH);
      process.launcher().destroy();
      assertEquals(STOPPED, process.status(), process.output());
      assertTrue(process.output().contains("convoy train: stopped after round "));
    }
    List<String> kept = rig.hdfs().names(run + "/checkpoints");
    assertTrue(kept.contains("4") || kept.contains("5"), kept.toString());
    assertFalse(rig.hdfs().names(run).contains("run.lock"));

    try (ConvoyProcess process = start(run, "--resume", "--set", "stopWithin=0")) {
      process.awaitTasksOf(Pattern.compile("epoch 2, round \\d: train"));
      process.launcher().destroy();
      assertEquals(STOPPED, process.status(), process.output());
      assertTrue(process.output().contains("convoy train: stopped in the middle of its work; "));
    }
    assertEquals(kept, rig.hdfs().names(run + "/checkpoints"), "the last commit stays");

    resume(run);
  }

  /** Ctrl-C goes to every process of the terminal; the launcher tells its driver, too. */
  @Test
  void ctrlCStopsLauncherAndDriverOnce() throws Exception {
    String run = "/interrupted";
    try (ConvoyProcess process = start(run, "--set", "stopWithin=200")) {
      process.awaitTasksOf(IN_LATER_EPOCH);
      String launcher = Long.toString(process.launcher().pid());
      String driver = Long.toString(process.driver().pid());
      new ProcessBuilder("kill", "-INT", launcher, driver).start().waitFor();
      assertEquals(STOPPED, process.status(), process.output());
      assertTrue(process.output().contains("convoy train: stopped after round "));
    }
  }

  private static ConvoyProcess start(String run, String... more) throws Exception {
    return rig.start(":", Map.of(), rig.hdfs().uri(run), EPOCHS, more);
  }

  /** Starts a training, or goes on with one, whose writing of a file is held in its middle. */
  private static ConvoyProcess startBlocked(String run, String file) throws Exception {
    return rig.start(":", Rig.blocking(file), rig.hdfs().uri(run), EPOCHS, "--resume");
  }

  private static void resume(String run) throws Exception {
    rig.useCluster(Map.of());
    Rig.done(rig.train(rig.hdfs().uri(run), EPOCHS, "--resume"));
    rig.assertWhole(run, EPOCHS);
  }
}
