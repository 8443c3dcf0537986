package convoy.engine.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import convoy.engine.kernel.Kernels;
import convoy.engine.tensor.Shape;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** The fused pair has the bits of the two operations one after the other. */
class AffineReluTest {
  static Stream<Arguments> layers() {
    return TestKernels.all().stream()
        .flatMap(
            kernels ->
                LayerCase.all().stream()
                    .filter(c -> c.layer() instanceof Affine)
                    .map(c -> Arguments.of(kernels.name(), kernels, c)));
  }

  static List<Kernels> kernels() {
    return TestKernels.all();
  }

  @ParameterizedTest(name = "{0} {2}")
  @MethodSource("layers")
  void bothPassesHaveTheBitsOfTheTwoOperations(String name, Kernels kernels, LayerCase layer) {
    float[] x = layer.values();
    List<float[]> parameters = layer.parameters();
    float[] dy = layer.outputGradient();
    LayerRun affine = LayerRun.of(kernels, layer.layer(), layer.x());
    LayerRun.Result wanted = unfused(affine, x, parameters, dy);
    Operation pair = new AffineRelu((Affine) layer.layer());
    LayerRun fused = new LayerRun(kernels, 1, pair, layer.x(), affine.y(), 0);
    LayerRun.Result got = fused.run(x, parameters, dy, Backward.Mode.OVERWRITE, new float[0]);
    assertArrayEquals(wanted.y(), got.y());
    assertArrayEquals(wanted.dx(), got.dx());
    assertEquals(wanted.parameterGradients().size(), got.parameterGradients().size());
    for (int i = 0; i < parameters.size(); i++) {
      assertArrayEquals(wanted.parameterGradients().get(i), got.parameterGradients().get(i));
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void sumsTooSmallForAFloatAndNanHaveTheSameBitsToo(Kernels kernels) {
    Dense layer = new Dense(2, true);
    Shape x = Shape.flat(4, 1);
    float[] values = {1e-30f, -1e-30f, Float.NaN, Float.NEGATIVE_INFINITY};
    List<float[]> parameters = List.of(new float[] {1e-30f, -1e-30f}, new float[] {-0.0f, -0.0f});
    float[] dy = {1, 1, 1, 1, 1, 1, 1, 1};
    LayerRun affine = LayerRun.of(kernels, layer, x);
    LayerRun fused = new LayerRun(kernels, 1, new AffineRelu(layer), x, affine.y(), 0);
    assertArrayEquals(
        unfused(affine, values, parameters, dy).y(), fused.forward(values, parameters));
  }

  private static LayerRun.Result unfused(
      LayerRun affine, float[] x, List<float[]> parameters, float[] dy) {
    float[] between = affine.forward(x, parameters);
    LayerRun relu = LayerRun.of(affine.kernels(), new Relu(), affine.y());
    LayerRun.Result second =
        relu.run(between, List.of(), dy, Backward.Mode.OVERWRITE, new float[0]);
    LayerRun.Result first =
        affine.run(x, parameters, second.dx(), Backward.Mode.OVERWRITE, new float[0]);
    return new LayerRun.Result(second.y(), first.dx(), first.parameterGradients());
  }
}
