package convoy.job;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import convoy.dataprep.ImageDataset;
import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Parameters;
import convoy.run.RunFolder;
import convoy.training.TestRun;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TrainJobTest {
  @TempDir private static Path shared;

  private static String data;
  private static String network;

  @TempDir private Path temporary;

  private Path out;

  @BeforeAll
  static void prepare() throws IOException {
    ImageDataset dataset = TestData.dataset(TestSpark.local(2), shared, 7, 61, 9);
    data = dataset.folder().toString();
    network = Files.writeString(shared.resolve("tiny.yaml"), TestData.NETWORK).toString();
    TestSpark.stop();
  }

  @BeforeEach
  void useLocalSpark() {
    TestSpark.useLocal(2);
    out = temporary.resolve("run");
  }

  @Test
  void anEarlyEndIsToldWithItsReason() throws IOException {
    Path json = temporary.resolve("result.json");
    JobCall call =
        train(
            "--set", "epochs=5",
            "--set", "earlyStopping={patience: 1, metric: accuracy, minDelta: 1}",
            "--json", json.toString());
    assertEquals(0, call.status(), call.err());
    String line =
        "stopped early: accuracy 0\\.[0-9]{4}, not bettered by more than 1\\.0; validations since"
            + " then: 1";
    assertTrue(call.out().lines().anyMatch(told -> told.matches(line)), call.out());
    assertEquals(2, JobCall.json(json).get("epochs").intValue());
    assertTrue(JobCall.json(json).get("stoppedEarly").booleanValue());
  }

  @Test
  void aTrainingIsReportedAsLinesAndAsJson() throws IOException {
    Path config = Files.writeString(temporary.resolve("c.yaml"), "epochs: 9\nbatchSize: 8\n");
    Path json = temporary.resolve("result.json");
    JobCall call =
        train("--config", config.toString(), "--set", "epochs=2", "--json", json.toString());
    assertEquals(0, call.status(), call.err());
    assertTrue(call.out().contains("batchSize: 8\n"), "the resolved configuration is printed");
    assertTrue(call.out().contains("epochs: 2\n"), call.out());
    String row = " +[0-9.]+ +[0-9.]+% +[0-9.]+% +[0-9]+( +[0-9.]+ s){3}";
    assertTrue(call.out().lines().anyMatch(line -> line.matches("1/2" + row)), call.out());
    assertTrue(call.out().lines().anyMatch(line -> line.matches("2/2" + row)), call.out());

    JsonNode result = JobCall.json(json);
    Set<String> keys = new HashSet<>();
    result.fieldNames().forEachRemaining(keys::add);
    assertEquals(
        Set.of(
            "rounds",
            "epochs",
            "trainingLoss",
            "trainingAccuracy",
            "validationLoss",
            "validationAccuracy",
            "imagesPerSecond",
            "stoppedEarly",
            "weightsDigest"),
        keys);
    assertEquals(2, result.get("rounds").intValue());
    assertEquals(2, result.get("epochs").intValue());
    String digest = result.get("weightsDigest").textValue();
    assertTrue(call.out().endsWith("weights " + digest + "\n"), call.out());
    assertTrue(Files.exists(out.resolve("checkpoints/2/manifest.json")));
    assertFalse(Files.exists(out.resolve("run.lock")));
  }

  @Test
  void aTaskTakesAsManyCoresAsAReplicaHasThreads() {
    assertRefused(train("--set", "threadsPerReplica=3"), "a task takes 3 cores (spark.task.cpus");
    assertEquals(0, train("--set", "epochs=1", "--set", "threadsPerReplica=2").status());
  }

  @Test
  void theTableHasTheLearningRateWhereItChanges() {
    JobCall call = train("--set", "epochs=1", "--set", "schedule.oneCycle={}", "--set", "shards=1");
    assertEquals(0, call.status(), call.err());
    assertTrue(call.out().contains(" averaging learning rate\n"), call.out());
    assertTrue(
        call.out().lines().anyMatch(line -> line.matches("1/1 .* s +4\\.000e-09")), call.out());
  }

  @Test
  void withoutValidationItsFiguresAreMissing() throws IOException {
    Path json = temporary.resolve("result.json");
    JobCall call =
        train("--set", "validationFraction=0", "--set", "epochs=1", "--json", json.toString());
    assertEquals(0, call.status(), call.err());
    assertFalse(JobCall.json(json).has("validationAccuracy"));
    assertTrue(JobCall.json(json).has("trainingLoss"));
  }

  @Test
  void divergenceEndsWithItsOwnStatus() {
    JobCall call = train("--set", "optimizer={sgd: {learningRate: 1.0e+30}}");
    assertEquals(3, call.status(), call.err());
    assertTrue(
        call.err().matches("convoy train: epoch [12], round [12], shard [0-3]: (?s).*"),
        call.err());
    assertTrue(call.err().contains("learning rate 1.0E30"), call.err());
    assertEquals(1, call.err().lines().count());
  }

  @Test
  void anUnknownKeyNamesTheNearest() {
    assertRefused(train("--set", "shard=2"), "unknown key shard; did you mean shards?");
    assertRefused(train("--set", "averaging.everyStep=2"), "did you mean everySteps?");
  }

  @Test
  void aWrongValueIsNamed() {
    assertRefused(train("--set", "epochs=0"), "epochs is 0, wanted 1 or more");
    assertRefused(train("--set", "epochs"), "wanted key=value");
  }

  @Test
  void aMissingConfigurationIsNamed() {
    assertRefused(train("--config", temporary.resolve("none.yaml").toString()), "none.yaml");
  }

  @Test
  void aConfigurationThatIsNoYamlIsNamedWithTheLine() throws IOException {
    Path config = Files.writeString(temporary.resolve("c.yaml"), "epochs: 2\nshards: [\n");
    assertRefused(train("--config", config.toString()), "c.yaml: no valid YAML at line 2");
  }

  @Test
  void missingDataAreNamed() {
    String none = temporary.resolve("none").toString();
    assertRefused(call("--data", none, "--network", network), none + ": no data set here");
  }

  @Test
  void anUnknownNetworkNamesTheNearest() {
    assertRefused(
        call("--data", data, "--network", "smal"), "unknown network smal; did you mean small?");
  }

  @Test
  void aNetworkThatDoesNotFitTheDataIsRefused() throws IOException {
    String other = TestData.NETWORK.replace("units: 3", "units: 4");
    Path file = Files.writeString(temporary.resolve("four.yaml"), other);
    assertRefused(
        call("--data", data, "--network", file.toString()),
        "network tiny has 4 outputs, but there are 3 classes");
    other = TestData.NETWORK.replace("channels: 3", "channels: 1");
    file = Files.writeString(temporary.resolve("grey.yaml"), other);
    assertRefused(
        call("--data", data, "--network", file.toString()),
        " are 32x32x3, network tiny takes 32x32x1");
  }

  @Test
  void aLayerThatDoesNotFitItsInputIsRefused() throws IOException {
    String other = TestData.NETWORK.replace("kernel: 4", "kernel: 33");
    Path file = Files.writeString(temporary.resolve("large.yaml"), other);
    assertRefused(
        call("--data", data, "--network", file.toString()),
        "network tiny, convolution1: its 33x33 window does not fit an input of 32x32x3");
  }

  @Test
  void fewerImagesThanShardsAreRefused() {
    assertRefused(train("--set", "shards=62"), "training images for 62 shards");
  }

  @Test
  void aTaskThatNoHeapCanHoldIsRefused() {
    JobCall call = train("--set", "batchSize=600000", "--set", "shards=1");
    assertRefused(call, "raise --driver-memory, lower batchSize");
  }

  @Test
  void anExistingRunIsRefusedAndLeftAsItIs() throws IOException {
    assertEquals(0, train("--set", "epochs=1").status());
    String latest = Files.readString(out.resolve("latest.json"));
    JobCall call = train("--set", "epochs=2");
    assertRefusedBesideARun(call, "exists already: add --resume");
    assertEquals(latest, Files.readString(out.resolve("latest.json")));
    assertEquals(0, train("--set", "epochs=2", "--resume").status());
    assertTrue(Files.exists(out.resolve("checkpoints/2/manifest.json")));
  }

  @Test
  void aResumeWithOtherSettingsIsRefusedAndLeavesTheRunAsItIs() throws IOException {
    assertEquals(0, train("--set", "epochs=1").status());
    Map<Path, ByteBuffer> before = files();
    assertRefusedBesideARun(train("--resume", "--set", "shards=3"), "shards was 4, now 3");
    assertEquals(before, files());
  }

  @Test
  void aDamagedCheckpointIsRefusedAndLeftAsItIs() throws IOException {
    assertEquals(0, train("--set", "epochs=1").status());
    Path checkpoint = out.resolve("checkpoints/1");
    for (String name : List.of("weights.safetensors", "optimizer.safetensors", "state.json")) {
      byte[] whole = Files.readAllBytes(checkpoint.resolve(name));
      Files.write(checkpoint.resolve(name), Arrays.copyOf(whole, whole.length - 1));
      Map<Path, ByteBuffer> before = files();
      assertRefusedBesideARun(train("--resume"), checkpoint.resolve(name) + ": truncated");
      assertEquals(before, files());
      whole[whole.length / 2] ^= 1;
      Files.write(checkpoint.resolve(name), whole);
      assertRefusedBesideARun(train("--resume"), checkpoint.resolve(name) + ": altered");
      whole[whole.length / 2] ^= 1;
      Files.write(checkpoint.resolve(name), whole);
    }
  }

  /** A frozen layer stays what it was in the model; one of another size begins anew. */
  @Test
  void aNetworkBeginsWithWhatAModelHasForIt() throws IOException {
    assertEquals(0, train("--set", "epochs=1").status());
    Path first = temporary.resolve("first");
    Files.move(out, first);
    String frozen =
        TestData.NETWORK
            .replace("stride: 4}", "stride: 4, trainable: false}")
            .replace("- dense: {units: 3}", "- dense: {units: 8}\n  - dense: {units: 3}");
    Path file = Files.writeString(temporary.resolve("frozen.yaml"), frozen);
    String[] arguments = {
      "--data",
      data,
      "--network",
      file.toString(),
      "--weights",
      first.toString(),
      "--set",
      "epochs=1",
      "--json",
      temporary.resolve("frozen.json").toString()
    };
    JobCall call = call(arguments);
    assertEquals(0, call.status(), call.err());
    String line =
        "takes 2 of 6 parameters from %s; new: dense1/weights, dense1/bias, dense2/weights,"
            + " dense2/bias";
    assertEquals(
        String.format(line, first), call.out().lines().findFirst().orElseThrow(), call.out());
    JsonNode told = JobCall.json(temporary.resolve("frozen.json")).required("origin");
    assertEquals(first.toString(), told.get("model").textValue());
    assertEquals(2, told.get("taken").size());
    assertEquals("dense1/weights", told.get("initial").get(0).textValue());
    Parameters before = RunFolder.model(TestRun.STORAGE, first.toString()).parameters();
    Parameters after = RunFolder.model(TestRun.STORAGE, out.toString()).parameters();
    assertArrayEquals(
        values(before, "convolution1/weights"), values(after, "convolution1/weights"));

    assertRefusedBesideARun(call(arguments), "exists already: add --resume");
    Files.move(first, temporary.resolve("moved"));
    JobCall resumed =
        call(Stream.concat(Stream.of(arguments), Stream.of("--resume")).toArray(String[]::new));
    assertEquals(0, resumed.status(), "the model is not asked for: " + resumed.err());
    assertEquals(told, JobCall.json(temporary.resolve("frozen.json")).required("origin"));
    assertEquals(told, JobCall.json(out.resolve("origin.json")));
    arguments[5] = out.toString();
    JobCall others =
        call(Stream.concat(Stream.of(arguments), Stream.of("--resume")).toArray(String[]::new));
    assertRefusedBesideARun(others, out + " began with the weights of " + first + ": --resume");
    assertEquals(0, train("--overwrite").status());
    assertFalse(Files.exists(out.resolve("origin.json")), "it began with new weights");
  }

  private static float[] values(Parameters parameters, String name) {
    ParameterLayout.Entry entry = parameters.layout().entry(name);
    return Arrays.copyOfRange(parameters.values(), entry.offset(), entry.offset() + entry.size());
  }

  @Test
  void aModelThatIsOfNoUseIsRefused() throws IOException {
    Path none = temporary.resolve("none");
    assertRefused(train("--weights", none.toString()), none + ": no model here");
    String other =
        "name: other\ninput: {height: 1, width: 1, channels: 1}\nlayers: [flatten, dense: {units: 2}]\n";
    Path model = TestModel.write(temporary.resolve("other"), other, 1, 2, 3, 4);
    assertRefused(
        train("--weights", model.toString()),
        "no parameter of tiny has the name and the sizes of one of other: compare their layers");
  }

  @Test
  void resumeAndOverwriteExcludeEachOther() {
    assertRefused(train("--resume", "--overwrite"), "--resume");
  }

  @Test
  void anOutputThatIsAFileIsRefused() throws IOException {
    Files.writeString(out, "a file");
    for (String option : List.of("--resume", "--overwrite")) {
      JobCall call = train(option);
      assertEquals(2, call.status());
      assertTrue(call.err().contains(out + " is a file"), call.err());
    }
    assertEquals("a file", Files.readString(out));
  }

  /** Checks that a call was refused in one line and left nothing where the run was to go. */
  private void assertRefused(JobCall call, String part) {
    assertRefusedBesideARun(call, part);
    assertFalse(Files.exists(out), "something was left at the destination");
  }

  /** Checks that a call was refused in one line. */
  private static void assertRefusedBesideARun(JobCall call, String part) {
    assertEquals(2, call.status(), call.err());
    assertTrue(call.err().startsWith("convoy train: "), call.err());
    assertTrue(call.err().contains(part), call.err());
    assertEquals(1, call.err().lines().count(), call.err());
    assertEquals("", call.out(), "there is nothing else to read");
  }

  /** All files of the run. */
  private Map<Path, ByteBuffer> files() throws IOException {
    Map<Path, ByteBuffer> files = new TreeMap<>();
    try (Stream<Path> walk = Files.walk(out)) {
      for (Path file : walk.filter(Files::isRegularFile).toList()) {
        files.put(file, ByteBuffer.wrap(Files.readAllBytes(file)));
      }
    }
    return files;
  }

  private JobCall train(String... more) {
    List<String> arguments = new ArrayList<>(List.of("--data", data, "--network", network));
    arguments.addAll(List.of(more));
    return call(arguments.toArray(String[]::new));
  }

  private JobCall call(String... more) {
    List<String> arguments = new ArrayList<>(List.of("--out", out.toString()));
    arguments.addAll(List.of(more));
    return JobCall.of(new TrainJob(), arguments.toArray(String[]::new));
  }
}
