package convoy.engine.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.Kernels;
import convoy.engine.layer.Convolution;
import convoy.engine.layer.Dense;
import convoy.engine.layer.Dropout;
import convoy.engine.layer.Flatten;
import convoy.engine.layer.Layer;
import convoy.engine.layer.Padding;
import convoy.engine.layer.Relu;
import convoy.engine.layer.Residual;
import convoy.engine.layer.Scaling;
import convoy.engine.layer.TestKernels;
import convoy.engine.layer.TestLayers;
import convoy.engine.random.RandomKey;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class DropoutTest {
  private static final RandomKey KEY = RandomKey.of(11, RandomKey.Purpose.DROPOUT).with(3);
  private static final int STEP = 5;
  private static final int IMAGES = 3;

  static List<Kernels> kernels() {
    return TestKernels.all();
  }

  /** Dropout in a residual block, whose input another reads too, and behind it. */
  private static NetworkSpec spec(double rate) {
    Convolution convolution = TestLayers.convolution(5, 3, 3, 1, 1, new Padding.Same(), true);
    return network(
        Scaling.by(255),
        convolution,
        Residual.identity(List.of(new Dropout(rate), convolution, new Relu())),
        new Dropout(rate),
        new Flatten(),
        new Dense(4, true));
  }

  private static NetworkSpec network(Layer... layers) {
    return TestNetworks.network("dropout", new Shape(1, 7, 6, 3), List.of(layers));
  }

  private static Plan training(NetworkSpec spec) {
    return new Plan(spec, IMAGES, Plan.Mode.TRAINING);
  }

  private static NetworkRun run(NetworkSpec spec, Kernels kernels, int threads, RandomKey key) {
    Plan plan = training(spec);
    try (Workspace workspace = new Workspace(plan, kernels, threads)) {
      Network network = new Network(workspace, NetworkRun.parameters(spec));
      return run(network, NetworkRun.images(spec, IMAGES), key);
    }
  }

  private static NetworkRun run(Network network, float[] pixels, RandomKey key) {
    Tensor input = network.input(IMAGES);
    System.arraycopy(pixels, 0, input.array(), input.offset(), pixels.length);
    Tensor scores = network.forward(IMAGES, key, STEP);
    int end = scores.offset() + scores.size();
    float[] output = Arrays.copyOfRange(scores.array(), scores.offset(), end);
    Tensor slope = network.outputGradient(IMAGES);
    float[] dy = NetworkRun.outputGradient(network.plan().spec(), IMAGES);
    System.arraycopy(dy, 0, slope.array(), slope.offset(), dy.length);
    network.backward(IMAGES);
    return new NetworkRun(output, network.gradient().clone());
  }

  private static void assertSame(NetworkRun wanted, NetworkRun got) {
    assertArrayEquals(wanted.output(), got.output());
    assertArrayEquals(wanted.gradient(), got.gradient());
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void aKeyGivesTheSameBitsOnAnyNumberOfThreads(Kernels kernels) {
    NetworkRun wanted = run(spec(0.4), kernels, 1, KEY);
    assertSame(wanted, run(spec(0.4), kernels, 1, KEY));
    assertSame(wanted, run(spec(0.4), kernels, 3, KEY));
    NetworkRun other = run(spec(0.4), kernels, 1, KEY.with(1));
    assertFalse(Arrays.equals(wanted.output(), other.output()));
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void evaluationIsThatOfTheNetworkWithoutDropout(Kernels kernels) {
    Plan plan = new Plan(spec(0.9), IMAGES, Plan.Mode.INFERENCE);
    assertFalse(plan.isRandom());
    NetworkRun wanted = run(spec(0), kernels, 1, KEY);
    assertArrayEquals(wanted.output(), NetworkRun.of(plan, kernels, 1, IMAGES).output());
  }

  /** The gradient of the one dense layer's weights is that of the masked input. */
  @ParameterizedTest
  @MethodSource("kernels")
  void valuesAreDroppedOrScaledAndBothPassesDrawTheSame(Kernels kernels) {
    double rate = 0.75;
    NetworkSpec spec =
        network(new Flatten(), new Dense(300, false), new Dropout(rate), new Dense(2, false));
    Plan plan = new Plan(spec, 1, Plan.Mode.TRAINING);
    Parameters parameters = new Parameters(plan.layout(), new float[plan.layout().size()]);
    Arrays.fill(parameters.values(), 1);
    try (Workspace workspace = new Workspace(plan, kernels, 1)) {
      Network network = new Network(workspace, parameters);
      Tensor input = network.input(1);
      Arrays.fill(input.array(), input.offset(), input.offset() + input.size(), 0);
      input.array()[input.offset()] = 1;
      network.forward(1, KEY, STEP);
      Tensor slope = network.outputGradient(1);
      slope.array()[slope.offset()] = 1;
      slope.array()[slope.offset() + 1] = 0;
      network.backward(1);
      int first = plan.layout().entry("dense1/weights").offset();
      int second = plan.layout().entry("dense2/weights").offset();
      RandomKey own = KEY.with(STEP).with("dropout1".hashCode());
      int kept = 0;
      for (int i = 0; i < 300; i++) {
        float mask = own.uniform(i) < rate ? 0 : 4;
        kept += mask > 0 ? 1 : 0;
        assertEquals(mask, network.gradient()[second + 2 * i], "forward of " + i);
        assertEquals(mask, network.gradient()[first + i], "backward of " + i);
      }
      assertTrue(kept > 50 && kept < 100, kept + " of 300 kept");
    }
  }

  /**
   * Each score is linear in each parameter alone, and small whole numbers are exact: so central
   * differences under one mask are the gradient, but for the rounding of the latter.
   */
  @ParameterizedTest
  @MethodSource("kernels")
  void gradientIsTheSlopeUnderOneMask(Kernels kernels) {
    NetworkSpec spec =
        network(
            new Flatten(),
            new Dense(6, true),
            Residual.identity(List.of(new Dropout(0.5), new Dense(6, true))),
            new Dropout(0.75),
            new Dense(2, true));
    Plan plan = training(spec);
    Parameters parameters = new Parameters(plan.layout(), new float[plan.layout().size()]);
    float[] values = parameters.values();
    for (int i = 0; i < values.length; i++) {
      values[i] = i * 7 % 5 - 2;
    }
    float[] pixels = new float[IMAGES * spec.input().imageSize()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = i * 5 % 3;
    }
    try (Workspace workspace = new Workspace(plan, kernels, 1)) {
      Network network = new Network(workspace, parameters);
      float[] gradient = run(network, pixels, KEY).gradient();
      int slopes = 0;
      for (int i = 0; i < values.length; i++) {
        float value = values[i];
        values[i] = value + 1;
        double above = weightedSum(spec, run(network, pixels, KEY).output());
        values[i] = value - 1;
        double below = weightedSum(spec, run(network, pixels, KEY).output());
        values[i] = value;
        double slope = (above - below) / 2;
        assertEquals(slope, gradient[i], 1e-5 * (1 + Math.abs(slope)), "parameter " + i);
        slopes += gradient[i] != 0 ? 1 : 0;
      }
      assertTrue(slopes > 50, slopes + " slopes that are not 0");
    }
  }

  private static double weightedSum(NetworkSpec spec, float[] output) {
    float[] dy = NetworkRun.outputGradient(spec, IMAGES);
    double sum = 0;
    for (int i = 0; i < dy.length; i++) {
      sum += (double) dy[i] * output[i];
    }
    return sum;
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void droppedNanStaysNan(Kernels kernels) {
    Plan plan = training(spec(0.99));
    Parameters parameters = NetworkRun.parameters(plan.spec());
    parameters.values()[plan.layout().entry("convolution2/bias").offset()] = Float.NaN;
    try (Workspace workspace = new Workspace(plan, kernels, 1)) {
      Network network = new Network(workspace, parameters);
      float[] pixels = NetworkRun.images(plan.spec(), IMAGES);
      for (float score : run(network, pixels, KEY).output()) {
        assertTrue(Float.isNaN(score));
      }
    }
  }

  @Test
  void equalLayersDrawNumbersOfTheirOwn() {
    NetworkSpec spec =
        network(new Flatten(), new Dropout(0.5), new Dropout(0.5), new Dense(2, false));
    NetworkSpec single = network(new Flatten(), new Dropout(0.5), new Dense(2, false));
    Kernels scalar = kernels().get(0);
    long both = zeros(run(spec, scalar, 1, KEY).gradient());
    assertTrue(both > zeros(run(single, scalar, 1, KEY).gradient()));
  }

  private static long zeros(float[] values) {
    long zeros = 0;
    for (float value : values) {
      zeros += value == 0 ? 1 : 0;
    }
    return zeros;
  }

  @Test
  void trainingWithoutAKeyIsRefused() {
    Plan plan = training(spec(0.5));
    assertTrue(plan.isRandom());
    try (Workspace workspace = new Workspace(plan, kernels().get(0), 1)) {
      Network network = new Network(workspace, NetworkRun.parameters(plan.spec()));
      assertThrows(IllegalStateException.class, () -> network.forward(IMAGES));
      assertThrows(IllegalStateException.class, () -> network.backward(IMAGES));
    }
  }

  @Test
  void rateIsAShareBelowOne() {
    for (double rate : new double[] {-0.1, 1, Double.NaN}) {
      assertThrows(IllegalArgumentException.class, () -> new Dropout(rate));
    }
  }
}
