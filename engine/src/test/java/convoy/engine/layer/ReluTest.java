package convoy.engine.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import convoy.engine.kernel.Kernels;
import convoy.engine.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ReluTest {
  static List<Kernels> kernels() {
    return TestKernels.all();
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void negativeValuesBecomeZeroAndNanStays(Kernels kernels) {
    float inf = Float.POSITIVE_INFINITY;
    float[] x = {-1, 0, 2, Float.NaN, inf, -inf, -0.0f};
    LayerRun.Result result = run(kernels, x);
    assertArrayEquals(new float[] {0, 0, 2, Float.NaN, inf, 0, -0.0f}, result.y());
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void gradientPassesWhereTheOutputIsAboveZero(Kernels kernels) {
    float[] x = new float[37];
    float[] wanted = new float[37];
    for (int i = 0; i < x.length; i++) {
      x[i] = i % 3 - 1;
      wanted[i] = i % 3 == 2 ? 7 : 0;
    }
    assertArrayEquals(wanted, run(kernels, x).dx());
  }

  private static LayerRun.Result run(Kernels kernels, float[] x) {
    float[] dy = new float[x.length];
    Arrays.fill(dy, 7);
    return LayerRun.of(kernels, new Relu(), Shape.flat(1, x.length))
        .run(x, List.of(), dy, Backward.Mode.OVERWRITE, new float[0]);
  }
}
