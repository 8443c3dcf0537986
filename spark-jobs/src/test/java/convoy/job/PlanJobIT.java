package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import convoy.launch.LocalCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The command on executors in processes of their own. */
@Timeout(240)
class PlanJobIT {
  @TempDir private Path temporary;

  @AfterEach
  void stop() {
    TestSpark.stop();
  }

  @Test
  void epochsAreForecastFromWhatExecutorsTake() throws Exception {
    String data = TestData.dataset(TestSpark.local(2), temporary, 7, 400, 3).folder().toString();
    TestSpark.stop();
    Path network = Files.writeString(temporary.resolve("tiny.yaml"), TestData.NETWORK);
    Path json = temporary.resolve("plan.json");
    JsonNode plan;
    Path scratch = temporary.resolve("cluster");
    try (LocalCluster cluster =
        LocalCluster.start(TestSpark.HOME, scratch, List.of("127.0.0.1", "127.0.0.1"), 1, "1g")) {
      TestSpark.use(cluster, Map.of("spark.executor.instances", "2"));
      JobCall call =
          JobCall.of(
              new PlanJob(),
              "--data",
              data,
              "--network",
              network.toString(),
              "--set",
              "schedule={oneCycle: {annealing: linear}}",
              "--executors",
              "2,100",
              "--seconds",
              "10",
              "--json",
              json.toString());
      assertEquals(ExitStatus.DONE, call.status(), call.err());
      assertTrue(call.out().contains("measured on 2 executors, 1 replica at once on each:"));
      plan = JobCall.json(json);
      // Which is better depends on the machine and what else it does: PlanTableTest tells both.
      for (JsonNode comparison : plan.get("comparisons")) {
        assertTrue(
            call.out().contains(comparison.get("executors").intValue() + " executors take "),
            call.out());
      }
      assertEquals(
          plan.findValues("oneIsBetter").stream().anyMatch(JsonNode::booleanValue),
          call.out().contains(": one machine is the better choice"),
          call.out());
    }
    JsonNode calibration = plan.get("calibration");
    assertEquals(2, calibration.get("executors").intValue());
    assertTrue(calibration.get("stepSeconds").doubleValue() > 0);
    assertTrue(calibration.get("roundSeconds").doubleValue() > 0.01);
    assertTrue(calibration.get("roundCost").get("fixedSeconds").doubleValue() > 0);
    JsonNode two = plan.get("comparisons").get(0);
    assertEquals(2, two.get("executors").intValue());
    // Of 360 images in batches of 32: 2, 4 and 8 shards, with 6 steps or fewer an epoch. For 100
    // executors the configuration's 4 shards, 100 and 200; 400 are more than there are images.
    assertEquals(List.of(2, 2, 2, 100, 100, 100), executors(plan.get("epochs")));
    assertEquals(0, plan.get("epochs").get(0).get("everySteps").intValue());
  }

  private static List<Integer> executors(JsonNode rows) {
    return StreamSupport.stream(rows.spliterator(), false)
        .map(row -> row.get("executors").intValue())
        .toList();
  }
}
