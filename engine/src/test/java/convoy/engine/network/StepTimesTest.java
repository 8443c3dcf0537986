package convoy.engine.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.ScalarKernels;
import convoy.engine.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class StepTimesTest {
  private static final Kernels KERNELS = new ScalarKernels();
  private static final int IMAGES = 2;

  @Test
  void timedStepsComputeWhatTheNetworkComputes() {
    Plan plan = plan();
    NetworkRun untimed = NetworkRun.of(plan, KERNELS, 1, IMAGES);
    try (Workspace workspace = new Workspace(plan, KERNELS, 1)) {
      Network network = new Network(workspace, NetworkRun.parameters(plan.spec()));
      StepTimes times = new StepTimes(network);
      fill(network.input(IMAGES), NetworkRun.images(plan.spec(), IMAGES));
      Tensor scores = times.forward();
      int end = scores.offset() + scores.size();
      assertArrayEquals(untimed.output(), Arrays.copyOfRange(scores.array(), scores.offset(), end));
      fill(network.outputGradient(IMAGES), NetworkRun.outputGradient(plan.spec(), IMAGES));
      times.backward();
      assertArrayEquals(untimed.gradient(), network.gradient());
    }
  }

  @Test
  void eachStepHasItsTimesInThePlansOrder() {
    Plan plan = plan();
    try (Workspace workspace = new Workspace(plan, KERNELS, 1)) {
      Network network = new Network(workspace, NetworkRun.parameters(plan.spec()));
      StepTimes times = new StepTimes(network);
      for (int i = 0; i < 3; i++) {
        times.forward();
        times.backward();
      }
      List<StepTime> medians = times.medians();
      assertEquals(
          plan.steps().stream().map(Plan.Step::name).toList(),
          medians.stream().map(StepTime::name).toList());
      assertEquals("convolution+relu", medians.get(1).operation());
      assertEquals("convolution+relu+addition", medians.get(3).operation());
      assertEquals("dense", medians.get(9).operation());
      for (int i = 0; i < medians.size(); i++) {
        StepTime median = medians.get(i);
        assertTrue(median.forwardMillis() > 0 && median.backwardMillis() >= 0, "" + median);
        assertEquals(plan.multiplications(plan.steps().get(i)), median.multiplications());
      }
    }
  }

  @Test
  void medianIsOfEachPassAlone() {
    Stopwatch stopwatch = new Stopwatch("loss", "softmaxCrossEntropy", 0);
    stopwatch.forward(() -> {});
    StepTime median = stopwatch.median();
    assertTrue(median.forwardMillis() >= 0 && median.forwardMillis() < 1000, "" + median);
    assertEquals(0, median.backwardMillis());
  }

  @Test
  void anOperationIsAMultiplicationOrAnAddition() {
    StepTime time = new StepTime("dense1", "dense", 1.5, 2.5, 6_000_000);
    assertEquals(4, time.millis());
    assertEquals(3, time.gigaflops(), 1e-12);
  }

  private static Plan plan() {
    return new Plan(TestNetworks.residualPool(), IMAGES, Plan.Mode.TRAINING);
  }

  private static void fill(Tensor tensor, float[] values) {
    System.arraycopy(values, 0, tensor.array(), tensor.offset(), values.length);
  }
}
