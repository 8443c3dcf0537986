package convoy.engine.network;

import convoy.engine.layer.ParameterSpec;
import convoy.engine.network.ParameterLayout.Kind;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.IntToDoubleFunction;

/**
 * A network of conf/networks, the values that it is given in {@link GoldenNetworksTest}, and what
 * PyTorch makes of them: a file of engine/src/test/resources/networks. The formulas are those of
 * networks_golden.py.
 */
final class GoldenNetwork {
  private static final int SLOPE = 0, FIRST_PARAMETER = 1, FIRST_STATISTIC = 1 << 20;
  private static final int WEIGHTS_OF_SUM = 1 << 21, FIRST_IMAGES = 1 << 22;
  private static final int SUMS = 3;
  private static final double FLOOR_OF_SHIFTS = 1e-2;
  private static final String IMAGES = "# Images, number: ";

  private final NetworkSpec spec;
  private final ParameterLayout layout;
  private final int images;
  private final int number;
  private final Map<String, double[]> rows;

  private GoldenNetwork(NetworkSpec spec, int images, int number, Map<String, double[]> rows) {
    this.spec = spec;
    this.images = images;
    this.number = number;
    this.rows = rows;
    layout = spec.layout();
  }

  static GoldenNetwork of(String name) throws IOException {
    String resource = "/networks/" + name + ".csv";
    try (InputStream stream = GoldenNetwork.class.getResourceAsStream(resource)) {
      if (stream == null) {
        throw new IOException(resource + " is missing: networks_golden.py writes it");
      }
      List<String> lines =
          new String(stream.readAllBytes(), StandardCharsets.UTF_8).lines().toList();
      Map<String, double[]> rows = new TreeMap<>();
      for (String line : lines.subList(3, lines.size())) {
        String[] cells = line.split(",");
        rows.put(cells[0], Arrays.stream(cells).skip(1).mapToDouble(Double::parseDouble).toArray());
      }
      String[] images = lines.get(1).substring(IMAGES.length()).split(", ");
      return new GoldenNetwork(
          ShippedNetworks.withoutDropout(ShippedNetworks.of(name)),
          Integer.parseInt(images[0]),
          Integer.parseInt(images[1]),
          rows);
    }
  }

  /** The network, without dropout. */
  NetworkSpec spec() {
    return spec;
  }

  int images() {
    return images;
  }

  /** The names of what PyTorch has computed. */
  Set<String> names() {
    return rows.keySet();
  }

  /** What trains, in the order of the tree. */
  List<ParameterLayout.Entry> trainable() {
    return layout.entries().stream().filter(entry -> entry.kind() == Kind.TRAINABLE).toList();
  }

  float[] pixels() {
    float[] pixels = new float[images * spec.input().imageSize()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = bits(i, FIRST_IMAGES + number) >>> 24;
    }
    return pixels;
  }

  float[] outputGradient() {
    float[] slope = new float[images * spec.outputs()];
    for (int i = 0; i < slope.length; i++) {
      slope[i] = (float) value(i, SLOPE);
    }
    return slope;
  }

  Parameters parameters() {
    float[] values = new float[layout.size()];
    int trainable = 0, statistics = 0;
    for (ParameterLayout.Entry entry : layout.entries()) {
      boolean trains = entry.kind() == Kind.TRAINABLE;
      int number = trains ? FIRST_PARAMETER + trainable++ : FIRST_STATISTIC + statistics++;
      double scale = scale(entry.spec()), shift = shift(entry.spec());
      for (int i = 0; i < entry.size(); i++) {
        values[entry.offset() + i] = (float) (value(i, number) * scale + shift);
      }
    }
    return new Parameters(layout, values);
  }

  /** Weights: that of He and others for a uniform distribution, so that the ReLUs' input stays. */
  private static double scale(ParameterSpec parameter) {
    return switch (parameter.name()) {
      case "weights" -> {
        int outputs = parameter.dimensions().get(parameter.dimensions().size() - 1);
        yield Math.sqrt(6.0 / (parameter.size() / outputs));
      }
      case "inputWeights", "hiddenWeights" -> Math.sqrt(1.5 / parameter.dimensions().get(0));
      case "bias", "runningMean" -> 0.125;
      case "gamma" -> 0.0625;
      case "beta" -> 0.25;
      case "runningVariance" -> 0.5;
      default -> throw new IllegalArgumentException("no formula for " + parameter.name());
    };
  }

  private static double shift(ParameterSpec parameter) {
    return switch (parameter.name()) {
      case "beta", "runningVariance" -> 1;
      case "gamma" -> 0.25;
      default -> 0;
    };
  }

  /**
   * How far {@code got} is from what PyTorch has computed: the largest of the differences of eight
   * values and of the largest absolute value, as a share of that, and of the differences of the two
   * sums, as a share of the sum of absolute values, or of a tenth of what that would be if all were
   * as large as the largest, since few may be above the rounding of the others.
   *
   * <p>A later batch normalization takes most of the shift of an earlier one out again: in
   * ResNet-50 thousands of gradients, whose absolute values sum to 10 or more, cancel to 0.001 or,
   * but for rounding, to 0. So the largest value of a shift counts as {@value #FLOOR_OF_SHIFTS} at
   * least.
   */
  double error(String name, int size, IntToDoubleFunction got) {
    double[] wanted = rows.get(name);
    double largest = 0, absoluteSum = 0, weightedSum = 0;
    for (int i = 0; i < size; i++) {
      double value = got.applyAsDouble(i);
      largest = Math.max(largest, Math.abs(value));
      absoluteSum += Math.abs(value);
      weightedSum += value * value(i, WEIGHTS_OF_SUM);
    }
    double share = Math.max(wanted[0], name.endsWith("/beta") ? FLOOR_OF_SHIFTS : 0);
    double shareOfSums = Math.max(wanted[1], share * size / 10);
    double error = Math.abs(largest - wanted[0]) / share;
    error = Math.max(error, Math.abs(absoluteSum - wanted[1]) / shareOfSums);
    error = Math.max(error, Math.abs(weightedSum - wanted[2]) / shareOfSums);
    for (int i = SUMS; i < wanted.length; i += 2) {
      double value = got.applyAsDouble((int) wanted[i]);
      error = Math.max(error, Math.abs(value - wanted[i + 1]) / share);
    }
    return error;
  }

  /** A value in [-1, 1) that a float holds. */
  private static double value(int i, int number) {
    return (bits(i, number) >>> 8) / 8388608.0 - 1;
  }

  private static int bits(int i, int number) {
    int h = i * 0x9E3779B1 + number * 0x85EBCA77;
    h ^= h >>> 15;
    h *= 0x2C1B3C6D;
    h ^= h >>> 12;
    h *= 0x297A2D39;
    return h ^ h >>> 15;
  }
}
