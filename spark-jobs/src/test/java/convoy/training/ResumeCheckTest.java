package convoy.training;

import static org.junit.jupiter.api.Assertions.assertDoesNotThrow;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.TestData;
import convoy.engine.checkpoint.RunState;
import convoy.engine.network.NetworkSpec;
import convoy.engine.training.TrainingConfig;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ResumeCheckTest {
  private static final RunState.Provenance PROVENANCE =
      new RunState.Provenance("f1", Optional.of("o1"), 4, "vector", "0.1.0");

  private final TrainingConfig config = TrainingConfig.DEFAULT;
  private final NetworkSpec network = TestData.network();
  private final ResumeCheck check = check(config);

  private ResumeCheck check(TrainingConfig old) {
    return new ResumeCheck(
        new RunState(
            new RunState.Progress(1, 1, 0, 1, 1),
            PROVENANCE,
            old,
            RunState.EpochSums.NONE,
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            "0".repeat(64)),
        network);
  }

  @Test
  void theSameIsAccepted() {
    assertDoesNotThrow(() -> check.check(config, network, PROVENANCE, false));
  }

  @Test
  void whatHasNoPartInTheWeightsMayChange() {
    for (String setting :
        new String[] {
          "epochs=9",
          "keepCheckpoints=1",
          "checkpointEvery=2",
          "validateEvery=2",
          "threadsPerReplica=2",
          "waitForExecutorsSeconds=1",
          "stopWithin=1"
        }) {
      assertDoesNotThrow(() -> check.check(config.with(setting), network, PROVENANCE, false));
    }
  }

  @Test
  void anotherSettingIsNamedWithOldAndNewValue() {
    assertEquals(
        "--resume wants the settings of the run (--config with its config.yaml): "
            + "shards was 4, now 5",
        refusal(config.with("shards=5"), network, PROVENANCE));
    assertEquals(
        "--resume wants the settings of the run (--config with its config.yaml): "
            + "batchSize was 32, now 8; seed was 0, now 2; averaging.everySteps was 0, now 3",
        refusal(
            config.with("batchSize=8", "seed=2", "averaging.everySteps=3"), network, PROVENANCE));
    String optimizer = refusal(config.with("optimizer=sgd"), network, PROVENANCE);
    assertTrue(optimizer.contains("optimizer was {\"adam\""), optimizer);
  }

  @Test
  void epochsUnderAScheduleThatSpansThemAreNamedWithTheReason() {
    TrainingConfig scheduled = config.with("schedule=oneCycle");
    assertEquals(
        "--resume wants the settings of the run (--config with its config.yaml): "
            + "epochs was 5, now 9; schedule oneCycle spans all epochs of the run",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    check(scheduled).check(scheduled.with("epochs=9"), network, PROVENANCE, false))
            .getMessage());
  }

  @Test
  void anotherNetworkIsNamed() {
    NetworkSpec other =
        NetworkSpec.fromYaml("other", TestData.NETWORK.replace("name: tiny", "name: other"));
    String message = refusal(config, other, PROVENANCE);
    assertTrue(message.contains("tiny") && message.contains("--network other"), message);
  }

  @Test
  void otherDataIsNamedByFingerprint() {
    RunState.Provenance now =
        new RunState.Provenance("f2", Optional.of("o1"), 4, "vector", "0.1.0");
    assertEquals(
        "--resume wants the data of the run, fingerprint f1: that of --data is f2",
        refusal(config, network, now));
  }

  @Test
  void theSameImagesInAnotherOrderAreOtherData() {
    RunState.Provenance now =
        new RunState.Provenance("f1", Optional.of("o2"), 4, "vector", "0.1.0");
    assertEquals(
        "--resume wants the data of the run: --data has the same images in another order, as"
            + " another --seed or other parts give",
        refusal(config, network, now));
  }

  @Test
  void otherNumericsWantAFlag() {
    for (RunState.Provenance now :
        new RunState.Provenance[] {
          new RunState.Provenance("f1", Optional.of("o1"), 5, "vector", "0.1.0"),
          new RunState.Provenance("f1", Optional.of("o1"), 4, "scalar", "0.1.0")
        }) {
      String message = refusal(config, network, now);
      assertTrue(message.contains("vector kernels, numerics version 4"), message);
      assertTrue(message.contains("add --accept-numerics"), message);
      assertDoesNotThrow(() -> check.check(config, network, now, true));
    }
  }

  @Test
  void anotherVersionOfTheProgramIsAccepted() {
    RunState.Provenance now =
        new RunState.Provenance("f1", Optional.of("o1"), 4, "vector", "0.2.0");
    assertDoesNotThrow(() -> check.check(config, network, now, false));
  }

  private String refusal(TrainingConfig config, NetworkSpec network, RunState.Provenance now) {
    return assertThrows(
            IllegalArgumentException.class, () -> check.check(config, network, now, false))
        .getMessage();
  }
}
