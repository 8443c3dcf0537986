package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Runs the program of docs/using-a-model.md by the command that stands there, on another image. */
@Timeout(value = 120, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class DocumentedProgramIT {
  private static final Path HOME = Path.of("..");
  private static final String INDENT = "    ";
  private static final String MODULE = "--add-modules jdk.incubator.vector";
  private static final String SPARK_JARS = "spark-jobs/target/spark/jars/";
  private static final String YAML =
      """
      name: test
      input: {height: 1, width: 1, channels: 3}
      classes: [red, blue]
      layers: [scaling: {deviation: 255}, flatten, dense: {units: 2, bias: false}]
      """;

  @TempDir private Path folder;
  private String command;

  @BeforeEach
  void writeProgramModelAndImage() throws IOException {
    Path program = Files.writeString(folder.resolve("Classify.java"), block("import convoy."));
    Path model = TestModel.write(folder.resolve("model"), YAML, 1, 0, 0, 0, 0, 1);
    Path image = TestModel.png(folder.resolve("blue.png"), 1, 0xff);
    command = replaced(block("java "), "java --", System.getProperty("java.home") + "/bin/java --");
    command = replaced(command, "Classify.java", program.toString());
    command = replaced(command, "runs/small/checkpoints/150", model.toString());
    command = replaced(command, "cat.jpg", image.toString());
  }

  @Test
  void predictsByTheCommandThatIsShown() throws Exception {
    assertPredicts(command);
  }

  @Test
  void predictsWithoutTheModule() throws Exception {
    assertPredicts(replaced(command, MODULE, ""));
  }

  @Test
  void wantsOfSparksJarsJacksonsAndSnakeYamlAlone() throws Exception {
    String jars;
    try (Stream<Path> all = Files.list(HOME.resolve(SPARK_JARS))) {
      jars =
          all.map(jar -> jar.getFileName().toString())
              .filter(
                  name ->
                      name.matches(
                          "(jackson-(core|annotations|databind|dataformat-yaml)|snakeyaml)-[0-9.]+jar"))
              .map(name -> SPARK_JARS + name)
              .collect(Collectors.joining(":"));
    }
    assertEquals(5, jars.split(":").length, jars);
    assertPredicts(replaced(command, SPARK_JARS + "*", jars));
  }

  /** An indented block of the page, from its first line that begins so. */
  private static String block(String start) throws IOException {
    return Files.readAllLines(HOME.resolve("docs/using-a-model.md")).stream()
        .dropWhile(line -> !line.startsWith(INDENT + start))
        .takeWhile(line -> line.isEmpty() || line.startsWith(INDENT))
        .collect(Collectors.joining("\n"));
  }

  private static String replaced(String text, String part, String by) {
    assertTrue(text.contains(part), () -> part + " is not in\n" + text);
    return text.replace(part, by);
  }

  private static void assertPredicts(String command) throws Exception {
    Process process =
        new ProcessBuilder("bash", "-c", command)
            .directory(HOME.toFile())
            .redirectErrorStream(true)
            .start();
    List<String> lines = new ArrayList<>();
    try (BufferedReader output = process.inputReader()) {
      output.lines().forEach(lines::add);
      assertEquals(0, process.waitFor(), () -> String.join("\n", lines));
    } finally {
      process.destroyForcibly();
    }
    List<String> told = lines.stream().filter(line -> line.matches("(red|blue) .*")).toList();
    assertEquals(2, told.size(), lines.toString());
    assertTrue(told.get(0).startsWith("blue 0.7310585"), told.get(0));
    assertTrue(told.get(1).startsWith("red 0.2689414"), told.get(1));
  }
}
