package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.network.NetworkSpec;
import org.junit.jupiter.api.Test;

class EngineThroughputTest {
  private static final NetworkSpec TWO_DENSE =
      NetworkSpec.fromYaml(
          "test",
          """
          name: test
          input: {height: 2, width: 2, channels: 1}
          layers: [flatten, dense: {units: 5}, relu, dense: {units: 3}]
          """);

  @Test
  void firstLayerNeedsNoGradientOfItsInput() {
    long first = 2 * 2 * (4 * 5);
    long second = 2 * 3 * (5 * 3);
    assertEquals(first + second, new EngineThroughput(TWO_DENSE, 2, 1, 0.01).trainingOperations());
  }

  @Test
  void bothModesAreMeasured() {
    EngineThroughput throughput = new EngineThroughput(TWO_DENSE, 2, 1, 0.01);
    assertTrue(throughput.trainingImagesPerSecond() > 0);
    assertTrue(throughput.inferenceImagesPerSecond() > 0);
  }

  @Test
  void nothingIsMeasuredInNoTime() {
    assertThrows(IllegalArgumentException.class, () -> new EngineThroughput(TWO_DENSE, 2, 1, 0));
    assertThrows(IllegalArgumentException.class, () -> new EngineThroughput(TWO_DENSE, 0, 1, 1));
  }
}
