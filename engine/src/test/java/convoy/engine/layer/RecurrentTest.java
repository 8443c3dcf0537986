package convoy.engine.layer;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.Kernels;
import convoy.engine.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Expected values are those of PyTorch; engine/src/test/python/recurrent_golden.py prints them. */
class RecurrentTest {
  private static final Recurrent LAYER = new Recurrent(2, Initialization.GLOROT_UNIFORM);

  static List<Kernels> kernels() {
    return TestKernels.all();
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void bothPassesHaveTheValuesOfPyTorch(Kernels kernels) {
    LayerRun.Result run =
        LayerRun.of(kernels, LAYER, new Shape(2, 3, 2, 1))
            .run(
                values(12, 3),
                List.of(values(4, 0), values(4, 1), values(2, 2)),
                new float[] {1, -0.5f, 0.25f, 2},
                Backward.Mode.OVERWRITE,
                new float[0]);
    assertNear(run.y(), -0.0625032824, -0.279295406, -0.351738007, 0.149412898);
    assertNear(
        run.dx(),
        0.0064605362,
        0.080198404,
        0.520426404,
        -0.387559029,
        -1.09281778,
        0.537146484,
        -0.666440875,
        0.387577453,
        0.46391062,
        -0.0231799237,
        1.30221111,
        -1.16732721);
    assertNear(
        run.parameterGradients().get(0), -0.793070249, 0.0568804762, -1.45043825, -0.422554491);
    assertNear(
        run.parameterGradients().get(1), 0.862131448, 0.420971208, -0.860816882, -0.0376696546);
    assertNear(run.parameterGradients().get(2), 0.342272387, 1.05393907);
  }

  private static float[] values(int size, int number) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = ((i * i * 5 + i * 7 + number * 3) % 13 - 6) / 8f;
    }
    return values;
  }

  private static void assertNear(float[] got, double... wanted) {
    double error = TestValues.error(got, wanted);
    assertTrue(error <= 1e-6, () -> "error " + error);
  }

  @Test
  void rowsAreStepsAndColumnsTimesChannelsFeatures() {
    List<ParameterSpec> parameters = LAYER.parameters(new Shape(4, 28, 10, 3));
    assertEquals(
        List.of("inputWeights", "hiddenWeights", "bias"),
        parameters.stream().map(ParameterSpec::name).toList());
    assertEquals(List.of(30, 2), parameters.get(0).dimensions());
    assertEquals(List.of(2, 2), parameters.get(1).dimensions());
    assertEquals(Shape.flat(4, 2), LAYER.outputShape(new Shape(4, 28, 10, 3)));
    assertEquals(4 * 2 * (28 * 30 + 27 * 2), LAYER.multiplications(new Shape(4, 28, 10, 3)));
    assertThrows(
        IllegalArgumentException.class, () -> new Recurrent(0, Initialization.GLOROT_UNIFORM));
  }
}
