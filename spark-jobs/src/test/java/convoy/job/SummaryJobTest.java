package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SummaryJobTest {
  private static final int PARAMETERS = 4 * 5 + 5 + 5 * 3 + 3;

  @TempDir private Path folder;

  @Test
  void countsAreOfOneImage() throws IOException {
    JobCall call = summary();
    assertTrue(
        call.out().contains("\ndense1         5               25               20     20\n"),
        call.out());
    assertTrue(call.out().matches("(?s).*\ntotal +43 +35 +68\n.*"), call.out());
    assertFalse(call.out().contains("memory"), call.out());
    JsonNode json = JobCall.json(folder.resolve("out.json"));
    assertEquals(PARAMETERS, json.get("parameters").asLong());
    assertEquals(4 * 5 + 5 * 3, json.get("multiplications").asLong());
    assertEquals(4 * (4 + 5 + 5 + 3), json.get("outputBytes").asLong());
    assertFalse(json.has("trainingMemory"));
  }

  @Test
  void frozenParametersAndStatisticsAreCountedApart() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("frozen.yaml"),
            """
            name: frozen
            input: {height: 4, width: 4, channels: 1}
            layers:
              - convolution: {filters: 5, kernel: 3, trainable: false}
              - batchNormalization
              - flatten
              - dense: {units: 2}
            """);
    Path out = folder.resolve("frozen.json");
    JobCall call = JobCall.of(new SummaryJob(), file.toString(), "--json", out.toString());
    assertEquals(0, call.status(), call.err());
    JsonNode json = JobCall.json(out);
    int trained = 2 * 5 + (2 * 2 * 5 + 1) * 2, rest = (9 + 1) * 5 + 2 * 5;
    assertEquals(trained + rest, json.get("parameters").asLong());
    assertEquals(trained, json.get("trainableParameters").asLong());
    assertEquals(rest, json.get("nonTrainableParameters").asLong());
    assertTrue(call.out().matches("(?s).*\ntrainable +52\n.*"), call.out());
    assertTrue(call.out().matches("(?s).*\nnot trainable +60\n.*"), call.out());
  }

  @Test
  void memoryOfTrainingIsToldByItsParts() throws IOException {
    JobCall call = summary("--batch", "7");
    JsonNode json = JobCall.json(folder.resolve("out.json"));
    assertEquals(7 * 4 * (4 + 5 + 5 + 3), json.get("outputBytes").asLong());
    assertEquals(7 * 4 * 3, json.at("/layers/3/outputBytes").asLong());
    JsonNode memory = json.get("trainingMemory");
    assertEquals(7, memory.get("batch").asInt());
    assertEquals(4 * PARAMETERS, memory.get("parameterBytes").asLong());
    assertEquals(2 * 4 * PARAMETERS, memory.get("optimizerBytes").asLong());
    // Input, both layers' outputs and two gradients at least, and the parameters' gradient.
    long workspace = memory.get("workspaceBytes").asLong();
    assertTrue(workspace >= 4 * (7 * (4 + 5 + 3 + 3 + 5) + PARAMETERS), "" + workspace);
    assertEquals(workspace + 12 * PARAMETERS, memory.get("totalBytes").asLong());
    assertTrue(call.out().contains("\noptimizer (adam)      344 bytes  0.0 MB\n"), call.out());
  }

  @Test
  void networkThatDoesNotTrainTakesNoMemoryOfTraining() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("frozen.yaml"),
            """
            name: frozen
            input: {height: 4, width: 4, channels: 1}
            layers:
              - flatten
              - dense: {units: 2, trainable: false}
            """);
    Path out = folder.resolve("frozen.json");
    JobCall call =
        JobCall.of(new SummaryJob(), file.toString(), "--batch", "2", "--json", out.toString());
    assertEquals(0, call.status(), call.err());
    assertTrue(call.out().endsWith("\nno memory of training: no parameter is trainable\n"));
    assertFalse(JobCall.json(out).has("trainingMemory"));
    assertEquals(2 * 4 * (16 + 2), JobCall.json(out).get("outputBytes").asLong());
  }

  @Test
  void aReductionBeforeALargeKernelSavesMultiplications() throws IOException {
    String kernel5 = "convolution: {filters: 32, kernel: 5, padding: same}";
    assertEquals(120_422_400, convolutionsOf192Channels(kernel5));
    assertEquals(
        12_443_648, convolutionsOf192Channels("convolution: {filters: 16, kernel: 1}, " + kernel5));
  }

  /** Multiplications without those of the dense layer that makes scores. */
  private long convolutionsOf192Channels(String layers) throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("inception.yaml"),
            """
            name: inception
            input: {height: 28, width: 28, channels: 192}
            layers: [%s, flatten, dense: {units: 2}]
            """
                .formatted(layers));
    Path out = folder.resolve("inception.json");
    JobCall call = JobCall.of(new SummaryJob(), file.toString(), "--json", out.toString());
    assertEquals(0, call.status(), call.err());
    return JobCall.json(out).get("multiplications").asLong() - 28 * 28 * 32 * 2;
  }

  @Test
  void rowsFitATerminal() {
    JobCall call = JobCall.of(new SummaryJob(), "residual-pool", "--batch", "256");
    assertEquals(0, call.status(), call.err());
    call.out()
        .lines()
        .filter(line -> !line.startsWith("vector") && !line.startsWith("scalar"))
        .forEach(line -> assertTrue(line.length() <= 80, line));
  }

  @Test
  void batchBelowOneIsRefused() throws IOException {
    JobCall call = summary("--batch", "0");
    assertEquals(2, call.status());
    assertTrue(call.err().contains("batch size 0"), call.err());
    assertEquals("", call.out());
  }

  @Test
  void aLayerThatDoesNotFitIsNamedWithBothSizesAndNothingElseIsSaid() throws IOException {
    Path file =
        Files.writeString(
            folder.resolve("mine.yaml"),
            """
            name: mine
            input: {height: 32, width: 32, channels: 3}
            layers:
              - convolution: {filters: 4, kernel: 3}
              - maxPooling: {window: 16}
              - convolution: {filters: 4, kernel: 5}
              - flatten
              - dense: {units: 10}
            """);
    assertRefused(
        file.toString(),
        "network mine, convolution2: its 5x5 window does not fit an input of 1x1x4: use a smaller"
            + " one, or padding: same");
  }

  @Test
  void anUnknownNetworkNamesTheNearest() {
    assertRefused("smal", "unknown network smal; did you mean small? (or a path of a .yaml file)");
  }

  private static void assertRefused(String network, String message) {
    assertEquals(
        new JobCall(2, "", "convoy summary: " + message + "\n"),
        JobCall.of(new SummaryJob(), network));
  }

  private JobCall summary(String... options) throws IOException {
    Path network =
        Files.writeString(
            folder.resolve("test.yaml"),
            """
            name: test
            input: {height: 2, width: 2, channels: 1}
            layers: [flatten, dense: {units: 5}, relu, dense: {units: 3}]
            """);
    String[] arguments = new String[options.length + 3];
    System.arraycopy(options, 0, arguments, 3, options.length);
    arguments[0] = network.toString();
    arguments[1] = "--json";
    arguments[2] = folder.resolve("out.json").toString();
    return JobCall.of(new SummaryJob(), arguments);
  }
}
