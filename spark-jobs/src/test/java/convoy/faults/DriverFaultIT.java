package convoy.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.training.TrainingRequest.Existing;
import java.io.IOException;
import java.util.List;
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
    assertResumes(List.of(2, 3), run);
  }

  @Test
  void aDriverKilledWhileItWritesACheckpointGoesOnFromTheOneBefore() throws Exception {
    String run = "/killed-writer";
    String half = run + "/checkpoints/6";
    killAt(".*/checkpoints/6/optimizer.safetensors", run);
    assertTrue(rig.hdfs().names(half).contains("optimizer.safetensors"), "half of it");
    killAt(".*/checkpoints/6/[.]manifest.json.*", run);
    assertFalse(rig.hdfs().names(half).contains("manifest.json"));
    killAt(".*/[.]latest.json.*", run);
    assertTrue(rig.hdfs().names(half).contains("manifest.json"), "it is committed all the same");
    assertResumes(List.of(3), run);
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
    assertResumes(List.of(2, 3), run);
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

  /** Starts a training, or goes on with one, and kills its driver in the middle of a file. */
  private static void killAt(String file, String run) throws Exception {
    try (ConvoyProcess process = startHeld(file, run, "--resume")) {
      process.driver().destroyForcibly();
      process.status();
    }
  }

  /** Starts a training, or goes on with one; returns when it is held in a round or a file. */
  private static ConvoyProcess startHeld(String where, String run, String... more)
      throws Exception {
    rig.gate().close(where);
    ConvoyProcess process = rig.start(":", rig.hdfs().uri(run), EPOCHS, more);
    process.await("training in the middle of " + where, rig.gate()::isReached);
    return process;
  }

  /** Goes on without a gate, and trains those epochs. */
  private static void assertResumes(List<Integer> epochs, String run) throws Exception {
    rig.gate().open();
    assertEquals(epochs, rig.train(rig.hdfs().uri(run), EPOCHS, Existing.RESUME));
    rig.assertWhole(run, EPOCHS);
  }
}
