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
      String prefix =
          "convoy-run-"
              + here.pid()
              + "-t"
              + here.started()
              + "-n"
              + here.namespace()
              + "-"
              + here.host();
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
    long earlier = here.started() - 60_000;
    Path left = left(new ProcessIdentity(here.host(), here.namespace(), here.pid(), earlier));
    ScratchFolder.open(parent).close();
    assertFalse(Files.exists(left));
  }

  @Test
  void whatAnotherHostOrContainerOrAnotherProgramHasThereStays() throws IOException {
    left(new ProcessIdentity("another-host-1", 3, 1, 2));
    long other = ProcessIdentity.here().namespace() + 1;
    Path container = left(new ProcessIdentity(ProcessIdentity.here().host(), other, 1 << 30, 2));
    Files.createDirectories(parent.resolve("convoy-run-notes"));
    Files.createDirectories(parent.resolve("spark-1-2-3"));
    ScratchFolder.open(parent).close();
    assertTrue(Files.exists(container.resolve("spark").resolve("block")));
    assertEquals(
        List.of("convoy-run-1-t2-n3-another-host-1-77", "convoy-run-notes", "spark-1-2-3"),
        names(parent).stream().filter(name -> !container.endsWith(name)).toList());
  }

  /** A folder as its owner would have made it. */
  private Path left(ProcessIdentity owner) throws IOException {
    Path folder = Files.createDirectories(parent.resolve(ScratchFolder.prefix(owner) + "77"));
    Files.writeString(Files.createDirectory(folder.resolve("spark")).resolve("block"), "1");
    return folder;
  }

  private static List<String> names(Path folder) throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }
}
