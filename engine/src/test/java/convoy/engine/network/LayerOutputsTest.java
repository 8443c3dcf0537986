package convoy.engine.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import convoy.engine.kernel.Kernels;
import convoy.engine.random.RandomKey;
import convoy.engine.tensor.Pixels;
import convoy.engine.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class LayerOutputsTest {
  private static final Kernels KERNELS = Kernels.best().kernels();

  @Test
  void everyLayerKeepsItsOutput() {
    NetworkSpec spec =
        NetworkSpec.fromYaml(
            "test",
            """
            name: test
            input: {height: 2, width: 2, channels: 1}
            layers:
              - residual: {body: [{convolution: {filters: 1, kernel: 1}}, relu]}
              - maxPooling: {window: 2}
              - flatten
              - dense: {units: 2}
            """);
    // Weight and bias of the convolution, weights and biases of the dense layer.
    Parameters parameters = new Parameters(spec.layout(), new float[] {-1, 5, 10, 20, 1, 2});
    List<LayerOutputs.Output> outputs =
        LayerOutputs.of(spec, parameters, KERNELS, new byte[] {1, 2, 3, (byte) 200});
    assertEquals(
        List.of("convolution1", "relu1", "residual1", "maxPooling1", "dense1"),
        outputs.stream().map(LayerOutputs.Output::layer).toList());
    assertValues(outputs.get(0), 4, 3, 2, -195);
    assertValues(outputs.get(1), 4, 3, 2, 0);
    assertValues(outputs.get(2), 5, 5, 5, 200);
    assertValues(outputs.get(3), 200);
    assertValues(outputs.get(4), 2001, 4002);
  }

  @Test
  void theLastOutputIsThatOfAPlan() {
    for (NetworkSpec spec : TestNetworks.all()) {
      Parameters parameters = NetworkRun.parameters(spec);
      byte[] pixels = new byte[spec.input().imageSize()];
      RandomKey key = RandomKey.of(1, RandomKey.Purpose.GENERATED_DATA);
      for (int i = 0; i < pixels.length; i++) {
        pixels[i] = (byte) key.below(256, i);
      }
      List<LayerOutputs.Output> outputs = LayerOutputs.of(spec, parameters, KERNELS, pixels);
      float[] expected = planned(spec, parameters, pixels);
      double largest = 0;
      for (float value : expected) {
        largest = Math.max(largest, Math.abs(value));
      }
      assertArrayEquals(
          expected,
          values(outputs.get(outputs.size() - 1).values()),
          (float) (1e-5 * largest),
          spec.toYaml());
    }
  }

  @Test
  void anImageOfAnotherSizeIsRefused() {
    NetworkSpec spec = TestNetworks.all().get(0);
    assertThrows(
        IllegalArgumentException.class,
        () -> LayerOutputs.of(spec, NetworkRun.parameters(spec), KERNELS, new byte[1]));
  }

  private static float[] planned(NetworkSpec spec, Parameters parameters, byte[] pixels) {
    Plan plan = new Plan(spec, 1, Plan.Mode.INFERENCE);
    try (Workspace workspace = new Workspace(plan, KERNELS, 1)) {
      Network network = new Network(workspace, parameters);
      Pixels.write(pixels, network.input(1));
      return values(network.forward(1));
    }
  }

  private static float[] values(Tensor tensor) {
    return Arrays.copyOfRange(tensor.array(), tensor.offset(), tensor.offset() + tensor.size());
  }

  private static void assertValues(LayerOutputs.Output output, float... expected) {
    assertArrayEquals(expected, values(output.values()), output.layer());
  }
}
