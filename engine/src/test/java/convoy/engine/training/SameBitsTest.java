package convoy.engine.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The same training steps give the same bits however the JVM runs them. */
class SameBitsTest {
  private static final int LIMIT_SECONDS = 120;

  private static List<String> compiled;

  @TempDir static Path folder;

  @BeforeAll
  static void trainCompiled() throws IOException, InterruptedException {
    compiled = digests(150);
  }

  @Test
  void everyKindOfKernelsTrains() {
    assertFalse(compiled.isEmpty());
    assertTrue(compiled.get(0).startsWith("digest scalar "), compiled.get(0));
  }

  @Test
  void withoutTheVectorModuleThePlainKernelsTrain() throws IOException, InterruptedException {
    List<String> plain =
        compiled.stream().filter(line -> line.startsWith("digest scalar ")).toList();
    assertEquals(plain, run(List.of(), 1));
  }

  @Test
  void interpreterGivesTheBitsOfTheCompiler() throws IOException, InterruptedException {
    assertEquals(compiled, digests(1, "-Xint"));
  }

  @Test
  void lanesOf256BitsGiveTheBitsOfTheWidestLanes() throws IOException, InterruptedException {
    assertEquals(compiled, digests(150, "-XX:UseAVX=2"));
  }

  /** What {@link TwoSteps} prints in a JVM of its own, started with {@code flags}. */
  private static List<String> digests(int repetitions, String... flags)
      throws IOException, InterruptedException {
    List<String> all = new ArrayList<>(List.of("--add-modules", "jdk.incubator.vector"));
    all.addAll(List.of(flags));
    return run(all, repetitions);
  }

  private static List<String> run(List<String> flags, int repetitions)
      throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.add("-XX:+IgnoreUnrecognizedVMOptions");
    command.addAll(flags);
    command.addAll(List.of("-Xmx512m", "-cp", System.getProperty("java.class.path")));
    command.addAll(List.of(TwoSteps.class.getName(), Integer.toString(repetitions)));
    Path printed = Files.createTempFile(folder, "printed", ".txt");
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(printed.toFile())
            .start();
    boolean ended = process.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS);
    process.destroyForcibly();
    String output = Files.readString(printed, StandardCharsets.UTF_8);
    assertTrue(ended, () -> "still running after " + LIMIT_SECONDS + " s: " + output);
    assertEquals(0, process.exitValue(), output);
    return output.lines().filter(line -> line.startsWith("digest ")).toList();
  }
}
