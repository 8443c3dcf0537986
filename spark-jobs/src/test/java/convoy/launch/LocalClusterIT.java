package convoy.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class LocalClusterIT {
  private static final Path SPARK_HOME = Path.of("target/spark").toAbsolutePath();

  @TempDir private Path folder;

  @Test
  void workersRegisterAndNoProcessIsLeftOfThem() throws Exception {
    List<ProcessHandle> workers;
    try (LocalCluster cluster = start(List.of("127.0.0.1", "127.0.0.2"), "1g")) {
      workers = cluster.workers();
      assertTrue(cluster.masterUrl().startsWith("spark://127.0.0.1:"), cluster.masterUrl());
      assertEquals(2, workers.stream().filter(ProcessHandle::isAlive).count());
    }
    for (ProcessHandle worker : workers) {
      worker.onExit().get(10, TimeUnit.SECONDS);
    }
  }

  @Test
  void aWorkerThatCanNotStartIsNamed() {
    IOException e = assertThrows(IOException.class, () -> start(List.of("127.0.0.1"), "nonsense"));
    assertTrue(e.getMessage().contains("standalone worker-1 ended"), e.getMessage());
  }

  @Test
  void aFolderWithoutJarsIsNoSpark(@TempDir Path noSpark) {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> LocalCluster.start(noSpark, folder, List.of("127.0.0.1"), 1, "1g"));
    assertTrue(e.getMessage().contains(noSpark.toString()), e.getMessage());
  }

  private LocalCluster start(List<String> hosts, String memory) throws IOException {
    return LocalCluster.start(SPARK_HOME, folder, hosts, 1, memory);
  }

  @Test
  void assembledSparkHoldsEachArtifactOnce() throws IOException {
    Set<String> seen = new HashSet<>();
    try (Stream<Path> jars = Files.list(SPARK_HOME.resolve("jars"))) {
      for (Path jar : jars.toList()) {
        String name = jar.getFileName().toString();
        // The classifier of a native library comes after the version.
        String artifact = name.replaceFirst("-\\d[^-]*(\\.Final)?(-jre)?", "");
        assertTrue(seen.add(artifact), name + " has an older sibling: run mvn clean");
      }
    }
  }
}
