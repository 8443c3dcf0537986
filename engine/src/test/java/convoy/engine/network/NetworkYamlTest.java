package convoy.engine.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.ActivationFunction;
import convoy.engine.kernel.PoolingFunction;
import convoy.engine.layer.Activation;
import convoy.engine.layer.BatchNormalization;
import convoy.engine.layer.Branches;
import convoy.engine.layer.Convolution;
import convoy.engine.layer.Dense;
import convoy.engine.layer.Dropout;
import convoy.engine.layer.Filter;
import convoy.engine.layer.FilterKernel;
import convoy.engine.layer.Flatten;
import convoy.engine.layer.Frozen;
import convoy.engine.layer.GlobalAveragePooling;
import convoy.engine.layer.Grey;
import convoy.engine.layer.Initialization;
import convoy.engine.layer.Layer;
import convoy.engine.layer.Linear;
import convoy.engine.layer.LocalResponseNormalization;
import convoy.engine.layer.Padding;
import convoy.engine.layer.Pooling;
import convoy.engine.layer.Recurrent;
import convoy.engine.layer.Relu;
import convoy.engine.layer.Residual;
import convoy.engine.layer.Scaling;
import convoy.engine.layer.Sequence;
import convoy.engine.layer.SlidingWindow;
import convoy.engine.layer.Softmax;
import convoy.engine.layer.TestLayers;
import convoy.engine.tensor.Shape;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NetworkYamlTest {
  static List<NetworkSpec> networks() {
    return TestNetworks.all();
  }

  @ParameterizedTest
  @MethodSource("networks")
  void writtenNetworkReadsAsAnEqualOne(NetworkSpec spec) {
    assertEquals(spec, NetworkSpec.fromYaml("network.yaml", spec.toYaml()));
  }

  @Test
  void everySettingSurvives() {
    NetworkSpec spec =
        new NetworkSpec(
            "yes: it's \"odd\" # 1",
            new Shape(1, 9, 9, 2),
            List.of("true", "1e3", "a b", "null", "ß"),
            false,
            new Sequence(
                List.of(
                    new Scaling(List.of(1e-20, -1e10), List.of(1e10, 0.1)),
                    TestLayers.convolution(3, 2, 3, 1, 2, new Padding.Explicit(0, 1, 2, 3), false),
                    TestLayers.maxPooling(3, 2, 2, 1, new Padding.Same()),
                    TestLayers.turned(
                        TestLayers.convolution(2, 2, 2, 1, 1, new Padding.Valid(), true)),
                    new Pooling(PoolingFunction.MEAN, SlidingWindow.tiles(1, 1)),
                    new Pooling(PoolingFunction.MIN, SlidingWindow.tiles(1, 1)),
                    new BatchNormalization(0.5, 0.25, true),
                    new Frozen(BatchNormalization.DEFAULT),
                    new Frozen(Residual.identity(List.of(new Relu()))),
                    new Frozen(new Branches(List.of(List.of(new Relu()), List.of()))),
                    new Activation(ActivationFunction.SIGMOID),
                    new Activation(ActivationFunction.TANH),
                    new Linear(),
                    new Recurrent(3, Initialization.HE_NORMAL),
                    new Flatten(),
                    new Dropout(0.25),
                    new Frozen(new Dense(4, true)),
                    new Dense(5, false, Initialization.HE_UNIFORM),
                    new Softmax())));
    assertEquals(spec, NetworkSpec.fromYaml("network.yaml", spec.toYaml()));
    List<Layer> pooled = List.of(new GlobalAveragePooling(), new Flatten());
    NetworkSpec strict =
        new NetworkSpec("s", new Shape(1, 9, 9, 2), List.of(), true, new Sequence(pooled));
    assertEquals(strict, NetworkSpec.fromYaml("network.yaml", strict.toYaml()));
  }

  @Test
  void sizesAreOneNumberOrTwo() {
    assertEquals(
        TestLayers.convolution(4, 3, 3, 2, 2, new Padding.Same(), true),
        first("{convolution: {filters: 4, kernel: 3, stride: 2, padding: same}}"));
    assertEquals(
        TestLayers.convolution(4, 3, 5, 2, 1, new Padding.Valid(), false),
        first("{convolution: {filters: 4, kernel: [3, 5], stride: [2, 1], bias: false}}"));
    assertEquals(
        TestLayers.convolution(4, 3, 3, 1, 1, new Padding.Explicit(1, 2, 3, 4), true),
        first("{convolution: {filters: 4, kernel: 3, padding: [1, 2, 3, 4]}}"));
  }

  @Test
  void modeOfAConvolutionIsCorrelationUnlessSet() {
    Convolution layer = TestLayers.convolution(4, 3, 3, 1, 1, new Padding.Valid(), true);
    assertEquals(layer, first("{convolution: {filters: 4, kernel: 3, mode: correlation}}"));
    assertEquals(
        TestLayers.turned(layer),
        first("{convolution: {filters: 4, kernel: 3, mode: convolution}}"));
  }

  @Test
  void poolingsDifferByName() {
    SlidingWindow window = new SlidingWindow(3, 3, 2, 2, new Padding.Same());
    String settings = "Pooling: {window: 3, stride: 2, padding: same}}";
    assertEquals(new Pooling(PoolingFunction.MEAN, window), first("{mean" + settings));
    assertEquals(new Pooling(PoolingFunction.MIN, window), first("{min" + settings));
    assertEquals(new GlobalAveragePooling(), first("globalAveragePooling"));
  }

  @Test
  void responseNormalizationHasAlexNetsSettingsUnlessSet() {
    assertEquals(LocalResponseNormalization.DEFAULT, first("localResponseNormalization"));
    Layer other = new LocalResponseNormalization(3, 1e-5, 0.5, 1, true);
    String settings = "{size: 3, alpha: 1.0e-5, beta: 0.5, k: 1, alphaDividedBySize: true}";
    assertEquals(other, first("{localResponseNormalization: " + settings + "}"));
    List<Layer> layers = List.of(other, LocalResponseNormalization.DEFAULT, new Flatten());
    NetworkSpec spec =
        new NetworkSpec("n", new Shape(1, 3, 3, 2), List.of(), false, new Sequence(layers));
    assertEquals(spec, NetworkSpec.fromYaml("network.yaml", spec.toYaml()));
  }

  @Test
  void filtersStandWhereLayersDo() {
    Padding same = new Padding.Same();
    assertEquals(new Grey(), first("grey"));
    assertEquals(new Filter(FilterKernel.Sobel.X, same), first("sobelX"));
    assertEquals(
        new Filter(FilterKernel.Sobel.Y, new Padding.Valid()), first("{sobelY: {padding: valid}}"));
    assertEquals(new Filter(new FilterKernel.Gaussian(5, 0), same), first("{gaussian: {size: 5}}"));
    Layer gaussian = new Filter(new FilterKernel.Gaussian(3, 1.5), same);
    assertEquals(gaussian, first("{gaussian: {size: 3, sigma: 1.5}}"));
    Layer integer = new Filter(FilterKernel.IntegerGaussian.FIVE, same);
    assertEquals(integer, first("{gaussian: {kernel: integer5}}"));
    Layer sobel = new Filter(FilterKernel.Sobel.X, new Padding.Explicit(1, 0, 2, 3));
    List<Layer> layers = List.of(gaussian, integer, sobel, new Grey(), new Flatten());
    NetworkSpec spec =
        new NetworkSpec("f", new Shape(1, 9, 9, 3), List.of(), false, new Sequence(layers));
    assertEquals(spec, NetworkSpec.fromYaml("network.yaml", spec.toYaml()));
  }

  @Test
  void strictNetworkRefusesWindowsThatDoNotEndWithTheImage() {
    String input = "{height: 8, width: 7, channels: 3}";
    String pooling = yaml(input, "{maxPooling: {window: 2}}", "flatten", "{dense: {units: 2}}");
    assertEquals(false, NetworkSpec.fromYaml("net.yaml", pooling).strict());
    String refused = refusal("strict: true\n" + pooling);
    assertTrue(
        refused.contains(
            "maxPooling1: its 2x2 window with stride 2x2 leaves 0 rows and 1 columns of an input of"
                + " 8x7x3"),
        refused);
    String convolution = "{convolution: {filters: 2, kernel: 3, stride: 2, padding: [0, 0, 2, 0]}}";
    String uneven = refusal("strict: true\n" + yaml(input, convolution, "flatten"));
    assertTrue(
        uneven.contains("convolution1: its 3x3 window with stride 2x2 leaves 1 rows"), uneven);
    assertTrue(uneven.contains("with padding 0, 0, 2, 0"), uneven);
    String whole = "{convolution: {filters: 2, kernel: 3, stride: [1, 2], padding: same}}";
    assertTrue(
        NetworkSpec.fromYaml("n", "strict: true\n" + yaml(input, whole, "flatten")).strict());
    assertTrue(refusal("strict: 1\n" + pooling).contains("strict is 1, wanted true or false"));
  }

  @Test
  void strideOfAPoolingIsItsWindowUnlessSet() {
    assertEquals(
        TestLayers.maxPooling(2, 3, 2, 3, new Padding.Valid()),
        first("{maxPooling: {window: [2, 3]}}"));
    assertEquals(
        TestLayers.maxPooling(3, 3, 2, 2, new Padding.Same()),
        first("{maxPooling: {window: 3, stride: 2, padding: same}}"));
  }

  @Test
  void batchNormalisationHasTheDefaultsOfKeras() {
    assertEquals(new BatchNormalization(0.001, 0.99, false), first("batchNormalization"));
    assertEquals(
        new BatchNormalization(0.001, 0.5, false), first("{batchNormalization: {momentum: 0.5}}"));
    assertEquals(
        new BatchNormalization(0.001, 0.99, true),
        first("{batchNormalization: {unbiasedVariance: true}}"));
  }

  @Test
  void layersThatDoNotTrainAreFrozen() {
    assertEquals(
        new Frozen(BatchNormalization.DEFAULT), first("{batchNormalization: {trainable: false}}"));
    assertEquals(
        new Frozen(Residual.identity(List.of(new Relu()))),
        first("{residual: {body: [relu], trainable: false}}"));
    assertEquals(
        new Frozen(new Recurrent(4, Initialization.GLOROT_UNIFORM)),
        first("{recurrent: {units: 4, trainable: false}}"));
    assertEquals(BatchNormalization.DEFAULT, first("{batchNormalization: {trainable: true}}"));
  }

  @Test
  void scalingTakesOneNumberOrOneForEachChannel() {
    assertEquals(Scaling.by(255), first("{scaling: {deviation: 255}}"));
    assertEquals(
        new Scaling(List.of(1.0, 2.5, 3.0), List.of(4.0)),
        first("{scaling: {mean: [1, 2.5, 3], deviation: 4}}"));
  }

  @Test
  void branchesAreListsAndMayBeEmpty() {
    Layer convolution = TestLayers.convolution(2, 1, 1, 1, 1, new Padding.Valid(), true);
    assertEquals(
        new Branches(List.of(List.of(new Relu()), List.of(), List.of(convolution))),
        first("{branches: [[relu], [], [{convolution: {filters: 2, kernel: 1}}]]}"));
  }

  @Test
  void layersWithoutSettingsAreNames() {
    assertEquals(new Relu(), first("relu"));
    assertEquals(new Relu(), first("{relu: {}}"));
    assertEquals(new Relu(), first("{relu: }"));
    assertEquals(new Activation(ActivationFunction.SIGMOID), first("sigmoid"));
    assertEquals(new Activation(ActivationFunction.TANH), first("tanh"));
    assertEquals(new Softmax(), first("softmax"));
    assertEquals(new Linear(), first("linear"));
  }

  private static Layer first(String layer) {
    String yaml = yaml("{height: 8, width: 8, channels: 3}", layer, "flatten");
    return NetworkSpec.fromYaml("net.yaml", yaml).layers().layers().get(0);
  }

  /** A network of that input and those layers. */
  static String yaml(String input, String... layers) {
    StringBuilder text = new StringBuilder("name: tested\ninput: " + input + "\nlayers:\n");
    for (String layer : layers) {
      text.append("  - ").append(layer).append('\n');
    }
    return text.toString();
  }

  /** What is said of a network that can't be. */
  static String refusal(String yaml) {
    return assertThrows(
            IllegalArgumentException.class, () -> NetworkSpec.fromYaml("net.yaml", yaml))
        .getMessage();
  }
}
