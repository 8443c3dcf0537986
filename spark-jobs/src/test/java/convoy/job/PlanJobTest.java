package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class PlanJobTest {
  @TempDir private static Path shared;

  private static String data;
  private static String network;

  @BeforeAll
  static void prepare() throws Exception {
    data = TestData.dataset(TestSpark.local(2), shared, 7, 30, 3).folder().toString();
    network = Files.writeString(shared.resolve("tiny.yaml"), TestData.NETWORK).toString();
    TestSpark.stop();
  }

  @BeforeEach
  void useLocalSpark() {
    TestSpark.useLocal(2);
  }

  @Test
  void localModeHasNothingToMeasure() {
    assertRefused("in local mode nothing is sent that could be measured: take --local-cluster 2");
  }

  @Test
  void wrongNumbersAreNamed() {
    assertRefused("--executors: got 0, wanted 1 to 1000", "--executors", "2,0");
    assertRefused("--executors: got 1001, wanted 1 to 1000", "--executors", "1001");
    assertRefused("--executors", "--executors", "many");
    assertRefused("--seconds: got 3.0, wanted 10.0 to 3600.0", "--seconds", "3");
    assertRefused("there are 27 training images for 28 shards", "--set", "shards=28");
    assertRefused("epochs", "--set", "epochs=0");
  }

  private static void assertRefused(String words, String... more) {
    List<String> arguments = new ArrayList<>(List.of("--data", data, "--network", network));
    arguments.addAll(List.of(more));
    JobCall call = JobCall.of(new PlanJob(), arguments.toArray(String[]::new));
    assertEquals(ExitStatus.WRONG_INPUT, call.status(), call.err());
    assertTrue(call.err().contains(words), call.err());
    assertEquals(1, call.err().lines().count(), call.err());
  }
}
