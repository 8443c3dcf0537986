package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.TestSpark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class QuickstartJobTest {
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
