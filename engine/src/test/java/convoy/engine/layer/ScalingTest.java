package convoy.engine.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import convoy.engine.kernel.Kernels;
import convoy.engine.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ScalingTest {
  static List<Kernels> kernels() {
    return TestKernels.all();
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void eachChannelHasItsMeanAndDeviation(Kernels kernels) {
    Scaling layer = new Scaling(List.of(1.0, 2.0), List.of(2.0, 4.0));
    LayerRun run = LayerRun.of(kernels, layer, new Shape(1, 1, 2, 2));
    float[] y = run.forward(new float[] {1, 2, 255, 0}, List.of());
    assertArrayEquals(new float[] {0, 0, 127, -0.5f}, y);
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void oneValueServesAllChannels(Kernels kernels) {
    Scaling layer = new Scaling(List.of(1.0), List.of(2.0, 4.0));
    LayerRun run = LayerRun.of(kernels, layer, new Shape(1, 1, 1, 2));
    assertArrayEquals(new float[] {1, 0.5f}, run.forward(new float[] {3, 3}, List.of()));
  }

  @Test
  void valuesThatAreNeitherOneNorOneAChannelAreRefused() {
    Scaling layer = new Scaling(List.of(1.0, 2.0), List.of(1.0));
    IllegalArgumentException refusal =
        assertThrows(
            IllegalArgumentException.class, () -> layer.outputShape(new Shape(1, 4, 4, 3)));
    assertEquals("mean has 2 values, but the input is 4x4x3: wanted 1 or 3", refusal.getMessage());
  }

  @Test
  void deviationsThatCannotDivideAFloatAreRefused() {
    for (double deviation : new double[] {0, Double.NaN, Double.POSITIVE_INFINITY, 1e-40, 1e60}) {
      assertThrows(IllegalArgumentException.class, () -> Scaling.by(deviation), "" + deviation);
    }
  }

  @Test
  void meansOutsideTheRangeOfAFloatAreRefused() {
    List<Double> one = List.of(1.0);
    for (double mean : new double[] {Double.NaN, Double.NEGATIVE_INFINITY, 1e60}) {
      assertThrows(
          IllegalArgumentException.class, () -> new Scaling(List.of(mean), one), "" + mean);
    }
    assertThrows(IllegalArgumentException.class, () -> new Scaling(List.of(), one));
    assertThrows(IllegalArgumentException.class, () -> new Scaling(one, List.of()));
  }
}
