package convoy.engine.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.Kernels;
import convoy.engine.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LocalResponseNormalizationTest {
  private static final Shape SHAPE = new Shape(2, 1, 2, 7);

  // Printed by src/test/python/response_normalization_golden.py, computed by PyTorch.
  private static final float[] ALEXNET_Y = {
    -0.891814937f,
    -0.371571924f,
    0.148606484f,
    0.668578421f,
    1.18856716f,
    1.70856929f,
    -0.520024012f,
    0f,
    0.520069083f,
    1.04008883f,
    1.56012959f,
    -0.668636365f,
    -0.148602915f,
    0.371603273f,
    0.891578328f,
    1.41165246f,
    -0.817268168f,
    -0.297196083f,
    0.222906462f,
    0.743074201f,
    1.26323798f,
    1.78317023f,
    -0.44577585f,
    0.0742861867f,
    0.594321509f,
    1.11433456f,
    1.63435831f,
    -0.594334386f
  };
  private static final float[] ALEXNET_DX = {
    -0.594423648f,
    -0.185702836f,
    0.222894569f,
    0.631460215f,
    -0.48274963f,
    -0.0741215541f,
    0.334204632f,
    0.743147767f,
    -0.371537602f,
    0.0371527383f,
    0.445748581f,
    0.854405107f,
    -0.260048227f,
    0.148678937f,
    0.557268304f,
    -0.557157657f,
    -0.14861096f,
    0.259988261f,
    0.668728136f,
    -0.445796206f,
    -0.037092637f,
    0.371384129f,
    0.78013933f,
    -0.334301588f,
    0.0740800045f,
    0.482370657f,
    0.890715001f,
    -0.222607084f
  };
  private static final float[] STRONG_Y = {
    -0.90523924f,
    -0.374167534f,
    0.172313703f,
    0.516148653f,
    0.584687955f,
    0.857153865f,
    -0.314087906f,
    0f,
    0.460583882f,
    0.57675237f,
    0.845343216f,
    -0.422796959f,
    -0.172313703f,
    0.552924976f,
    0.574877108f,
    0.819533646f,
    -0.530498402f,
    -0.316698239f,
    0.249163795f,
    0.53535831f,
    0.919582272f,
    1.04690724f,
    -0.261514829f,
    0.0881728148f,
    0.491609439f,
    0.58142323f,
    0.85275407f,
    -0.368432526f
  };
  private static final float[] STRONG_DX = {
    -0.207618793f,
    -0.00910412431f,
    0.223348399f,
    0.404280078f,
    -0.326619056f,
    0.148105115f,
    0.177612546f,
    1.02908686f,
    -0.280102367f,
    0.0176487938f,
    0.268865878f,
    0.552065089f,
    -0.296405415f,
    0.163704058f,
    0.378601676f,
    -0.331579608f,
    -0.235085833f,
    0.308373368f,
    0.752130453f,
    -0.343624276f,
    0.115673767f,
    0.121106646f,
    0.469425603f,
    -0.391662991f,
    0.0265268332f,
    -0.0491546761f,
    0.0114018446f,
    -0.0134342887f
  };

  static List<Kernels> kernels() {
    return TestKernels.all();
  }

  /** Values that are exact in float. */
  private static float[] numbers(int step, int modulus, float scale, float shift) {
    float[] values = new float[(int) SHAPE.size()];
    for (int i = 0; i < values.length; i++) {
      values[i] = i * step % modulus * scale + shift;
    }
    return values;
  }

  private static LayerRun.Result run(Kernels kernels, LocalResponseNormalization layer) {
    return LayerRun.of(kernels, layer, SHAPE)
        .run(
            numbers(7, 37, 0.125f, -1.5f),
            List.of(),
            numbers(11, 41, 0.0625f, -1),
            Backward.Mode.OVERWRITE,
            new float[0]);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void alexNetsSettingsGivePyTorchsValues(Kernels kernels) {
    LayerRun.Result result = run(kernels, LocalResponseNormalization.DEFAULT);
    assertArrayEquals(ALEXNET_Y, result.y(), 1e-6f);
    assertArrayEquals(ALEXNET_DX, result.dx(), 1e-6f);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void strongNormalizationOfAnotherExponentGivesPyTorchsValues(Kernels kernels) {
    LocalResponseNormalization layer = new LocalResponseNormalization(3, 0.5, 0.6, 1, false);
    LayerRun.Result result = run(kernels, layer);
    assertArrayEquals(STRONG_Y, result.y(), 1e-6f);
    assertArrayEquals(STRONG_DX, result.dx(), 2e-6f);
    LocalResponseNormalization divided = new LocalResponseNormalization(3, 1.5, 0.6, 1, true);
    assertArrayEquals(result.y(), run(kernels, divided).y());
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void nanSpreadsToTheChannelsThatSumIt(Kernels kernels) {
    float[] x = new float[9];
    x[2] = Float.NaN;
    LocalResponseNormalization layer = LocalResponseNormalization.DEFAULT;
    float[] y = LayerRun.of(kernels, layer, Shape.flat(1, 9)).forward(x, List.of());
    for (int i = 0; i < 9; i++) {
      assertEquals(i <= 4, Float.isNaN(y[i]), "channel " + i);
    }
  }

  @Test
  void settingsOutOfRangeAreRefused() {
    refused("size is 4, wanted an odd number", 4, 1e-4, 0.75, 2);
    refused("size is -1", -1, 1e-4, 0.75, 2);
    refused("alpha is -1.0", 5, -1, 0.75, 2);
    refused("beta is 0.0", 5, 1, 0, 2);
    refused("k is 0.0", 5, 1, 0.75, 0);
    refused("k is NaN", 5, 1, 0.75, Double.NaN);
  }

  private static void refused(String start, int size, double alpha, double beta, double k) {
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> new LocalResponseNormalization(size, alpha, beta, k, false))
            .getMessage();
    assertTrue(message.startsWith(start), message);
  }
}
