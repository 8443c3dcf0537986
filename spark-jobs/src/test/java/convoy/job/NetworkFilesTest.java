package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.FileNotFoundException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class NetworkFilesTest {
  private final NetworkFiles networks = new NetworkFiles(JobStorage.open());

  @Test
  void everyNetworkOfTheConfigurationIsKnownByName() throws IOException {
    assertTrue(NetworkFiles.names().contains("small"));
    for (String name : NetworkFiles.names()) {
      assertEquals(name, networks.network(name).name());
    }
  }

  @Test
  void networkMayBeAFile(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("mine.yaml");
    Files.writeString(
        file,
        """
        name: mine
        input: {height: 2, width: 2, channels: 1}
        layers: [flatten, dense: {units: 3}]
        """);
    assertEquals("mine", networks.network(file.toString()).name());
  }

  @Test
  void unknownNetworkNamesTheNearest() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> networks.network("smal"));
    assertTrue(e.getMessage().contains("did you mean small?"), e.getMessage());
  }

  @Test
  void missingFileIsNamed(@TempDir Path folder) {
    FileNotFoundException e =
        assertThrows(
            FileNotFoundException.class,
            () -> networks.network(folder.resolve("none.yaml").toString()));
    assertTrue(e.getMessage().contains("none.yaml"), e.getMessage());
  }
}
