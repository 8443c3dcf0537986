package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.TestSpark;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartJobTest {
  @Test
  void anExistingFolderIsRefusedAndLeftAsItIs(@TempDir Path temporary) throws IOException {
    TestSpark.useLocal(2);
    Path letter = Files.writeString(temporary.resolve("letter.txt"), "x");
    JobCall call = JobCall.of(new QuickstartJob(), "--folder", temporary.toString());
    assertEquals(2, call.status(), call.err());
    assertTrue(call.err().endsWith(" exists already; --folder wants a new folder\n"), call.err());
    assertEquals(1, call.err().lines().count(), call.err());
    try (Stream<Path> files = Files.list(temporary)) {
      assertEquals(List.of(letter), files.toList());
    }
  }

  @Test
  void wrongSettingsAreRefusedBeforeAnythingIsMade(@TempDir Path temporary) {
    TestSpark.useLocal(2);
    Path folder = temporary.resolve("new");
    for (List<String> wrong : List.of(List.of("--epochs", "0"), List.of("--network", "smal"))) {
      JobCall call =
          JobCall.of(
              new QuickstartJob(), "--folder", folder.toString(), wrong.get(0), wrong.get(1));
      assertEquals(2, call.status(), call.err());
      assertTrue(call.err().contains(wrong.get(0).substring("--".length())), call.err());
      assertFalse(Files.exists(folder));
    }
  }
}
