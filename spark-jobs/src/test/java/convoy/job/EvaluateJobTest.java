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

  private static String data;
  private static String otherClasses;
  private static Path model;

  @TempDir private Path temporary;

  @BeforeAll
  static void train() throws IOException {
    data = TestData.dataset(TestSpark.local(2), shared.resolve("a"), 7, 61, 37).folder().toString();
    Path source = TestData.source(shared.resolve("b"), 7, 12, 3);
    Files.writeString(source.resolve("batches.meta.txt"), "ant\nbee\ndog\n");
    Path out = shared.resolve("dogs");
    TestSpark.stop();
    JobCall.of(new PrepareJob(), "--source", source.toString(), "--out", out.toString());
    otherClasses = out.toString();
    model = shared.resolve("run");
    Path network = Files.writeString(shared.resolve("tiny.yaml"), TestData.NETWORK);
    JobCall call =
        JobCall.of(
            new TrainJob(),
            "--data",
            data,
            "--network",
            network.toString(),
            "--out",
            model.toString(),
            "--set",
            "epochs=2");
    assertEquals(0, call.status(), call.err());
  }

  @BeforeEach
  void useLocalSpark() {
    TestSpark.useLocal(2);
  }

  @Test
  void anEvaluationIsReportedAsTableAndAsJson() throws IOException {
    Path json = temporary.resolve("result.json");
    JobCall call = evaluate(model.toString(), data, "--json", json.toString());
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
  void theTrainingImagesCanBeEvaluatedToo() {
    JobCall call = evaluate(model.toString(), data, "--split", "train");
    assertEquals(0, call.status(), call.err());
    assertTrue(call.out().startsWith("61 images"), call.out());
  }

  @Test
  void aCheckpointIsAModel() {
    JobCall call = evaluate(model.resolve("checkpoints/1").toString(), data);
    assertEquals(0, call.status(), call.err());
  }

  @Test
  void otherClassesAreRefused() {
    assertRefused(evaluate(model.toString(), otherClasses), "[ant, bee, dog]");
  }

  @Test
  void anUnknownSplitIsRefused() {
    assertRefused(
        evaluate(model.toString(), data, "--split", "validation"), "unknown split 'validation'");
  }

  @Test
  void aMissingModelIsRefused() {
    assertRefused(evaluate(temporary.resolve("none").toString(), data), "none: no model here");
  }

  @Test
  void missingDataAreRefused() {
    assertRefused(
        evaluate(model.toString(), temporary.resolve("none").toString()), "none: no data set here");
  }

  @Test
  void aDamagedModelIsNamed() throws IOException {
    Path broken = Files.createDirectories(temporary.resolve("broken"));
    for (String name : List.of("network.yaml", "weights.safetensors", "manifest.json")) {
      Files.copy(model.resolve("checkpoints/2").resolve(name), broken.resolve(name));
    }
    Files.writeString(broken.resolve("weights.safetensors"), "short");
    assertRefused(evaluate(broken.toString(), data), "weights.safetensors: truncated");
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
    assertRefused(
        evaluate(model.toString(), folder.toString()),
        file.getFileName() + " can't be read; is the file complete?");
  }

  private static void assertRefused(JobCall call, String part) {
    assertEquals(2, call.status(), call.err());
    assertTrue(call.err().startsWith("convoy evaluate: "), call.err());
    assertTrue(call.err().contains(part), call.err());
    assertEquals(1, call.err().lines().count(), call.err());
  }

  private static JobCall evaluate(String model, String data, String... more) {
    String[] arguments = new String[4 + more.length];
    System.arraycopy(new String[] {"--model", model, "--data", data}, 0, arguments, 0, 4);
    System.arraycopy(more, 0, arguments, 4, more.length);
    return JobCall.of(new EvaluateJob(), arguments);
  }
}
