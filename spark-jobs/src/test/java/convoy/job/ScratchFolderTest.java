package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.storage.ProcessIdentity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ScratchFolderTest {
  @TempDir private Path parent;

  @Test
  void itsNameTellsItsOwner() throws IOException {
    ProcessIdentity here = ProcessIdentity.here();
    try (ScratchFolder scratch = ScratchFolder.open(parent)) {
      String prefix = "convoy-run-" + here.pid() + "-t" + here.started() + "-" + here.host();
      assertTrue(scratch.folder("spark").getParent().getFileName().toString().startsWith(prefix));
    }
  }

  @Test
  void itIsRemovedWithAllThatIsInIt() throws IOException {
    try (ScratchFolder scratch = ScratchFolder.open(parent.resolve("new"))) {
      Files.writeString(scratch.folder("spark").resolve("block"), "1");
    }
    assertEquals(List.of(), names(parent.resolve("new")));
  }

  @Test
  void whatADeadProcessLeftIsRemovedByTheNext() throws Exception {
    Process other = new ProcessBuilder("sleep", "600").start();
    Path left = left(ProcessIdentity.of(other.toHandle()));
    ScratchFolder.open(parent).close();
    assertTrue(Files.exists(left), "its owner is running");
    other.destroyForcibly().waitFor();
    ScratchFolder.open(parent).close();
    assertFalse(Files.exists(left));
  }

  @Test
  void aLaterProcessWithTheNumberOfADeadOneIsNotTheOwner() throws IOException {
    ProcessIdentity here = ProcessIdentity.here();
    Path left = left(new ProcessIdentity(here.host(), here.pid(), here.started() - 60_000));
    ScratchFolder.open(parent).close();
    assertFalse(Files.exists(left));
  }

  @Test
  void whatAnotherHostOrAnotherProgramHasThereStays() throws IOException {
    left(new ProcessIdentity("another-host-1", 1, 2));
    Files.createDirectories(parent.resolve("convoy-run-notes"));
    Files.createDirectories(parent.resolve("spark-1-2-3"));
    ScratchFolder.open(parent).close();
    assertEquals(
        List.of("convoy-run-1-t2-another-host-1-77", "convoy-run-notes", "spark-1-2-3"),
        names(parent));
  }

  /** A folder as its owner would have made it. */
  private Path left(ProcessIdentity owner) throws IOException {
    String name = "convoy-run-" + owner.pid() + "-t" + owner.started() + "-" + owner.host() + "-77";
    Path folder = Files.createDirectories(parent.resolve(name));
    Files.writeString(Files.createDirectory(folder.resolve("spark")).resolve("block"), "1");
    return folder;
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
