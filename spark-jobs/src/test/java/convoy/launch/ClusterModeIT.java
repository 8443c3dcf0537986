package convoy.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A driver that a standalone cluster runs, where {@code bin/convoy} ends once it has submitted. */
@Timeout(480)
class ClusterModeIT {
  private static final long PATIENCE_SECONDS = 90;

  @TempDir private Path folder;

  @Test
  void aRetrainingDecidesWithItsDriverInTheCluster() throws Exception {
    TestData.dataset(TestSpark.local(2), folder, 7, 90, 3);
    TestSpark.stop();
    String network = Files.writeString(folder.resolve("tiny.yaml"), TestData.NETWORK).toString();
    Path members = Files.createDirectories(folder.resolve("cluster"));
    List<String> hosts = List.of("127.0.0.1", "127.0.0.1");
    try (LocalCluster cluster = LocalCluster.start(TestSpark.HOME, members, hosts, 1, "2g")) {
      List<String> first = new ArrayList<>(List.of("--network", network));
      for (String setting : List.of("shards=2", "validationFraction=0.3", "epochs=30")) {
        first.addAll(List.of("--set", setting));
      }
      assertEquals("PROMOTED", outcome(cluster, first));
      assertEquals("NOTHING_NEW", outcome(cluster, List.of()));
      String told = driversErrors();
      for (String line :
          List.of(
              "champion is version 0; new to it: [parts/1]",
              "the first model",
              "PROMOTED: champion is version 1",
              "no part is new to version 1, the champion since ",
              "NOTHING_NEW: champion is version 1")) {
        assertTrue(told.contains(" INFO  Retraining: " + line), line + "\n" + told);
      }
      submit(cluster, folder.resolve("none"), List.of());
      awaitFailures(1);
    }
  }

  /**
   * Waits until so many drivers have exited otherwise than with 0, of which their workers tell.
   * Those of earlier submissions have exited before.
   */
  private void awaitFailures(int count) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (failures() < count && System.nanoTime() < end) {
      Thread.sleep(100);
    }
    assertEquals(count, failures(), this::driversErrors);
  }

  private int failures() throws IOException {
    int failures = 0;
    try (Stream<Path> files = Files.list(folder.resolve("cluster"))) {
      for (Path log : files.filter(file -> file.toString().endsWith(".log")).toList()) {
        failures += Files.readString(log).split("exited with failure", -1).length - 1;
      }
    }
    return failures;
  }

  private String driversErrors() {
    StringBuilder errors = new StringBuilder();
    try (Stream<Path> files = Files.walk(folder)) {
      for (Path file : files.filter(file -> file.endsWith("stderr")).toList()) {
        errors.append(file).append('\n').append(Files.readString(file));
      }
    } catch (IOException e) {
      errors.append(e);
    }
    return errors.toString();
  }

  /** What the JSON of a retraining says, which the driver writes long after its submission. */
  private String outcome(LocalCluster cluster, List<String> options) throws Exception {
    Path json = folder.resolve("last.json");
    Files.deleteIfExists(json);
    submit(cluster, folder.resolve("dataset"), options);
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(PATIENCE_SECONDS);
    while (!Files.exists(json) && System.nanoTime() < end) {
      Thread.sleep(100);
    }
    assertTrue(Files.exists(json), () -> "the drivers said: " + driversErrors());
    return new ObjectMapper().readTree(json.toFile()).get("outcome").textValue();
  }

  private void submit(LocalCluster cluster, Path data, List<String> options) throws Exception {
    List<String> words = new ArrayList<>();
    words.add(Path.of("../bin/convoy").toAbsolutePath().normalize().toString());
    words.addAll(List.of("retrain", "--master", cluster.masterUrl(), "--deploy-mode", "cluster"));
    words.addAll(List.of("--executors", "1"));
    words.addAll(List.of("--driver-memory", "1g", "--executor-memory", "1g"));
    words.addAll(List.of("--registry", folder.resolve("registry").toString()));
    words.addAll(List.of("--data", data.toString()));
    words.addAll(List.of("--json", folder.resolve("last.json").toString()));
    words.addAll(options);
    Path log = folder.resolve("submission.log");
    ProcessBuilder builder =
        new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(log.toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("SPARK_"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    Process process = builder.start();
    boolean ended = process.waitFor(PATIENCE_SECONDS, TimeUnit.SECONDS);
    process.destroyForcibly();
    assertTrue(ended, Files.readString(log));
    assertEquals(0, process.exitValue(), Files.readString(log));
  }
}
