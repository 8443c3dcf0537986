package convoy.engine.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.layer.FusedAffine.Summand;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** A fused operation has the bits of its parts one after the other. */
class FusedAffineTest {
  /** A fused addition whose second input is given, as an operation of the first alone. */
  private record WithSummand(FusedAffine fused, Tensor summand, Backward.InputGradient ds)
      implements Operation {
    @Override
    public String kind() {
      return fused.kind();
    }

    @Override
    public ScratchSize scratch(Kernels kernels, Shape x) {
      return fused.scratch(kernels, x);
    }

    @Override
    public long kept(Shape x, boolean training) {
      return fused.kept(x, training);
    }

    @Override
    public boolean backwardReadsInput(int number) {
      return fused.backwardReadsInput(number);
    }

    @Override
    public boolean backwardReadsOutput() {
      return fused.backwardReadsOutput();
    }

    @Override
    public Pass forward(Forward values) {
      return fused.forward(withSummand(values));
    }

    @Override
    public Pass backward(Forward values, Backward gradients) {
      List<Backward.InputGradient> both = List.of(gradients.first(), ds);
      return fused.backward(
          withSummand(values), new Backward(gradients.dy(), gradients.parameterGradients(), both));
    }

    private Forward withSummand(Forward values) {
      List<Tensor> both = List.of(values.x(), summand);
      return new Forward(
          values.kernels(),
          values.workers(),
          both,
          values.parameters(),
          values.kept(),
          Operand.NONE,
          values.key(),
          values.y());
    }
  }

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
    Operation pair = new FusedAffine((Affine) layer.layer(), Summand.NONE, true);
    LayerRun fused = new LayerRun(kernels, 1, pair, layer.x(), affine.y(), 0);
    LayerRun.Result got = fused.run(x, parameters, dy, Backward.Mode.OVERWRITE, new float[0]);
    assertArrayEquals(wanted.y(), got.y());
    assertArrayEquals(wanted.dx(), got.dx());
    assertEquals(wanted.parameterGradients().size(), got.parameterGradients().size());
    for (int i = 0; i < parameters.size(); i++) {
      assertArrayEquals(wanted.parameterGradients().get(i), got.parameterGradients().get(i));
    }
  }

  @ParameterizedTest(name = "{0} {2}")
  @MethodSource("layers")
  void additionHasTheBitsOfTheOperationsAfterEachOther(
      String name, Kernels kernels, LayerCase layer) {
    for (Backward.Mode mode : Backward.Mode.values()) {
      checkAddition(kernels, layer, Summand.BEFORE_RELU, false, mode);
      checkAddition(kernels, layer, Summand.BEFORE_RELU, true, mode);
      checkAddition(kernels, layer, Summand.AFTER_RELU, true, mode);
    }
  }

  /** Holds y and all gradients against the affine layer alone and plain loops. */
  private static void checkAddition(
      Kernels kernels, LayerCase layer, Summand place, boolean relu, Backward.Mode mode) {
    LayerRun affine = LayerRun.of(kernels, layer.layer(), layer.x());
    float[] y = affine.forward(layer.values(), layer.parameters());
    float[] summand = TestValues.spread(TestValues.key(4), y.length);
    float[] before = TestValues.spread(TestValues.key(5), y.length);
    float[] dy = layer.outputGradient();
    float[] ds = before.clone();
    for (int i = 0; i < y.length; i++) {
      float ofSum = dy[i];
      y[i] = place == Summand.BEFORE_RELU ? summand[i] + y[i] : y[i];
      if (relu) {
        dy[i] = y[i] > 0 ? dy[i] : 0;
        y[i] = y[i] < 0 ? 0 : y[i];
      }
      y[i] = place == Summand.AFTER_RELU ? summand[i] + y[i] : y[i];
      float ofSummand = place == Summand.AFTER_RELU ? ofSum : dy[i];
      switch (mode) {
        case OVERWRITE -> ds[i] = ofSummand;
        case ACCUMULATE -> ds[i] += ofSummand;
        case UNWANTED -> ds[i] = before[i];
      }
    }
    LayerRun.Result first =
        affine.run(layer.values(), layer.parameters(), dy, Backward.Mode.OVERWRITE, new float[0]);
    Guarded other = Guarded.of(affine.y(), 0, summand);
    Guarded gotDs = Guarded.of(affine.y(), 0, before);
    Operation fused =
        new WithSummand(
            new FusedAffine((Affine) layer.layer(), place, relu),
            other.tensor(),
            new Backward.InputGradient(mode, gotDs.tensor()));
    LayerRun.Result got =
        new LayerRun(kernels, 1, fused, layer.x(), affine.y(), 0)
            .run(
                layer.values(),
                layer.parameters(),
                layer.outputGradient(),
                Backward.Mode.OVERWRITE,
                new float[0]);
    assertArrayEquals(y, got.y());
    assertArrayEquals(ds, gotDs.values());
    assertArrayEquals(summand, other.values(), "the summand is written");
    assertTrue(gotDs.surroundingsAreIntact(), "ds is written outside");
    assertArrayEquals(first.dx(), got.dx());
    for (int i = 0; i < layer.parameters().size(); i++) {
      assertArrayEquals(first.parameterGradients().get(i), got.parameterGradients().get(i));
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
    LayerRun fused =
        new LayerRun(kernels, 1, new FusedAffine(layer, Summand.NONE, true), x, affine.y(), 0);
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
