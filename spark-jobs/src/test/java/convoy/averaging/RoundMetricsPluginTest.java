package convoy.averaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import convoy.training.TestRun;
import java.io.IOException;
import java.io.InputStream;
import java.net.Proxy;
import java.net.URI;
import java.net.URLConnection;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class RoundMetricsPluginTest {
  private static final List<String> FIGURES =
      List.of(
          "round",
          "epoch",
          "step",
          "learningRate",
          "images",
          "loss",
          "accuracy",
          "meanDistance",
          "largestDistance",
          "computeSeconds",
          "broadcastSeconds",
          "averagingSeconds",
          "broadcastBytes",
          "reducedBytes");

  @TempDir private Path temporary;

  @AfterEach
  void stop() {
    TestSpark.stop();
  }

  @Test
  void theEndpointForPrometheusShowsTheLastRound() throws Exception {
    Map<String, String> settings = shippedSettings();
    settings.put("spark.ui.enabled", "true");
    settings.put("spark.ui.port", "0");
    settings.put("spark.metrics.namespace", "test");
    SparkSession spark = TestSpark.local(2, settings);
    assertEquals(0, gauges(spark).get("round"), "before the first round");
    TestRun run = TestRun.of(TestData.dataset(spark, temporary, 7, 61, 9)).with("epochs=1");
    run.in(spark, temporary.resolve("run"));
    spark.sparkContext().listenerBus().waitUntilEmpty();

    JsonNode line = TestRun.rounds(temporary.resolve("run")).get(0);
    Map<String, Double> gauges = gauges(spark);
    for (String figure : FIGURES) {
      assertEquals(line.get(figure).doubleValue(), gauges.get(figure), 1e-6, figure);
    }
    for (JsonNode shard : line.get("shards")) {
      for (String figure : List.of("images", "loss", "accuracy", "distance", "computeSeconds")) {
        String name = "shard" + shard.get("shard") + "_" + figure;
        assertEquals(shard.get(figure).doubleValue(), gauges.get(name), 1e-6, name);
      }
    }
  }

  /** What conf/spark-defaults.conf says of plugins and metrics. */
  private static Map<String, String> shippedSettings() throws IOException {
    Map<String, String> settings = new HashMap<>();
    for (String line : Files.readAllLines(Path.of("../conf/spark-defaults.conf"))) {
      String[] words = line.split("\\s+", 2);
      if (words[0].startsWith("spark.plugins") || words[0].startsWith("spark.metrics.")) {
        settings.put(words[0], words[1].strip());
      }
    }
    return settings;
  }

  /** The plugin's gauges at the endpoint, by their names. */
  private static Map<String, Double> gauges(SparkSession spark) throws Exception {
    String url = spark.sparkContext().uiWebUrl().get();
    assertTrue(url.startsWith("http://127.0.0.1:"), url);
    URLConnection connection =
        URI.create(url + "/metrics/prometheus/").toURL().openConnection(Proxy.NO_PROXY);
    String text;
    try (InputStream in = connection.getInputStream()) {
      text = new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
    String prefix = "metrics_test_driver_plugin_convoy_averaging_RoundMetricsPlugin_";
    return text.lines()
        .filter(line -> line.startsWith(prefix) && line.contains("_Value{"))
        .collect(
            Collectors.toMap(
                line -> line.substring(prefix.length(), line.indexOf("_Value{")),
                line -> Double.parseDouble(line.substring(line.lastIndexOf(' ') + 1))));
  }
}
