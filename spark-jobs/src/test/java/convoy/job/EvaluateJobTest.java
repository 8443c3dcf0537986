package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import convoy.dataprep.ImageDataset;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluateJobTest {
  @TempDir private static Path shared;

  private static TrainedModel trained;
  private static String data;
  private static String otherClasses;
  private static Path model;

  @TempDir private Path temporary;

  @BeforeAll
  static void train() throws IOException {
    trained = TrainedModel.in(shared.resolve("trained"));
    data = trained.data();
    model = trained.model();
    Path source = TestData.source(shared.resolve("b"), 7, 12, 3);
    Files.writeString(source.resolve("batches.meta.txt"), "ant\nbee\ndog\n");
    Path out = shared.resolve("dogs");
    JobCall.of(new PrepareJob(), "--source", source.toString(), "--out", out.toString());
    otherClasses = out.toString();
  }

  @BeforeEach
  void useLocalSpark() {
    TestSpark.useLocal(2);
  }

  @Test
  void anEvaluationIsReportedAsTableAndAsJson() throws IOException {
    Path json = temporary.resolve("result.json");
    JobCall call = TrainedModel.evaluate(model.toString(), data, "--json", json.toString());
    assertEquals(0, call.status(), call.err());
    List<String> lines = call.out().lines().toList();
    assertTrue(lines.get(0).startsWith("37 images  loss "), call.out());
    for (String name : TestData.CLASSES) {
      assertTrue(lines.stream().anyMatch(line -> line.startsWith(name + " ")), call.out());
    }

    JsonNode result = JobCall.json(json);
    Set<String> keys = new HashSet<>();
    result.fieldNames().forEachRemaining(keys::add);
    assertTrue(
        keys.containsAll(
            Set.of(
                "images",
                "loss",
                "accuracy",
                "top5Accuracy",
                "confusionMatrix",
                "imagesPerSecond")),
        keys.toString());
    assertEquals(37, result.get("images").intValue());
    int counted = 0;
    for (JsonNode row : result.get("confusionMatrix")) {
      for (JsonNode count : row) {
        counted += count.intValue();
      }
    }
    assertEquals(37, counted);
  }

  @Test
  void modelsAndViewsAreEvaluatedTogetherAndCompared() throws IOException {
    Path json = temporary.resolve("result.json");
    String first = model.resolve("checkpoints/1").toString();
    JobCall call =
        trained.evaluateTwo(first, "clean", "--mean-of-views", "--json", json.toString());
    assertEquals(0, call.status(), call.err());
    JsonNode result = JobCall.json(json);
    JsonNode alone = JobCall.json(alone(first));
    for (String key : List.of("loss", "accuracy", "brierScore", "confusionMatrix", "classes")) {
      assertEquals(alone.get(key), result.get(key), key);
    }
    assertEquals(2, result.get("models").size());
    JsonNode second = result.get("models").get(1);
    assertEquals(model.toString(), second.get("model").textValue());
    assertEquals("mean", second.get("views").get(2).get("view").textValue());
    assertEquals(
        JobCall.json(alone(model.toString())).get("loss"), second.get("views").get(0).get("loss"));
    assertEquals(3, result.get("comparisons").size());
    assertTrue(call.out().contains("McNemar's test p = "), call.out());
  }

  /** Its one activation takes 5 GB a task. */
  @Test
  void modelsThatNoHeapCanHoldAreRefusedBeforeTheWorkBegins() throws IOException {
    String yaml =
        """
        name: wide
        input: {height: 32, width: 32, channels: 3}
        layers: [convolution: {filters: 40000, kernel: 1}, globalAveragePooling, flatten, dense: {units: 3}]
        """;
    Path wide = TestModel.write(temporary.resolve("wide"), yaml, new float[40_000 * 7 + 3]);
    JobCall call = TrainedModel.evaluate(model.toString(), data, "--model", wide.toString());
    TrainedModel.assertRefused(call, "evaluation needs about ");
    TrainedModel.assertRefused(
        call, " MB: raise --driver-memory, or evaluate fewer models at once");
  }

  private Path alone(String checkpoint) {
    Path json = temporary.resolve("alone" + Path.of(checkpoint).getFileName() + ".json");
    assertEquals(0, TrainedModel.evaluate(checkpoint, data, "--json", json.toString()).status());
    return json;
  }

  @Test
  void whatWouldMixOrCountTwiceIsRefused() {
    TrainedModel.assertRefused(
        TrainedModel.evaluate(model.toString(), data, "--model", model + "/"),
        "a --model is given twice");
    String out = temporary.resolve("out").toString();
    TrainedModel.assertRefused(
        TrainedModel.evaluate(
            model.toString(), data, "--predictions", out, "--report", out + "/page.html"),
        "would lie in the folder of --predictions");
  }

  @Test
  void viewsThatAreNoneAreRefused() {
    TrainedModel.assertRefused(
        TrainedModel.evaluate(model.toString(), data, "--view", "flop"), "did you mean flip?");
    TrainedModel.assertRefused(
        TrainedModel.evaluate(model.toString(), data, "--mean-of-views"),
        "wants two views or more");
    TrainedModel.assertRefused(
        TrainedModel.evaluate(model.toString(), data, "--view", "flip", "--view", "flip"),
        "given twice");
  }

  @Test
  void theTrainingImagesCanBeEvaluatedToo() {
    JobCall call = TrainedModel.evaluate(model.toString(), data, "--split", "train");
    assertEquals(0, call.status(), call.err());
    assertTrue(call.out().startsWith("61 images"), call.out());
  }

  @Test
  void aCheckpointIsAModel() {
    JobCall call = TrainedModel.evaluate(model.resolve("checkpoints/1").toString(), data);
    assertEquals(0, call.status(), call.err());
  }

  @Test
  void otherClassesAreRefused() {
    TrainedModel.assertRefused(
        TrainedModel.evaluate(model.toString(), otherClasses), "[ant, bee, dog]");
  }

  @Test
  void anUnknownSplitIsRefused() {
    TrainedModel.assertRefused(
        TrainedModel.evaluate(model.toString(), data, "--split", "validation"),
        "unknown split 'validation'");
  }

  @Test
  void aMissingModelIsRefused() {
    TrainedModel.assertRefused(
        TrainedModel.evaluate(temporary.resolve("none").toString(), data), "none: no model here");
  }

  @Test
  void missingDataAreRefused() {
    TrainedModel.assertRefused(
        TrainedModel.evaluate(model.toString(), temporary.resolve("none").toString()),
        "none: no data set here");
  }

  @Test
  void aDamagedModelIsNamed() throws IOException {
    Path broken = Files.createDirectories(temporary.resolve("broken"));
    for (String name : List.of("network.yaml", "weights.safetensors", "manifest.json")) {
      Files.copy(model.resolve("checkpoints/2").resolve(name), broken.resolve(name));
    }
    Files.writeString(broken.resolve("weights.safetensors"), "short");
    TrainedModel.assertRefused(
        TrainedModel.evaluate(broken.toString(), data), "weights.safetensors: truncated");
  }

  @Test
  void aTruncatedFileOfADataSetIsNamed() throws IOException {
    ImageDataset dataset = TestData.dataset(TestSpark.local(2), temporary, 7, 12, 3);
    TestSpark.stop();
    Path folder = Path.of(dataset.folder().toUri());
    Path file;
    try (Stream<Path> files = Files.list(folder.resolve("parts/1/test"))) {
      file = files.filter(path -> path.toString().endsWith(".parquet")).findFirst().orElseThrow();
    }
    byte[] whole = Files.readAllBytes(file);
    Files.write(file, Arrays.copyOf(whole, whole.length / 2));
    TrainedModel.assertRefused(
        TrainedModel.evaluate(model.toString(), folder.toString()),
        file.getFileName() + " can't be read; is the file complete?");
  }
}
