package convoy.job;

import static org.junit.jupiter.api.Assertions.assertFalse;

import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PrepareJobTest {
  @Test
  void compressionIsGivenAsHelpWritesIt() {
    for (String name : List.of("gzip", "uncompressed")) {
      List<String> arguments = List.of("--source", "a", "--out", "b", "--compression", name);
      assertFalse(JobRunner.asksForHelp(new PrepareJob(), arguments, Set.of()));
    }
  }
}
