package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.ScalarKernels;
import convoy.engine.kernel.vector.Peaks;
import convoy.engine.kernel.vector.VectorKernels;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.StepTime;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;
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

  /** One convolution that Winograd's algorithm computes, and a dense layer. */
  private static final NetworkSpec CONVOLUTION =
      NetworkSpec.fromYaml(
          "test",
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

  private static EngineThroughput of(NetworkSpec spec) {
    return new EngineThroughput(spec, new ScalarKernels(), 2, 1, 0.01);
  }

  @Test
  void firstLayerNeedsNoGradientOfItsInput() {
    long first = 2 * 2 * (4 * 5);
    long second = 2 * 3 * (5 * 3);
    assertEquals(first + second, of(TWO_DENSE).effectiveOperations());
  }

  @Test
  void executedOperationsAreThoseOfTheKernels() {
    long convolution = 2 * 2 * (8 * 8 * 9 * 16 * 32);
    long dense = 2 * 3 * (32 * 3);
    assertEquals(convolution + dense, of(CONVOLUTION).effectiveOperations());
    assertEquals(convolution + dense, of(CONVOLUTION).executedOperations());
    EngineThroughput vector = new EngineThroughput(CONVOLUTION, new VectorKernels(), 2, 1, 0.01);
    assertEquals(convolution + dense, vector.effectiveOperations());
    assertEquals(convolution / 4 + dense, vector.executedOperations());
  }

  @Test
  void bothModesAreMeasured() {
    assertTrue(of(TWO_DENSE).trainingImagesPerSecond() > 0);
    assertTrue(of(TWO_DENSE).inferenceImagesPerSecond() > 0);
  }

  @Test
  void partsOfATrainingStepAreThePlansAndWhatStandsBeside() {
    List<StepTime> times = of(CONVOLUTION).stepTimes();
    assertEquals(
        Set.of("convolution1", "maxPooling1", "dense1", "batch", "loss", "optimizer"),
        times.stream().map(StepTime::name).collect(Collectors.toSet()));
    assertEquals(6, times.size());
    for (int i = 1; i < times.size(); i++) {
      assertTrue(times.get(i - 1).millis() >= times.get(i).millis(), times.toString());
    }
    for (StepTime time : times) {
      assertTrue(time.millis() > 0, time.toString());
      assertEquals(time.name().equals("batch"), time.backwardMillis() == 0, time.toString());
      assertEquals(time.name().equals("optimizer"), time.forwardMillis() == 0, time.toString());
    }
  }

  @Test
  void floorIsSharedOutToTheStepsOfWinograd() {
    List<StepTime> times =
        List.of(
            new StepTime("dense1", "dense", 1, 2, 0),
            new StepTime("convolution1", "convolution+relu", 0.5, 0.25, 0));
    double products = 2 * 2e-6 * 36 * 4 * 16 * 32, input = 2 * (64 + 36 * 4) * 16;
    double output = 2 * (64 + 36 * 4) * 32, weights = 45 * 16 * 32;
    double both = products + 4e-6 * (input + output + weights);
    // The first layer needs no gradient of its input, so both passes do as much.
    FloorShare share = of(CONVOLUTION).floorShares(times, new Peaks(1, 1)).get(0);
    assertEquals("convolution1", share.name());
    assertEquals(both, share.forwardMillis(), 1e-9);
    assertEquals(both, share.backwardMillis(), 1e-9);
    assertEquals(both / 0.5, share.forwardShare(), 1e-9);
    assertEquals(both / 0.25, share.backwardShare(), 1e-9);
    assertEquals(2 * both / 0.75, share.share(), 1e-9);
    assertEquals(1, of(CONVOLUTION).floorShares(times, new Peaks(1, 1)).size());
    assertEquals(List.of(), of(TWO_DENSE).floorShares(times, new Peaks(1, 1)));
  }

  @Test
  void nothingIsMeasuredInNoTime() {
    Kernels kernels = new ScalarKernels();
    assertThrows(
        IllegalArgumentException.class, () -> new EngineThroughput(TWO_DENSE, kernels, 2, 1, 0));
    assertThrows(
        IllegalArgumentException.class, () -> new EngineThroughput(TWO_DENSE, kernels, 0, 1, 1));
  }
}
