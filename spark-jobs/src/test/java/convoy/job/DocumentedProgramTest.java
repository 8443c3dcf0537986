package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.lang.reflect.Method;
import java.net.URL;
import java.net.URLClassLoader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Collectors;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Compiles and runs the program of docs/using-a-model.md. */
class DocumentedProgramTest {
  private static final String INDENT = "    ";

  @TempDir private Path folder;

  @Test
  void theDocumentedProgramPredicts() throws Exception {
    String yaml =
        """
        name: test
        input: {height: 1, width: 1, channels: 3}
        classes: [red, blue]
        layers: [scaling: {deviation: 255}, flatten, dense: {units: 2, bias: false}]
        """;
    Path model = TestModel.write(folder.resolve("model"), yaml, 1, 0, 0, 0, 0, 1);
    Path image = TestModel.png(folder.resolve("blue.png"), 1, 0xff);
    List<String> lines = run(program(), model.toString(), image.toString()).lines().toList();
    assertEquals(2, lines.size(), lines.toString());
    assertTrue(lines.get(0).startsWith("blue 0.7310585"), lines.get(0));
    assertTrue(lines.get(1).startsWith("red 0.2689414"), lines.get(1));
  }

  /** The block from the first import to the end of the class. */
  private static String program() throws IOException {
    return Files.readAllLines(Path.of("../docs/using-a-model.md")).stream()
        .dropWhile(line -> !line.startsWith(INDENT + "import convoy."))
        .takeWhile(line -> line.isEmpty() || line.startsWith(INDENT))
        .collect(Collectors.joining("\n"));
  }

  private String run(String program, String... arguments) throws Exception {
    Path source = Files.writeString(folder.resolve("Classify.java"), program);
    ByteArrayOutputStream errors = new ByteArrayOutputStream();
    int status =
        ToolProvider.getSystemJavaCompiler()
            .run(
                null,
                null,
                errors,
                "-cp",
                System.getProperty("java.class.path"),
                "-d",
                folder.toString(),
                source.toString());
    assertEquals(0, status, errors.toString(StandardCharsets.UTF_8));
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream stdout = System.out;
    System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
    try (URLClassLoader loader = new URLClassLoader(new URL[] {folder.toUri().toURL()})) {
      Method main = loader.loadClass("Classify").getDeclaredMethod("main", String[].class);
      main.setAccessible(true);
      main.invoke(null, (Object) arguments);
    } finally {
      System.setOut(stdout);
    }
    return out.toString(StandardCharsets.UTF_8);
  }
}
