package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BenchJobTest {
  @Test
  void ratesAndStepsAreInTheJson(@TempDir Path folder) throws IOException {
    Path network =
        Files.writeString(
            folder.resolve("test.yaml"),
            """
            name: test
            input: {height: 8, width: 8, channels: 16}
            layers:
              - convolution: {filters: 32, kernel: 3, padding: same}
              - relu
              - maxPooling: {window: 8}
              - flatten
              - dense: {units: 3}
            """);
    Path file = folder.resolve("out.json");
    JobCall call =
        JobCall.of(
            new BenchJob(),
            "--network",
            network.toString(),
            "--batch",
            "2",
            "--seconds",
            "0.05",
            "--json",
            file.toString());
    assertEquals(0, call.status(), call.err());
    JsonNode json = JobCall.json(file);
    for (String key : List.of("trainingImagesPerSecond", "inferenceImagesPerSecond")) {
      assertTrue(json.get(key).asDouble() > 0, json.toString());
    }
    assertTrue(json.get("peakGflops").asDouble() > 0, json.toString());
    assertEquals(json.get("gflops"), json.get("effectiveGflops"));
    double convolution = 2 * 8 * 8 * 9 * 16 * 32, dense = 3 * 32 * 3;
    assertEquals(
        (convolution + dense) / (convolution / 4 + dense),
        json.get("effectiveGflops").asDouble() / json.get("executedGflops").asDouble(),
        1e-9);
    assertTrue(json.get("cacheGigabytes").asDouble() > 0, json.toString());
    assertEquals(1, json.get("floors").size());
    JsonNode floor = json.get("floors").get(0);
    assertEquals("convolution1", floor.get("name").asText());
    for (String key : List.of("forwardMillis", "backwardMillis")) {
      assertTrue(floor.get(key).asDouble() > 0, floor.toString());
    }
    for (String key : List.of("forwardShare", "backwardShare", "share")) {
      assertTrue(floor.get(key).asDouble() > 0 && floor.get(key).asDouble() < 1, floor.toString());
    }
    double shares = 0;
    for (JsonNode step : json.get("steps")) {
      shares += step.get("share").asDouble();
      assertTrue(call.out().contains(step.get("name").asText() + " "), call.out());
      assertTrue(
          step.get("forwardMillis").asDouble() + step.get("backwardMillis").asDouble() > 0,
          step.toString());
      assertTrue(step.hasNonNull("operation"), step.toString());
    }
    assertEquals(6, json.get("steps").size());
    assertEquals(1, shares, 1e-9);
  }
}
