package convoy.engine.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.Kernels;
import convoy.engine.layer.BatchNormalization;
import convoy.engine.layer.Convolution;
import convoy.engine.layer.Dense;
import convoy.engine.layer.Flatten;
import convoy.engine.layer.Layer;
import convoy.engine.layer.Padding;
import convoy.engine.layer.Relu;
import convoy.engine.layer.Residual;
import convoy.engine.layer.Scaling;
import convoy.engine.layer.TestKernels;
import convoy.engine.layer.TestLayers;
import convoy.engine.layer.TestValues;
import convoy.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A normalisation that is folded into the layer before it gives the outputs of the two after each
 * other to within rounding: those of a network with a pooling of one pixel, which changes nothing,
 * between them.
 */
class FoldingTest {
  /** The largest difference, over the largest output, of four normalisations on the way to it. */
  private static final double TOLERANCE = 5e-6;

  private static final int IMAGES = 3;
  private static final Padding SAME = new Padding.Same();
  private static final BatchNormalization NORMALIZATION = BatchNormalization.DEFAULT;

  /** A layer to fold into, for an input of its own. */
  private record Folding(String name, Shape input, Layer layer, boolean flat) {
    @Override
    public String toString() {
      return name;
    }
  }

  static Stream<Arguments> foldings() {
    Convolution turned = TestLayers.turned(TestLayers.convolution(5, 3, 2, 1, 1, SAME, true));
    Shape images = new Shape(1, 8, 7, 16);
    List<Folding> foldings =
        List.of(
            new Folding("winograd", images, convolution(16, 3, true), false),
            new Folding("winograd without bias", images, convolution(37, 3, false), false),
            new Folding("pixel", images, convolution(33, 1, true), false),
            new Folding("patches", images, convolution(7, 5, false), false),
            new Folding("turned", images, turned, false),
            new Folding("dense", new Shape(1, 3, 3, 5), new Dense(19, true), true),
            new Folding("dense without bias", new Shape(1, 1, 1, 70), new Dense(64, false), true));
    return TestKernels.all().stream()
        .flatMap(kernels -> foldings.stream().map(f -> Arguments.of(kernels.name(), kernels, f)));
  }

  private static Layer convolution(int filters, int size, boolean bias) {
    return TestLayers.convolution(filters, size, size, 1, 1, SAME, bias);
  }

  private static Layer nothing() {
    return TestLayers.maxPooling(1, 1, 1, 1, new Padding.Valid());
  }

  /** With a ReLU behind the normalisation, then an addition, then both. */
  private static NetworkSpec network(Folding folding, boolean apart) {
    List<Layer> layers = new ArrayList<>(List.of(Scaling.by(255)));
    if (folding.flat()) {
      layers.add(new Flatten());
    }
    layers.add(folding.layer());
    addNormalization(layers, apart);
    layers.add(new Relu());
    Shape shape = folding.layer().outputShape(flat(folding));
    Layer same = folding.flat() ? new Dense(shape.c(), true) : convolution(shape.c(), 3, false);
    List<Layer> body = new ArrayList<>(List.of(same));
    addNormalization(body, apart);
    layers.addAll(List.of(Residual.identity(body), new Relu(), Residual.identity(body)));
    layers.addAll(List.of(new Flatten(), new Dense(4, true)));
    addNormalization(layers, apart);
    return TestNetworks.network(folding.name(), folding.input(), layers);
  }

  private static Shape flat(Folding folding) {
    Shape input = folding.input();
    return folding.flat() ? Shape.flat(1, input.imageSize()) : input;
  }

  private static void addNormalization(List<Layer> layers, boolean apart) {
    if (apart) {
      layers.add(nothing());
    }
    layers.add(NORMALIZATION);
  }

  @ParameterizedTest(name = "{0} {2}")
  @MethodSource("foldings")
  void outputsDifferByRoundingAlone(String name, Kernels kernels, Folding folding) {
    Plan apart = new Plan(network(folding, true), IMAGES, Plan.Mode.INFERENCE);
    Plan folded = new Plan(network(folding, false), IMAGES, Plan.Mode.INFERENCE);
    assertEquals(4, normalizations(apart));
    assertEquals(0, normalizations(folded));
    double[] wanted = TestValues.doubles(NetworkRun.of(apart, kernels, 1, IMAGES).output());
    float[] got = NetworkRun.of(folded, kernels, 1, IMAGES).output();
    double error = TestValues.error(got, wanted);
    assertTrue(error <= TOLERANCE, () -> "error " + error);
    assertArrayEquals(got, NetworkRun.of(folded, kernels, 3, IMAGES).output());
    float[] pixels = NetworkRun.images(folded.spec(), IMAGES);
    float[] first = Arrays.copyOf(pixels, pixels.length / IMAGES);
    assertArrayEquals(
        Arrays.copyOf(got, got.length / IMAGES), NetworkRun.of(folded, kernels, 1, first).output());
  }

  private static long normalizations(Plan plan) {
    return kinds(plan).stream().filter(kind -> kind.startsWith("batchNormalization")).count();
  }

  private static List<String> kinds(Plan plan) {
    return plan.steps().stream().map(step -> step.operation().kind()).toList();
  }

  @Test
  void reluAndAdditionAreInTheSamePass() {
    Folding folding = new Folding("images", new Shape(1, 4, 4, 2), convolution(3, 3, true), false);
    assertEquals(
        List.of(
            "scaling",
            "convolution+batchNormalization+relu",
            "convolution+batchNormalization+addition+relu",
            "convolution+batchNormalization+addition",
            "dense+batchNormalization"),
        kinds(new Plan(network(folding, false), 1, Plan.Mode.INFERENCE)));
  }

  @Test
  void onlyTheOneReaderOfALayerJustBeforeItIsFolded() {
    Layer convolution = convolution(4, 3, true);
    // The block's sum reads the convolution too.
    assertEquals(
        List.of("convolution", "batchNormalization", "addition", "dense"),
        inferred(convolution, Residual.identity(List.of(NORMALIZATION))));
    assertEquals(
        List.of("convolution+relu", "batchNormalization", "dense"),
        inferred(convolution, new Relu(), NORMALIZATION));
    // Of the flattened image each pixel is a channel.
    assertEquals(
        List.of("convolution", "batchNormalization", "dense"),
        inferred(convolution, new Flatten(), NORMALIZATION));
    assertEquals(
        List.of("convolution+batchNormalization", "batchNormalization+relu", "dense"),
        inferred(convolution, NORMALIZATION, NORMALIZATION, new Relu()));
  }

  private static List<String> inferred(Layer... layers) {
    List<Layer> all = new ArrayList<>(List.of(layers));
    all.addAll(List.of(new Flatten(), new Dense(2, true)));
    NetworkSpec spec = TestNetworks.network("inferred", new Shape(1, 4, 4, 2), all);
    return kinds(new Plan(spec, 1, Plan.Mode.INFERENCE));
  }

  @Test
  void trainingFoldsNothing() {
    NetworkSpec spec = TestNetworks.normalized();
    Plan plan = new Plan(spec, 1, Plan.Mode.TRAINING);
    assertEquals(7, normalizations(plan));
  }
}
