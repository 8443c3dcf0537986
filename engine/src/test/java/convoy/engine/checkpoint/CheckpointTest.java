package convoy.engine.checkpoint;

import static convoy.engine.checkpoint.TestCheckpoints.AVERAGED;
import static convoy.engine.checkpoint.TestCheckpoints.NETWORK;
import static convoy.engine.checkpoint.TestCheckpoints.checkpoint;
import static convoy.engine.checkpoint.TestCheckpoints.forgeManifest;
import static convoy.engine.checkpoint.TestCheckpoints.written;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.optimizer.OptimizerState;
import convoy.engine.training.AveragingState;
import convoy.engine.training.TrainingConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
  private static final AveragingState NONE = AveragingState.NONE;

  @Test
  void checkpointComesBackAsWritten(@TempDir Path folder) throws IOException {
    Checkpoint written = checkpoint("optimizer=adam");
    CheckpointFolder run = new LocalCheckpointFolder(folder.resolve("checkpoints/000007"));
    assertFalse(Manifest.isIn(run));
    written.write(run);
    assertTrue(Manifest.isIn(run));
    assertSame(written, Checkpoint.read(run));
    assertEquals(written.state(), Checkpoint.readState(run));
    Model model = Checkpoint.readModel(run);
    assertEquals(NETWORK, model.network());
    assertArrayEquals(written.model().parameters().values(), model.parameters().values());
  }

  @ParameterizedTest
  @ValueSource(strings = {"optimizer=sgd", "optimizer={sgd: {momentum: 0.9}}"})
  void everyOptimizerComesBackAsWritten(String optimizer) throws IOException {
    Checkpoint written = checkpoint(optimizer);
    assertSame(written, Checkpoint.read(written(written)));
  }

  @Test
  void whatAveragingCarriesComesBackAsWritten() throws IOException {
    Checkpoint written = checkpoint(AVERAGED);
    assertEquals(83, written.averagingState().outerMomentum().length);
    assertSame(written, Checkpoint.read(written(written)));
  }

  @Test
  void ofAnOptimizerThatStartsAnewNothingIsWritten() throws IOException {
    Checkpoint written = checkpoint("averaging.optimizerState=reset");
    assertEquals(0, written.optimizerState().slots().length);
    assertSame(written, Checkpoint.read(written(written)));
  }

  @Test
  void theModelHasTheMovingAverageWhereThereIsOne() throws IOException {
    Checkpoint written = checkpoint("averaging.movingAverage=0.5");
    Model model = Checkpoint.readModel(written(written));
    assertArrayEquals(written.averagingState().movingAverage(), model.parameters().values());
  }

  @Test
  void aCheckpointFromBeforeThereWereSuchSettingsIsRead() throws IOException {
    MemoryFolder folder = written(checkpoint("seed=0"));
    String json = new String(folder.files.get("state.json"), StandardCharsets.UTF_8);
    String old =
        json.replaceAll(
            "\"averaging\" : \\{(?s:.*?\\n    )\\}", "\"averaging\" : {\"everySteps\" : 0}");
    assertNotEquals(json, old);
    folder.files.put("state.json", old.getBytes(StandardCharsets.UTF_8));
    forgeManifest(folder);
    assertEquals(TrainingConfig.DEFAULT, Checkpoint.read(folder).state().config());
  }

  @Test
  void stateWithoutMetricsComesBackAsWritten() throws IOException {
    Checkpoint first = checkpoint("seed=0");
    RunState state = first.state();
    for (Optional<RunState.EpochMetrics> metrics :
        List.of(
            Optional.<RunState.EpochMetrics>empty(),
            Optional.of(new RunState.EpochMetrics(0.1, 0.2, Optional.empty())))) {
      RunState bare =
          new RunState(
              state.progress(),
              state.provenance(),
              state.config(),
              state.epochSums(),
              metrics,
              Optional.empty(),
              Optional.empty(),
              state.weightsDigest());
      Checkpoint written =
          new Checkpoint(first.model(), first.optimizerState(), first.averagingState(), bare);
      assertEquals(bare, Checkpoint.read(written(written)).state());
    }
  }

  @Test
  void stepsInAnEpochWithoutTheirSumsAreRefused() {
    RunState state = checkpoint("seed=0").state();
    assertEquals(
        "stepInEpoch is 50, and epochSums are of 0 images",
        assertThrows(
                IllegalArgumentException.class,
                () ->
                    new RunState(
                        state.progress(),
                        state.provenance(),
                        state.config(),
                        RunState.EpochSums.NONE,
                        state.metrics(),
                        state.best(),
                        state.waiting(),
                        state.weightsDigest()))
            .getMessage());
  }

  @Test
  void manifestIsWrittenLast() throws IOException {
    MemoryFolder folder = written(checkpoint(AVERAGED));
    assertEquals(
        List.of(
            "network.yaml",
            "weights.safetensors",
            "optimizer.safetensors",
            "outerMomentum.safetensors",
            "movingAverage.safetensors",
            "state.json",
            "manifest.json"),
        List.copyOf(folder.files.keySet()));
  }

  @Test
  void sameCheckpointHasTheSameBytes() throws IOException {
    MemoryFolder first = written(checkpoint("seed=0"));
    MemoryFolder second = written(checkpoint("seed=0"));
    for (String name : first.files.keySet()) {
      assertArrayEquals(first.files.get(name), second.files.get(name), name);
    }
  }

  @Test
  void filesThatExistAreNotOverwritten(@TempDir Path folder) throws IOException {
    CheckpointFolder run = new LocalCheckpointFolder(folder);
    checkpoint("seed=0").write(run);
    assertThrows(FileAlreadyExistsException.class, () -> checkpoint("seed=1").write(run));
    assertEquals(0, Checkpoint.read(run).state().config().seed());
  }

  @Test
  void weightsFileStatesItsLayouts() throws IOException {
    byte[] file = written(checkpoint("seed=0")).files.get("weights.safetensors");
    String text = new String(file, StandardCharsets.UTF_8);
    assertTrue(text.contains("\"layout.convolution\":\"height,width,in,out\""), text);
    assertTrue(text.contains("\"convolution1/weights\":{\"dtype\":\"F32\",\"shape\":[3,3,3,2]"));
    assertTrue(text.contains("\"dense1/weights\":{\"dtype\":\"F32\",\"shape\":[8,3]"));
  }

  @Test
  void partsThatDoNotFitTogetherAreRefused() {
    Checkpoint checkpoint = checkpoint("seed=0");
    Model model = checkpoint.model();
    RunState state = checkpoint.state();
    OptimizerState optimizer = checkpoint.optimizerState();
    assertThrows(
        IllegalArgumentException.class,
        () -> new Checkpoint(model, new OptimizerState(new float[1][83], 0), NONE, state));
    assertThrows(
        IllegalArgumentException.class,
        () -> new Checkpoint(model, new OptimizerState(new float[2][82], 0), NONE, state));
    for (AveragingState other :
        List.of(
            new AveragingState(new float[83], new float[0]),
            new AveragingState(new float[0], new float[83]))) {
      assertThrows(
          IllegalArgumentException.class, () -> new Checkpoint(model, optimizer, other, state));
    }
    model.parameters().values()[0]++;
    assertThrows(
        IllegalStateException.class,
        () -> new Checkpoint(model, optimizer, NONE, state).write(new MemoryFolder()));
  }

  private static void assertSame(Checkpoint expected, Checkpoint actual) {
    assertEquals(expected.model().network(), actual.model().network());
    assertArrayEquals(expected.model().parameters().values(), actual.model().parameters().values());
    assertArrayEquals(expected.optimizerState().slots(), actual.optimizerState().slots());
    assertArrayEquals(
        expected.averagingState().outerMomentum(), actual.averagingState().outerMomentum());
    assertArrayEquals(
        expected.averagingState().movingAverage(), actual.averagingState().movingAverage());
    assertEquals(expected.state(), actual.state());
  }
}
