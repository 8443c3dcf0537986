package convoy.engine.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.tensor.Shape;
import java.io.IOException;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Sizes of the networks of conf/networks. */
class ShippedNetworksTest {
  private static final Shape CIFAR = new Shape(1, 32, 32, 3);

  static List<String> names() throws IOException {
    return ShippedNetworks.names();
  }

  /**
   * Counts with a source that is not this project: resnet20, 272,474, "resnet20" with shortcuts of
   * option B in Idelbayev's pytorch_resnet_cifar10; resnet18-cifar, 11,173,962, Liu's
   * pytorch-cifar; resnet50, 25,557,032, torchvision; googlenet, 6,998,552, bvlc_googlenet of
   * Caffe; alexnet, 62,378,344, Mallick's "Number of Parameters and Tensor Sizes in a Convolutional
   * Neural Network", 2018; lenet, 62,006, the network of PyTorch's tutorial "Training a
   * classifier", whose layers with parameters are the same. Those of the others are worked out by
   * hand below.
   */
  @ParameterizedTest
  @CsvSource({
    "vanilla, 394634, 0",
    "row-recurrent, 30090, 0",
    "lenet, 62006, 0",
    "small, 103498, 0",
    "plain, 2234122, 0",
    "residual, 5248906, 0",
    "residual-pool, 1316746, 0",
    "resnet20, 272474, 1568",
    "resnet18-cifar, 11173962, 9600",
    "resnet50, 25557032, 53120",
    "googlenet, 6998552, 0",
    "inception-cifar, 1495474, 0",
    "alexnet, 62378344, 0",
    "alexnet-cifar, 7139722, 0",
  })
  void parametersAreAsManyAsTheSourcesSay(String name, int trainable, int statistics)
      throws IOException {
    NetworkSpec spec = ShippedNetworks.of(name);
    ParameterLayout layout = spec.layout();
    assertEquals(trainable, layout.trainableSize());
    assertEquals(statistics, layout.size() - trainable);
    long listed = spec.summary().stream().mapToLong(LayerSummary::parameters).sum();
    assertEquals(layout.size(), listed);
  }

  /** Of each layer weights and bias; the sizes of inception modules are those of table 1. */
  @Test
  void parametersAreAsManyAsByHand() throws IOException {
    int conv3 = convolution(3, 128, 128), head = dense(128, 128) + dense(128, 10);
    assertSize("vanilla", dense(3072, 128) + dense(128, 10));
    // A row of 96 values and the 128 of before, to 128.
    assertSize("row-recurrent", (96 + 128 + 1) * 128 + dense(128, 10));
    assertSize(
        "small",
        convolution(3, 3, 32)
            + convolution(3, 32, 64)
            + 2 * convolution(3, 64, 64)
            + dense(4 * 4 * 64, 10));
    assertSize("plain", convolution(3, 3, 128) + 6 * conv3 + dense(9 * 9 * 128, 128) + head);
    assertSize("residual", convolution(3, 3, 128) + 7 * conv3 + dense(16 * 16 * 128, 128) + head);
    assertSize(
        "residual-pool", convolution(3, 3, 128) + 7 * conv3 + dense(4 * 4 * 128, 128) + head);
    int last3 = convolution(3, 256, 384) + convolution(3, 384, 384) + convolution(3, 384, 256);
    assertSize(
        "alexnet",
        convolution(11, 3, 96)
            + convolution(5, 96, 256)
            + last3
            + dense(6 * 6 * 256, 4096)
            + dense(4096, 4096)
            + dense(4096, 1000));
    assertSize(
        "alexnet-cifar",
        convolution(5, 3, 96)
            + convolution(5, 96, 256)
            + last3
            + dense(3 * 3 * 256, 1024)
            + dense(1024, 1024)
            + dense(1024, 10));
    assertSize(
        "inception-cifar",
        convolution(3, 3, 64)
            + convolution(3, 64, 192)
            + inception(192, 64, 96, 128, 16, 32, 32)
            + inception(256, 128, 128, 192, 32, 96, 64)
            + inception(480, 192, 96, 208, 16, 48, 64)
            + inception(512, 160, 112, 224, 24, 64, 64)
            + dense(512, 10));
  }

  private static void assertSize(String name, int parameters) throws IOException {
    assertEquals(parameters, ShippedNetworks.of(name).layout().size(), name);
  }

  private static int convolution(int side, int channels, int filters) {
    return dense(side * side * channels, filters);
  }

  private static int dense(int inputs, int units) {
    return (inputs + 1) * units;
  }

  private static int inception(
      int channels, int one, int before3, int three, int before5, int five, int pooled) {
    return dense(channels, one)
        + dense(channels, before3)
        + convolution(3, before3, three)
        + dense(channels, before5)
        + convolution(5, before5, five)
        + dense(channels, pooled);
  }

  @ParameterizedTest
  @MethodSource("names")
  void fileSaysItsNameAndItsParameters(String name) throws IOException {
    NetworkSpec spec = ShippedNetworks.of(name);
    assertEquals(name, spec.name());
    String text = ShippedNetworks.text(name);
    String head = text.substring(0, text.indexOf("\nname:"));
    int trainable = spec.layout().trainableSize();
    assertTrue(head.contains(String.format(Locale.ROOT, "%,d", trainable)), head);
    for (String line : head.split("\n")) {
      assertTrue(line.startsWith("# "), line);
    }
  }

  @ParameterizedTest
  @MethodSource("names")
  void networksAreForCifarOrForImageNet(String name) throws IOException {
    NetworkSpec spec = ShippedNetworks.of(name);
    boolean small = spec.input().equals(CIFAR);
    assertEquals(small ? 10 : 1000, spec.outputs());
    assertTrue(small || spec.input().h() == 224 || name.equals("alexnet"), spec.input().image());
  }

  /** LeCun and others, 1998; the count is that of its layers with full connections. */
  @Test
  void lenetOverOneChannelHasTheParametersOfThePaper() throws IOException {
    String grey =
        ShippedNetworks.text("lenet")
            .replace("channels: 3", "channels: 1")
            .replaceAll("mean: .*\\]}", "deviation: 255}");
    NetworkSpec spec = NetworkSpec.fromYaml("lenet.yaml", grey);
    assertEquals(61_706, spec.layout().size());
    assertEquals(
        List.of("28x28x6", "14x14x6", "10x10x16", "5x5x16", "400", "120", "84", "10"),
        outputs(spec, "convolution", "meanPooling", "flatten", "dense"));
  }

  /** The sizes of the paper's section 3.5, with the two halves of each layer as one. */
  @Test
  void alexnetHasTheSizesOfThePaper() throws IOException {
    assertEquals(
        List.of(
            "55x55x96",
            "27x27x96",
            "27x27x256",
            "13x13x256",
            "13x13x384",
            "13x13x384",
            "13x13x256",
            "6x6x256",
            "9216",
            "4096",
            "4096",
            "1000"),
        outputs(ShippedNetworks.of("alexnet"), "convolution", "maxPooling", "flatten", "dense"));
  }

  /** Table 1 of the paper, each module's output and the layers around them. */
  @Test
  void googlenetHasTheSizesOfThePaper() throws IOException {
    assertEquals(
        List.of(
            "28x28x256",
            "28x28x480",
            "14x14x512",
            "14x14x512",
            "14x14x512",
            "14x14x528",
            "14x14x832",
            "7x7x832",
            "7x7x1024",
            "1024",
            "1000"),
        outputs(ShippedNetworks.of("googlenet"), "branches", "globalAveragePooling", "dense"));
  }

  /** Table 1 of the paper: three, four, six and three blocks. */
  @Test
  void resnet50HasTheSizesOfThePaper() throws IOException {
    List<String> sizes = outputs(ShippedNetworks.of("resnet50"), "maxPooling", "residual");
    assertEquals(1 + 3 + 4 + 6 + 3, sizes.size());
    assertEquals("56x56x64", sizes.get(0));
    assertEquals("56x56x256", sizes.get(3));
    assertEquals("28x28x512", sizes.get(7));
    assertEquals("14x14x1024", sizes.get(13));
    assertEquals("7x7x2048", sizes.get(16));
  }

  /**
   * A listing that is passed on as AlexNet has kernels of 11x11 in all five convolutions, and
   * poolings of 2x2: 224, 54, 27, 17, 8, and there the kernel is larger than the image.
   */
  @Test
  void alexnetWithKernelsOf11x11ThroughoutIsRefusedAtItsThirdConvolution() {
    String yaml =
        """
        name: listing
        input: {height: 224, width: 224, channels: 3}
        layers:
          - convolution: {filters: 96, kernel: 11, stride: 4}
          - relu
          - maxPooling: {window: 2}
          - convolution: {filters: 256, kernel: 11}
          - relu
          - maxPooling: {window: 2}
          - convolution: {filters: 384, kernel: 11}
          - relu
          - convolution: {filters: 384, kernel: 11}
          - relu
          - convolution: {filters: 256, kernel: 11}
          - relu
          - maxPooling: {window: 2}
          - flatten
          - dense: {units: 4096}
          - relu
          - dense: {units: 4096}
          - relu
          - dense: {units: 1000}
        """;
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> NetworkSpec.fromYaml("listing.yaml", yaml))
            .getMessage();
    assertEquals(
        "network listing, convolution3: its 11x11 window does not fit an input of 8x8x256: use a"
            + " smaller one, or padding: same",
        message);
  }

  /** What layers of these kinds put out, in order. */
  private static List<String> outputs(NetworkSpec spec, String... kinds) {
    return spec.summary().stream()
        .filter(layer -> List.of(kinds).contains(layer.name().replaceAll("[0-9]+$", "")))
        .map(layer -> layer.outputShape().image())
        .toList();
  }
}
