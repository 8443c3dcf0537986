package convoy.engine.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.Kernels;
import convoy.engine.layer.Affine;
import convoy.engine.layer.BatchNormalization;
import convoy.engine.layer.Convolution;
import convoy.engine.layer.Dense;
import convoy.engine.layer.Flatten;
import convoy.engine.layer.FusedAffine;
import convoy.engine.layer.FusedAffine.Summand;
import convoy.engine.layer.FusedNormalization;
import convoy.engine.layer.Layer;
import convoy.engine.layer.Padding;
import convoy.engine.layer.Relu;
import convoy.engine.layer.Residual;
import convoy.engine.layer.Sequence;
import convoy.engine.layer.TestKernels;
import convoy.engine.layer.TestLayers;
import convoy.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Fused steps have the bits of the operations after each other: those of a network that has a
 * pooling of one pixel, which changes nothing, wherever the plan would fuse.
 */
class FusionTest {
  private static final int IMAGES = 3;
  private static final Padding SAME = new Padding.Same();

  /**
   * A network, and how many of its additions are fused.
   *
   * @param fused additions in the pass of an affine layer or a normalisation
   */
  private record Fusion(NetworkSpec spec, int fused) {
    @Override
    public String toString() {
      return spec.name();
    }
  }

  static Stream<Arguments> fusions() {
    List<Fusion> fusions = new ArrayList<>();
    for (boolean relu : new boolean[] {false, true}) {
      for (int filters : new int[] {5, 16}) {
        String end = "-" + filters + (relu ? "-relu" : "");
        Layer identity = identity(filters), projection = projection(filters);
        Layer single = Residual.identity(List.of(convolution(filters)));
        Layer nested = Residual.identity(List.of(single, convolution(filters)));
        fusions.add(fusion("identity" + end, 1, relu, filters, identity));
        fusions.add(fusion("projection" + end, 1, relu, filters, projection));
        fusions.add(fusion("two" + end, 2, relu, filters, identity, identity));
        fusions.add(
            fusion("projectionThenTwo" + end, 3, relu, filters, projection, single, single));
        fusions.add(fusion("nested" + end, 2, relu, filters, nested));
        Layer clipped = clipped(filters);
        fusions.add(fusion("clipped" + end, 1, relu, filters, clipped));
        fusions.add(fusion("threeClipped" + end, 3, relu, filters, clipped, clipped, clipped));
        fusions.add(fusion("mixed" + end, 3, relu, filters, identity, clipped, projection));
        Layer normal = normalized(filters), both = normalizedProjection(filters);
        fusions.add(fusion("normalized" + end, 1, relu, filters, normal));
        fusions.add(fusion("normalizedThree" + end, 3, relu, filters, normal, both, normal));
        fusions.add(fusion("normalizedAlone" + end, 1, relu, filters, normalizedAlone()));
        Layer dense = Residual.identity(List.of(new Dense(filters, true)));
        fusions.add(
            fusion(
                "dense" + end, 1, relu, filters, new Flatten(), new Dense(filters, false), dense));
      }
    }
    return TestKernels.all().stream()
        .flatMap(kernels -> fusions.stream().map(f -> Arguments.of(kernels.name(), kernels, f)));
  }

  private static Fusion fusion(String name, int fused, boolean relu, int filters, Layer... blocks) {
    List<Layer> layers = new ArrayList<>(List.of(convolution(filters), new Relu()));
    for (Layer block : blocks) {
      layers.add(block);
      if (relu && block instanceof Residual) {
        layers.add(new Relu());
      }
    }
    layers.addAll(List.of(new Flatten(), new Dense(3, true)));
    return new Fusion(TestNetworks.network(name, new Shape(1, 8, 7, 3), layers), fused);
  }

  private static Layer identity(int filters) {
    return Residual.identity(List.of(convolution(filters), new Relu(), convolution(filters)));
  }

  /** A block whose body ends in a ReLU. */
  private static Layer clipped(int filters) {
    return Residual.identity(
        List.of(convolution(filters), new Relu(), convolution(filters), new Relu()));
  }

  private static Layer normalized(int filters) {
    BatchNormalization normalization = BatchNormalization.DEFAULT;
    return Residual.identity(
        List.of(
            convolution(filters), normalization, new Relu(), convolution(filters), normalization));
  }

  /** A block whose body is a normalisation alone: its input is read twice by one step. */
  private static Layer normalizedAlone() {
    return Residual.identity(List.of(BatchNormalization.DEFAULT));
  }

  private static Layer normalizedProjection(int filters) {
    Layer half = TestLayers.convolution(filters, 3, 3, 2, 2, SAME, false);
    return new Residual(
        new Sequence(List.of(half, BatchNormalization.DEFAULT)),
        Optional.of(new Sequence(List.of(half, BatchNormalization.DEFAULT))));
  }

  private static Layer projection(int filters) {
    Layer half = TestLayers.convolution(filters, 3, 3, 2, 2, SAME, true);
    Layer project = TestLayers.convolution(filters, 1, 1, 2, 2, SAME, false);
    return new Residual(
        new Sequence(List.of(half, new Relu(), convolution(filters))),
        Optional.of(new Sequence(List.of(project))));
  }

  private static Convolution convolution(int filters) {
    return TestLayers.convolution(filters, 3, 3, 1, 1, SAME, true);
  }

  @ParameterizedTest(name = "{0} {2}")
  @MethodSource("fusions")
  void bothPassesHaveTheBitsOfSeparateSteps(String name, Kernels kernels, Fusion fusion) {
    NetworkSpec spec = fusion.spec();
    Sequence apart = separated(spec.layers());
    Plan separate = training(TestNetworks.network("separate", spec.input(), apart.layers()));
    Plan fused = training(spec);
    assertEquals(0, additions(separate));
    assertEquals(fusion.fused(), additions(fused));
    NetworkRun wanted = NetworkRun.of(separate, kernels, 1, IMAGES);
    NetworkRun got = NetworkRun.of(fused, kernels, 1, IMAGES);
    assertArrayEquals(wanted.output(), got.output());
    assertArrayEquals(wanted.gradient(), got.gradient());
    for (float value : got.gradient()) {
      assertTrue(Float.isFinite(value));
    }
  }

  private static Plan training(NetworkSpec spec) {
    return new Plan(spec, IMAGES, Plan.Mode.TRAINING);
  }

  private static long additions(Plan plan) {
    return plan.steps().stream()
        .filter(
            step ->
                step.operation() instanceof FusedAffine fused && fused.summand() != Summand.NONE
                    || step.operation() instanceof FusedNormalization norm && norm.addition())
        .count();
  }

  /**
   * The same layers, each affine one, normalisation and block with a pooling of one pixel after it.
   */
  private static Sequence separated(Sequence sequence) {
    List<Layer> layers = new ArrayList<>();
    for (Layer layer : sequence.layers()) {
      if (layer instanceof Residual block) {
        layers.add(
            new Residual(separated(block.body()), block.projection().map(FusionTest::separated)));
      } else {
        layers.add(layer);
      }
      boolean joins = layer instanceof Affine || layer instanceof BatchNormalization;
      if (joins || layer instanceof Residual) {
        layers.add(TestLayers.maxPooling(1, 1, 1, 1, new Padding.Valid()));
      }
    }
    return new Sequence(layers);
  }
}
