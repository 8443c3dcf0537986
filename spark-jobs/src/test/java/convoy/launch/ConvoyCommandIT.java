package convoy.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import convoy.job.TestModel;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class ConvoyCommandIT {
  private static final int TERMINATED = 128 + 15;
  private static final String OPTIONS = "JAVA_TOOL_OPTIONS";

  @TempDir private Path temporary;

  @Test
  void withoutCommandTheCommandsAreListed() throws Exception {
    Outcome outcome = run();
    assertEquals(0, outcome.status());
    for (String command :
        List.of(
            "quickstart",
            "prepare",
            "train",
            "evaluate",
            "predict",
            "inspect",
            "summary",
            "filter")) {
      assertTrue(outcome.output().contains("\n  " + command + " "), outcome.output());
    }
  }

  @Test
  void unknownCommandNamesTheNearest() throws Exception {
    assertEquals(
        new Outcome(2, "convoy: unknown command 'prepair'; did you mean prepare?\n"),
        run("prepair"));
  }

  @Test
  void wrongOptionIsRefusedBeforeASparkStarts() throws Exception {
    Outcome outcome = run("prepare", "--source", "a", "--out", "b", "--locl-cluster", "2");
    assertEquals(
        new Outcome(
            2, "convoy prepare: unknown option --locl-cluster; did you mean --local-cluster?\n"),
        outcome);
  }

  @Test
  void helpShowsOptionsOfCommandAndLaunch() throws Exception {
    Outcome outcome = run("prepare", "--help");
    assertEquals(0, outcome.status());
    assertTrue(outcome.output().contains("--source"), outcome.output());
    assertTrue(outcome.output().contains("--local-cluster"), outcome.output());
  }

  @Test
  void missingJavaIsOneLine() throws Exception {
    ProcessBuilder builder = command("summary", "small");
    builder.environment().put("JAVA_HOME", temporary.toString());
    Outcome outcome = outcome(builder.start());
    assertEquals(2, outcome.status());
    assertTrue(outcome.output().startsWith("convoy: no Java at"), outcome.output());
    assertEquals(1, outcome.output().lines().count());
  }

  @Test
  void summaryRunsWithoutSpark() throws Exception {
    Outcome outcome = run("summary", "plain");
    assertEquals(0, outcome.status());
    assertTrue(outcome.output().contains("2,234,122"), outcome.output());
  }

  @Test
  void imagesAndModelsAreHandledWithoutSpark() throws Exception {
    Outcome filter = run("filter", "--kernel", "sobel", "--in", "no.png", "--out", "edges.png");
    assertEquals(2, filter.status());
    assertTrue(filter.output().contains("convoy filter: File file:"), filter.output());
    Outcome predict = run("predict", "--model", "none", "no.png");
    assertEquals(2, predict.status());
    assertTrue(predict.output().contains("none: no model here"), predict.output());
    Outcome inspect = run("inspect", "--model", "none", "--image", "no.png", "--out", "drawn");
    assertEquals(2, inspect.status());
    assertTrue(inspect.output().contains("none: no model here"), inspect.output());
    assertNothingLeft();
  }

  /** Nothing of Spark is so much as loaded, though its jars are there. */
  @Test
  void imagesAreFilteredPredictedAndDrawnWithoutSpark(@TempDir Path folder) throws Exception {
    String image = TestModel.png(folder.resolve("in.png"), 2, 0x000000, 0xFFFFFF).toString();
    String yaml =
        "name: two\ninput: {height: 1, width: 2, channels: 3}\n"
            + "layers: [convolution: {filters: 1, kernel: 1, bias: false}, flatten]\n";
    String model = TestModel.write(folder.resolve("model"), yaml, 0.01f, 0, 0).toString();
    String out = folder.resolve("out.png").toString(), maps = folder.resolve("maps").toString();
    Path classes = folder.resolve("classes.txt");
    for (String[] arguments :
        new String[][] {
          {"filter", "--kernel", "sobel-x", "--in", image, "--out", out},
          {"predict", "--model", model, image},
          {"inspect", "--model", model, "--image", image, "--out", maps}
        }) {
      ProcessBuilder builder = command(arguments);
      builder.environment().merge(OPTIONS, " -Xlog:class+load:file=" + classes, String::concat);
      Outcome outcome = outcome(builder.start());
      assertEquals(0, outcome.status(), outcome.output());
      List<String> loaded = Files.readAllLines(classes);
      assertTrue(loaded.stream().anyMatch(line -> line.contains("convoy.job.JobRunner")));
      assertEquals(
          List.of(), loaded.stream().filter(line -> line.contains("org.apache.spark.")).toList());
    }
    assertTrue(Files.exists(Path.of(out)));
    assertTrue(Files.exists(Path.of(maps, "convolution1.png")));
  }

  /** As of every command that spark-submit runs. */
  @Test
  void hadoopsSettingsAreThoseOfTheUser(@TempDir Path folder) throws Exception {
    Files.writeString(
        folder.resolve("core-site.xml"),
        "<configuration><property><name>fs.defaultFS</name><value>elsewhere://host</value>"
            + "</property></configuration>");
    ProcessBuilder builder = command("registry", "list", "--registry", "/models");
    builder.environment().put("HADOOP_CONF_DIR", folder.toString());
    Outcome outcome = outcome(builder.start());
    assertEquals(2, outcome.status(), outcome.output());
    assertTrue(outcome.output().contains("elsewhere"), outcome.output());
  }

  @Test
  void theJobsStatusPassesThroughALocalCluster() throws Exception {
    Outcome outcome =
        run(
            "prepare",
            "--local-cluster",
            "1",
            "--source",
            temporary.resolve("none").toString(),
            "--out",
            temporary.resolve("out").toString());
    assertEquals(2, outcome.status(), outcome.output());
    assertTrue(outcome.output().contains("convoy prepare: "), outcome.output());
    assertNothingLeft();
  }

  @Test
  void quickstartGoesTheWholeWay(@TempDir Path results) throws Exception {
    Path json = results.resolve("quickstart.json");
    Outcome outcome = run("quickstart", "--epochs", "1", "--json", json.toString());
    assertEquals(0, outcome.status(), outcome.output());
    JsonNode result = new ObjectMapper().readTree(json.toFile());
    assertEquals(6000, result.at("/prepare/images").intValue());
    assertEquals(1, result.at("/train/epochs").intValue());
    assertEquals(1000, result.at("/evaluate/images").intValue());
    assertTrue(outcome.output().contains("2 workers with 1 core each"), outcome.output());
    assertNothingLeft();
  }

  @Test
  void sigtermLeavesNoProcessAndNoFile() throws Exception {
    Process process =
        command("prepare", "--local-cluster", "1", "--source", "none", "--out", "out").start();
    List<ProcessHandle> descendants = new ArrayList<>();
    try (BufferedReader output = process.inputReader()) {
      String line = output.readLine();
      while (line != null && !line.contains("incubator modules")) {
        line = output.readLine();
      }
      process.descendants().forEach(descendants::add);
      assertTrue(descendants.size() >= 3, "master, worker and driver, but " + descendants);
      process.destroy();
      assertEquals(TERMINATED, process.waitFor());
    }
    for (ProcessHandle descendant : descendants) {
      descendant.onExit().get(10, TimeUnit.SECONDS);
    }
    assertNothingLeft();
  }

  private record Outcome(int status, String output) {}

  private Outcome run(String... arguments) throws Exception {
    return outcome(command(arguments).start());
  }

  private ProcessBuilder command(String... arguments) {
    List<String> words = new ArrayList<>();
    words.add(Path.of("../bin/convoy").toAbsolutePath().normalize().toString());
    words.addAll(List.of(arguments));
    ProcessBuilder builder =
        new ProcessBuilder(words).directory(temporary.toFile()).redirectErrorStream(true);
    builder.environment().keySet().removeIf(name -> name.startsWith("SPARK_"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().put(OPTIONS, "-Djava.io.tmpdir=" + temporary);
    return builder;
  }

  private static Outcome outcome(Process process) throws Exception {
    try (BufferedReader output = process.inputReader()) {
      String text =
          output
              .lines()
              .filter(line -> !line.startsWith("Picked up JAVA_TOOL_OPTIONS"))
              .map(line -> line + "\n")
              .collect(Collectors.joining());
      return new Outcome(process.waitFor(), text);
    }
  }

  private void assertNothingLeft() throws IOException {
    try (Stream<Path> files = Files.list(temporary)) {
      List<Path> left =
          files.filter(file -> !file.getFileName().toString().startsWith("hsperfdata")).toList();
      assertTrue(left.isEmpty(), "left: " + left);
    }
    assertFalse(Files.exists(temporary.resolve("out")));
  }
}
