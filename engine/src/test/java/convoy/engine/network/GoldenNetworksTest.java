package convoy.engine.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.Kernels;
import convoy.engine.layer.LayerTwin;
import convoy.engine.layer.TestValues;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each network of conf/networks, without its dropout, against PyTorch in double, which was given
 * the same parameters, images and gradient of the scores; engine/src/test/python/networks_golden.py
 * builds the networks a second time and writes what is expected.
 */
class GoldenNetworksTest {
  private static final double TOLERANCE = 1e-3;

  private static final double TOLERANCE_OF_DOUBLES = 1e-6;

  static List<String> names() throws IOException {
    return ShippedNetworks.names();
  }

  @ParameterizedTest
  @MethodSource("names")
  void fastestKernelsComeNearTheValuesOfPyTorch(String name) throws IOException {
    GoldenNetwork golden = GoldenNetwork.of(name);
    Kernels kernels = Kernels.best().kernels();
    Plan plan = new Plan(golden.spec(), golden.images(), Plan.Mode.TRAINING);
    Parameters parameters = golden.parameters();
    try (Workspace workspace = new Workspace(plan, kernels, 1)) {
      Network network = new Network(workspace, parameters);
      write(golden.pixels(), network.input(golden.images()));
      assertNear(golden, "scores", network.forward(golden.images()));
      write(golden.outputGradient(), network.outputGradient(golden.images()));
      network.backward(golden.images());
      for (ParameterLayout.Entry entry : golden.trainable()) {
        Shape flat = Shape.flat(1, entry.size());
        Tensor gradient = Tensor.dense(network.gradient(), entry.offset(), flat);
        assertNear(golden, entry.name(), gradient);
      }
    }
    assertEquals(golden.trainable().size() + 2, golden.names().size());
  }

  /** With the means and variances of the training, not of the batch. */
  @ParameterizedTest
  @MethodSource("names")
  void evaluationComesNearTheValuesOfPyTorch(String name) throws IOException {
    GoldenNetwork golden = GoldenNetwork.of(name);
    Plan plan = new Plan(golden.spec(), golden.images(), Plan.Mode.INFERENCE);
    try (Workspace workspace = new Workspace(plan, Kernels.best().kernels(), 1)) {
      Network network = new Network(workspace, golden.parameters());
      write(golden.pixels(), network.input(golden.images()));
      assertNear(golden, "evaluatedScores", network.forward(golden.images()));
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void twinHasTheValuesOfPyTorch(String name) throws IOException {
    GoldenNetwork golden = GoldenNetwork.of(name);
    float[] values = golden.parameters().values();
    Deque<double[]> parameters = new ArrayDeque<>();
    for (ParameterLayout.Entry entry : golden.trainable()) {
      double[] own = new double[entry.size()];
      for (int i = 0; i < own.length; i++) {
        own[i] = values[entry.offset() + i];
      }
      parameters.add(own);
    }
    NetworkSpec spec = golden.spec();
    Shape input = spec.input().withImages(golden.images());
    LayerTwin.Pass twin =
        LayerTwin.run(spec.layers(), input, TestValues.doubles(golden.pixels()), parameters);
    assertSame(golden, "scores", twin.y());
    List<double[]> gradients =
        twin.backward().apply(TestValues.doubles(golden.outputGradient())).parameters();
    assertEquals(golden.trainable().size(), gradients.size());
    for (int i = 0; i < gradients.size(); i++) {
      assertSame(golden, golden.trainable().get(i).name(), gradients.get(i));
    }
  }

  private static void write(float[] values, Tensor tensor) {
    assertEquals(values.length, tensor.size());
    System.arraycopy(values, 0, tensor.array(), tensor.offset(), values.length);
  }

  private static void assertNear(GoldenNetwork golden, String name, Tensor got) {
    double error = golden.error(name, got.size(), i -> got.array()[got.offset() + i]);
    assertTrue(error <= TOLERANCE, () -> name + ": error " + error);
  }

  private static void assertSame(GoldenNetwork golden, String name, double[] got) {
    double error = golden.error(name, got.length, i -> got[i]);
    assertTrue(error <= TOLERANCE_OF_DOUBLES, () -> name + ": error " + error);
  }
}
