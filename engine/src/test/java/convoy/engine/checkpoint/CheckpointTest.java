package convoy.engine.checkpoint;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;
import convoy.engine.optimizer.OptimizerState;
import convoy.engine.training.AveragingState;
import convoy.engine.training.TrainingConfig;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CheckpointTest {
  private static final AveragingState NONE = AveragingState.NONE;

  /** With which each file is written that can be. */
  private static final String AVERAGED = "averaging={outer: {momentum: 0.9}, movingAverage: 0.5}";

  private static final NetworkSpec NETWORK =
      NetworkSpec.fromYaml(
          "test",
          """
          name: tiny
          input: {height: 4, width: 4, channels: 3}
          classes: [cat, "no", dog]
          layers:
            - scaling: {deviation: 255}
            - convolution: {filters: 2, kernel: 3}
            - relu
            - flatten
            - dense: {units: 3}
          """);

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
  void everyTruncationOfEveryFileIsNamed() throws IOException {
    MemoryFolder folder = written(checkpoint(AVERAGED));
    for (String name : List.copyOf(folder.files.keySet())) {
      byte[] whole = folder.files.get(name);
      for (int length = 0; length < whole.length - 1; length++) {
        folder.files.put(name, Arrays.copyOf(whole, length));
        assertRefused(folder, "memory/" + name + ": ");
      }
      folder.files.remove(name);
      assertRefused(folder, "memory/" + name + ": missing");
      folder.files.put(name, whole);
    }
    Checkpoint.read(folder);
  }

  @Test
  void everyAlteredByteIsNamed() throws IOException {
    MemoryFolder folder = written(checkpoint(AVERAGED));
    for (String name : List.copyOf(folder.files.keySet())) {
      byte[] bytes = folder.files.get(name);
      for (int i = 0; i < bytes.length; i++) {
        bytes[i] ^= 1;
        String file = name.equals(Manifest.NAME) ? "memory/" : "memory/" + name + ": altered: ";
        assertRefused(folder, file);
        bytes[i] ^= 1;
      }
    }
    Checkpoint.read(folder);
  }

  @Test
  void truncationSaysBothLengths() throws IOException {
    MemoryFolder folder = written(checkpoint("seed=0"));
    byte[] weights = folder.files.get("weights.safetensors");
    folder.files.put("weights.safetensors", Arrays.copyOf(weights, 100));
    assertEquals(
        "memory/weights.safetensors: truncated: 100 bytes, manifest.json says " + weights.length,
        assertThrows(DamagedCheckpointException.class, () -> Checkpoint.read(folder)).getMessage());
  }

  @Test
  void forgedFilesAreRefusedOrReadButNeverCrash() throws IOException {
    MemoryFolder folder = written(checkpoint("seed=0"));
    for (String name : List.of("network.yaml", "state.json", "weights.safetensors")) {
      byte[] bytes = folder.files.get(name);
      for (int i = 0; i < bytes.length; i += 7) {
        byte original = bytes[i];
        for (byte forged : new byte[] {'9', '"', (byte) 0xff}) {
          bytes[i] = forged;
          forgeManifest(folder);
          try {
            Checkpoint.read(folder);
          } catch (IOException e) {
            assertEquals(1, e.getMessage().lines().count(), e.getMessage());
          }
        }
        bytes[i] = original;
      }
    }
  }

  @Test
  void weightsOfAnotherNetworkAreRefused() throws IOException {
    MemoryFolder folder = written(checkpoint("seed=0"));
    String yaml = new String(folder.files.get("network.yaml"), StandardCharsets.UTF_8);
    String other = yaml.replace("filters: 2", "filters: 2000000");
    folder.files.put("network.yaml", other.getBytes(StandardCharsets.UTF_8));
    forgeManifest(folder);
    assertRefused(folder, "memory/weights.safetensors: tensor convolution1/weights has dimensions");
  }

  @Test
  void otherWeightsThanTheStateSaysAreRefused() throws IOException {
    MemoryFolder folder = written(checkpoint("seed=0"));
    byte[] weights = folder.files.get("weights.safetensors");
    weights[weights.length - 1] ^= 1;
    forgeManifest(folder);
    assertRefused(folder, "memory/state.json: weightsDigest is ");
  }

  @Test
  void laterFormatIsNotTakenForDamage() throws IOException {
    MemoryFolder folder = written(checkpoint("seed=0"));
    String json = new String(folder.files.get("state.json"), StandardCharsets.UTF_8);
    String later = json.replace("\"formatVersion\" : 1", "\"formatVersion\" : 2");
    assertNotEquals(json, later);
    folder.files.put("state.json", later.getBytes(StandardCharsets.UTF_8));
    forgeManifest(folder);
    IOException error = assertThrows(IOException.class, () -> Checkpoint.read(folder));
    assertFalse(error instanceof DamagedCheckpointException);
    assertEquals(
        "memory/state.json: formatVersion is 2, this Convoy reads 1; use the Convoy that wrote it",
        error.getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "../state.json|name is no plain file name",
        "/etc/passwd|name is no plain file name",
        ".hidden|name is no plain file name",
        "manifest.json|name is no plain file name",
        "weights.safetensors|weights.safetensors is named twice",
      })
  void manifestNamesPlainFilesOnce(String name, String part) throws IOException {
    MemoryFolder folder = written(checkpoint("seed=0"));
    String json = new String(folder.files.get("manifest.json"), StandardCharsets.UTF_8);
    String forged = json.replace("\"network.yaml\"", "\"" + name + "\"");
    folder.files.put("manifest.json", forged.getBytes(StandardCharsets.UTF_8));
    var error = assertThrows(DamagedCheckpointException.class, () -> Checkpoint.read(folder));
    assertTrue(error.getMessage().startsWith("memory/manifest.json: "), error.getMessage());
    assertTrue(error.getMessage().endsWith(part), error.getMessage());
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

  /** The digest is printed by engine/src/test/python/weights_digest_golden.py. */
  @Test
  void digestIsAsDocumented() {
    Parameters parameters = Parameters.initial(NETWORK.layout(), 0);
    for (int i = 0; i < 83; i++) {
      parameters.values()[i] = i / 8f - 5;
    }
    assertEquals(
        "0ad73e2fff97e428b98ecf5efcfd4aeef1ff8e060a256de8a3c84fdd39cd42af",
        WeightsDigest.of(parameters));
  }

  @Test
  void digestDependsOnEachValue() {
    Parameters parameters = checkpoint("seed=0").model().parameters();
    String digest = WeightsDigest.of(parameters);
    for (int i = 0; i < parameters.values().length; i++) {
      float value = parameters.values()[i];
      parameters.values()[i] = Math.nextUp(value);
      assertNotEquals(digest, WeightsDigest.of(parameters));
      parameters.values()[i] = value;
    }
    assertEquals(digest, WeightsDigest.of(parameters));
  }

  private static Checkpoint checkpoint(String setting) {
    TrainingConfig config = TrainingConfig.DEFAULT.with(setting);
    Parameters parameters = Parameters.initial(NETWORK.layout(), 5);
    OptimizerState optimizer =
        new OptimizerState(
            new float[config.carriedSlots().size()][NETWORK.layout().trainableSize()], 0);
    for (float[] slot : optimizer.slots()) {
      for (int i = 0; i < slot.length; i++) {
        slot[i] = 1f / (i + 3);
      }
    }
    RunState state =
        new RunState(
            new RunState.Progress(7, 2, 50, 1_250, 160_000),
            new RunState.Provenance("ab12", 1, "scalar", "0.1.0"),
            config,
            new RunState.EpochSums(6_400, 0.1 + 0.2, 5_000),
            Optional.of(
                new RunState.EpochMetrics(
                    1.25, 0.5, Optional.of(new RunState.Validation(0.1 + 0.2, 0.625)))),
            Optional.of(new RunState.Best(6, 0.75)),
            WeightsDigest.of(parameters));
    AveragingState averaging = config.averaging().newState(NETWORK.layout());
    for (float[] values : List.of(averaging.outerMomentum(), averaging.movingAverage())) {
      for (int i = 0; i < values.length; i++) {
        values[i] = 0.1f * i;
      }
    }
    return new Checkpoint(new Model(NETWORK, parameters), optimizer, averaging, state);
  }

  private static MemoryFolder written(Checkpoint checkpoint) throws IOException {
    MemoryFolder folder = new MemoryFolder();
    checkpoint.write(folder);
    return folder;
  }

  /** Writes the manifest anew, so that the folder's files pass for genuine. */
  private static void forgeManifest(MemoryFolder folder) throws IOException {
    folder.files.remove(Manifest.NAME);
    List<Manifest.Entry> entries = new ArrayList<>();
    for (String name : List.copyOf(folder.files.keySet())) {
      byte[] bytes = folder.files.remove(name);
      entries.add(Manifest.store(folder, name, out -> out.write(bytes)));
      folder.files.put(name, bytes);
    }
    new Manifest(entries).write(folder);
  }

  private static void assertRefused(MemoryFolder folder, String start) {
    IOException error = assertThrows(IOException.class, () -> Checkpoint.read(folder));
    assertTrue(error.getMessage().startsWith(start), error.getMessage());
    assertFalse(error.getMessage().contains("Feature"), error.getMessage());
    assertEquals(1, error.getMessage().lines().count(), error.getMessage());
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
