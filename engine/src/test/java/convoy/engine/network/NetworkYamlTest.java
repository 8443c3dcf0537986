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
import org.junit.jupiter.params.provider.CsvSource;
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
                    new BatchNormalization(0.5, 0.25),
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
            "maxPooling1: a 2x2 window with stride 2x2 leaves 0 rows and 1 columns of an input of"
                + " 8x7x3"),
        refused);
    String convolution = "{convolution: {filters: 2, kernel: 3, stride: 2, padding: [0, 0, 2, 0]}}";
    String uneven = refusal("strict: true\n" + yaml(input, convolution, "flatten"));
    assertTrue(uneven.contains("convolution1: a 3x3 window with stride 2x2 leaves 1 rows"), uneven);
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
    assertEquals(new BatchNormalization(0.001, 0.99), first("batchNormalization"));
    assertEquals(
        new BatchNormalization(0.001, 0.5), first("{batchNormalization: {momentum: 0.5}}"));
  }

  @Test
  void layersThatDoNotTrainAreFrozen() {
    assertEquals(
        new Frozen(BatchNormalization.DEFAULT), first("{batchNormalization: {trainable: false}}"));
    assertEquals(
        new Frozen(Residual.identity(List.of(new Relu()))),
        first("{residual: {body: [relu], trainable: false}}"));
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

  /** Column 1: the first layer; column 2: what the message says after the file's name. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{convolutoin: {filters: 4}} | layers[0]: unknown layer convolutoin; did you mean"
            + " convolution?",
        "{branches: [[relu], [reul]]} | layers[0]: branches[1][0]: unknown layer reul; did you mean"
            + " relu?",
        "{branches: [relu]} | layers[0]: branches[0] is \"relu\", wanted a list of layers",
        "{branches: []} | layers[0]: branches is [], wanted a list of lists of layers",
        "branches | layers[0].branches: branches is missing",
        "{dropout: {rate: 1}} | layers[0].dropout: rate is 1.0, wanted 0 or more and below 1",
        "{dense: {units: 2, initializer: heNormale}} | layers[0].dense: initializer: unknown"
            + " initializer heNormale; did you mean heNormal?",
        "reul | layers[0]: unknown layer reul; did you mean relu?",
        "{convolution: {filter: 4, kernel: 3}} | layers[0].convolution: unknown key filter; did"
            + " you mean filters?",
        "{convolution: {kernel: 3}} | layers[0].convolution: filters is missing",
        "{batchNormalization: {epsilon: 0}} | layers[0].batchNormalization: epsilon is 0.0, wanted a"
            + " number above 0 that a float can hold",
        "{batchNormalization: {momentum: 2}} | layers[0].batchNormalization: momentum is 2.0,"
            + " wanted 0 to 1",
        "{batchNormalization: {trainable: 0}} | layers[0].batchNormalization: trainable is 0,"
            + " wanted true or false",
        "{relu: {trainable: false}} | layers[0].relu: unknown key trainable",
        "{convolution: {filters: 4}} | layers[0].convolution: kernel is missing",
        "convolution | layers[0].convolution: filters is missing",
        "{convolution: {filters: four, kernel: 3}} | layers[0].convolution: filters is \"four\","
            + " wanted a whole number",
        "{convolution: {filters: 4.5, kernel: 3}} | layers[0].convolution: filters is 4.5, wanted"
            + " a whole number",
        "{convolution: {filters: 0, kernel: 3}} | layers[0].convolution: convolution: got 0 filters",
        "{convolution: {filters: 4, kernel: [3]}} | layers[0].convolution: kernel is [3], wanted"
            + " one number, or [height, width]",
        "{convolution: {filters: 4, kernel: {}}} | layers[0].convolution: kernel is {}",
        "{convolution: {filters: 4, kernel: 3, bias: 1}} | layers[0].convolution: bias is 1,"
            + " wanted true or false",
        "{convolution: {filters: 4, kernel: 3, padding: 1}} | layers[0].convolution: padding is 1,"
            + " wanted valid, same, or [top, left, bottom, right]",
        "{convolution: {filters: 4, kernel: 3, padding: full}} | layers[0].convolution: padding is"
            + " \"full\", wanted valid, same, or [top, left, bottom, right]",
        "{convolution: {filters: 4, kernel: 3, padding: [1, 2]}} | layers[0].convolution: padding"
            + " is [1,2], wanted valid, same, or [top, left, bottom, right]",
        "{convolution: {filters: 4, kernel: 3, padding: [1, 2, -1, 0]}} | layers[0].convolution:"
            + " padding is [1, 2, -1, 0], wanted 0 to 1048576",
        "{convolution: {filters: 99999999999, kernel: 3}} | layers[0].convolution: filters is"
            + " 99999999999, wanted a whole number from",
        "{convolution: {filters: 4, kernel: 3, mode: turned}} | layers[0].convolution: mode is"
            + " \"turned\", wanted correlation or convolution",
        "{gaussian: {size: 4}} | layers[0].gaussian: gaussian: size is 4, wanted an odd number",
        "{localResponseNormalization: {size: 2}} | layers[0].localResponseNormalization: size is 2",
        "{gaussian: {}} | layers[0].gaussian: size is missing",
        "{gaussian: {kernel: five}} | layers[0].gaussian: kernel is \"five\", wanted integer5",
        "{gaussian: {kernel: integer5, size: 5}} | layers[0].gaussian: kernel is \"integer5\","
            + " wanted either a kernel or size and sigma",
        "{sobelX: {size: 3}} | layers[0].sobelX: unknown key size",
        "{meanPooling: {window: 2, strid: 1}} | layers[0].meanPooling: unknown key strid; did you"
            + " mean stride?",
        "{maxPooling: {stride: 3}} | layers[0].maxPooling: window is missing",
        "{maxPooling: {window: 0}} | layers[0].maxPooling: window 0x0",
        "{dense: {}} | layers[0].dense: units is missing",
        "{dense: 10} | layers[0].dense: got 10, wanted a mapping",
        "{dense: {units: -3}} | layers[0].dense: dense: got -3 units",
        "{relu: {alpha: 1}} | layers[0].relu: unknown key alpha",
        "{scaling: {deviation: 0}} | layers[0].scaling: scaling: deviation is 0.0",
        "{scaling: {mean: [1, two]}} | layers[0].scaling: mean is [1,\"two\"], wanted a number",
        "{scaling: {mean: []}} | layers[0].scaling: scaling: mean and deviation need",
        "{residual: {}} | layers[0].residual: body is missing",
        "{residual: {body: []}} | layers[0].residual: body is [], wanted a list of layers",
        "{residual: {body: [dens]}} | layers[0].residual: body[0]: unknown layer dens; did you"
            + " mean dense?",
        "{residual: {body: [relu], projection: relu}} | layers[0].residual: projection is"
            + " \"relu\", wanted a list of layers",
        "3 | layers[0] is 3, wanted a layer's name, or its name with its settings",
        "{relu: , dense: {units: 3}} | layers[0] is {\"relu\":\"\",\"dense\":{\"units\":3}},"
            + " wanted a layer's name",
      })
  void wrongLayerIsRefusedWithItsPlace(String layer, String message) {
    String got = refusal(yaml("{height: 8, width: 8, channels: 3}", layer, "flatten"));
    assertTrue(got.startsWith("net.yaml: " + message), got);
    assertEquals(got.indexOf("net.yaml"), got.lastIndexOf("net.yaml"), got);
    assertEquals(1, got.lines().count(), got);
  }

  /** Column 1: the input; column 2: what the message says after the file's name. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '~',
      value = {
        "{height: 8, width: 8} | input.channels is missing",
        "{height: 8, width: 8, chanels: 3} | input: unknown key chanels; did you mean"
            + " channels?",
        "{height: 8, width: 0, channels: 3} | input: shape 1x8x0x3: each size must be >= 1",
        "{height: 8, width: 1e3, channels: 3} | input.width is",
        "{height: 99999, width: 99999, channels: 3} | input: an image of 99999x99999x3 has too",
        "[8, 8, 3] | input is [8,8,3], wanted a mapping",
      })
  void wrongInputIsRefusedWithItsPlace(String input, String message) {
    String got = refusal(yaml(input, "flatten", "{dense: {units: 2}}"));
    assertTrue(got.startsWith("net.yaml: " + message), got);
    assertEquals(got.indexOf("net.yaml"), got.lastIndexOf("net.yaml"), got);
  }

  @Test
  void wrongKeysOfTheNetworkAreRefused() {
    String good = yaml("{height: 8, width: 8, channels: 3}", "flatten", "{dense: {units: 2}}");
    assertEquals(2, NetworkSpec.fromYaml("net.yaml", good).outputs());
    assertEquals("net.yaml: name is missing", refusal(good.replace("name: tested\n", "")));
    assertEquals(
        "net.yaml: name is 5, wanted a text (put it in quotes)",
        refusal(good.replace("name: tested", "name: 5")));
    assertEquals(
        "net.yaml: unknown key layer; did you mean layers?",
        refusal(good.replace("layers:", "layer:")));
    assertEquals(
        "net.yaml: layers is empty, wanted a list of layers",
        refusal(good.substring(0, good.indexOf("layers:")) + "layers:"));
    assertEquals(
        "net.yaml: layers is [], wanted a list of layers",
        refusal(good.substring(0, good.indexOf("layers:")) + "layers: []"));
    assertTrue(refusal(good + "classes: [a, 2]\n").contains("put 2 in quotes"));
    assertTrue(refusal(good + "classes: [a, b, c]\n").contains("2 outputs"));
    assertTrue(refusal(good + "name: again\n").startsWith("net.yaml: no valid YAML at line"));
    assertTrue(refusal("").startsWith("net.yaml: "));
  }

  @Test
  void layerThatDoesNotFitIsNamedWithBothSizes() {
    String message =
        refusal(
            yaml(
                "{height: 8, width: 8, channels: 16}",
                "{convolution: {filters: 16, kernel: 11}}",
                "flatten"));
    assertTrue(
        message.contains("convolution1: a 11x11 window does not fit an input of 8x8x16"), message);
    String dense = refusal(yaml("{height: 8, width: 8, channels: 3}", "{dense: {units: 2}}"));
    assertTrue(dense.contains("dense1: the input is 8x8x3"), dense);
  }

  @Test
  void hugeNumbersAreRefusedWhereverTheyStand() {
    String large = Integer.toString(Integer.MAX_VALUE);
    for (String layer :
        new String[] {
          "{convolution: {filters: N, kernel: 3}}",
          "{convolution: {filters: 4, kernel: N}}",
          "{convolution: {filters: 4, kernel: N, padding: same}}",
          "{convolution: {filters: 4, kernel: 3, padding: [N, 0, N, 0]}}",
          "{convolution: {filters: N, kernel: N, padding: same}}",
          "{maxPooling: {window: N}}",
          "{residual: {body: [flatten, {dense: {units: N}}]}}",
        }) {
      refusal(
          yaml(
              "{height: 8, width: 8, channels: 3}",
              layer.replace("N", large),
              "flatten",
              "{dense: {units: 2}}"));
    }
    // A stride that large is only a roundabout way to take one window.
    NetworkSpec.fromYaml(
        "net.yaml",
        yaml(
            "{height: 8, width: 8, channels: 3}",
            "{convolution: {filters: 4, kernel: 3, padding: same, stride: " + large + "}}",
            "flatten"));
  }

  private static Layer first(String layer) {
    String yaml = yaml("{height: 8, width: 8, channels: 3}", layer, "flatten");
    return NetworkSpec.fromYaml("net.yaml", yaml).layers().layers().get(0);
  }

  private static String yaml(String input, String... layers) {
    StringBuilder text = new StringBuilder("name: tested\ninput: " + input + "\nlayers:\n");
    for (String layer : layers) {
      text.append("  - ").append(layer).append('\n');
    }
    return text.toString();
  }

  private static String refusal(String yaml) {
    return assertThrows(
            IllegalArgumentException.class, () -> NetworkSpec.fromYaml("net.yaml", yaml))
        .getMessage();
  }
}
