package convoy.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
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

  @Test
  void workersRegisterAndNothingIsLeftOfThem() throws Exception {
    List<ProcessHandle> workers;
    Path folder;
    try (LocalCluster cluster = LocalCluster.start(SPARK_HOME, 2, 1, "1g")) {
      workers = cluster.workers();
      folder = cluster.folder();
      assertTrue(cluster.masterUrl().startsWith("spark://127.0.0.1:"), cluster.masterUrl());
      assertEquals(2, workers.stream().filter(ProcessHandle::isAlive).count());
    }
    for (ProcessHandle worker : workers) {
      worker.onExit().get(10, TimeUnit.SECONDS);
    }
    assertFalse(Files.exists(folder));
  }

  @Test
  void aWorkerThatCanNotStartIsNamed() {
    IOException e =
        assertThrows(IOException.class, () -> LocalCluster.start(SPARK_HOME, 1, 1, "nonsense"));
    assertTrue(e.getMessage().contains("standalone worker-1 ended"), e.getMessage());
  }

  @Test
  void aFolderWithoutJarsIsNoSpark(@TempDir Path folder) {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> LocalCluster.start(folder, 1, 1, "1g"));
    assertTrue(e.getMessage().contains(folder.toString()), e.getMessage());
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
