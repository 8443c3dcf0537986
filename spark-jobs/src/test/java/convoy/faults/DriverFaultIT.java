package convoy.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.TrainingRequest.Existing;
import java.io.IOException;
import java.util.List;
import java.util.Map;
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
  private static final String ROUND = "epoch 2, round 4";

  private static Rig rig;

  @BeforeAll
  static void start() {
    rig = Rig.get();
  }

  @AfterEach
  void open() throws IOException {
    rig.gate().open();
  }

  @Test
  void aDriverKilledInARoundGoesOnFromTheLastCheckpoint() throws Exception {
    String run = "/killed-driver";
    try (ConvoyProcess process = startHeld(ROUND, run)) {
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
    try (ConvoyProcess process = startHeld(ROUND, run, "--set", "stopWithin=200")) {
      process.launcher().destroy();
      awaitStopped(process);
    }
    List<String> kept = List.of("3", "4");
    assertEquals(kept, rig.hdfs().names(run + "/checkpoints"));
    assertFalse(rig.hdfs().names(run).contains("run.lock"));

    try (ConvoyProcess process =
        startHeld("epoch 2, round 5", run, "--resume", "--set", "stopWithin=0")) {
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
    try (ConvoyProcess process = startHeld(ROUND, "/interrupted", "--set", "stopWithin=200")) {
      String launcher = Long.toString(process.launcher().pid());
      String driver = Long.toString(process.driver().pid());
      new ProcessBuilder("kill", "-INT", launcher, driver).start().waitFor();
      awaitStopped(process);
    }
  }

  /** Lets the round that is held come to its end, once the driver has been told to stop. */
  private static void awaitStopped(ConvoyProcess process) throws Exception {
    process.await("stop", () -> process.output().contains("stopping: the round may take"));
    rig.gate().open();
    assertEquals(STOPPED, process.status(), process.output());
    assertTrue(process.output().contains("convoy train: stopped after round 4"), process.output());
  }

  /** Starts a training, or goes on with one; returns when a task of a round is held. */
  private static ConvoyProcess startHeld(String round, String run, String... more)
      throws Exception {
    rig.gate().close(round);
    ConvoyProcess process = rig.start(":", Map.of(), rig.hdfs().uri(run), EPOCHS, more);
    process.await("task of " + round, rig.gate()::isReached);
    return process;
  }

  /** Starts a training, or goes on with one, whose writing of a file is held in its middle. */
  private static ConvoyProcess startBlocked(String run, String file) throws Exception {
    return rig.start(":", Rig.blocking(file), rig.hdfs().uri(run), EPOCHS, "--resume");
  }

  private static void resume(String run) throws Exception {
    rig.train(rig.session(), rig.hdfs().uri(run), EPOCHS, Existing.RESUME);
    rig.assertWhole(run, EPOCHS);
  }
}
