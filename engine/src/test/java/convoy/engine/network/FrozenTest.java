package convoy.engine.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.ScalarKernels;
import convoy.engine.layer.Backward;
import convoy.engine.layer.BatchNormalization;
import convoy.engine.layer.Branches;
import convoy.engine.layer.Dense;
import convoy.engine.layer.Dropout;
import convoy.engine.layer.Flatten;
import convoy.engine.layer.Frozen;
import convoy.engine.layer.Initialization;
import convoy.engine.layer.Layer;
import convoy.engine.layer.Padding;
import convoy.engine.layer.Recurrent;
import convoy.engine.layer.Relu;
import convoy.engine.layer.Residual;
import convoy.engine.layer.Scaling;
import convoy.engine.layer.Sequence;
import convoy.engine.layer.TestKernels;
import convoy.engine.layer.TestLayers;
import convoy.engine.network.ParameterLayout.Kind;
import convoy.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What becomes of layers that do not train. */
class FrozenTest {
  private static final int IMAGES = 3;

  static List<Kernels> kernels() {
    return TestKernels.all();
  }

  private static Layer convolution() {
    return TestLayers.convolution(4, 3, 3, 1, 1, new Padding.Same(), true);
  }

  private static NetworkSpec network(Layer... layers) {
    return TestNetworks.network("frozen", new Shape(1, 6, 5, 4), List.of(layers));
  }

  /** Frozen layers at the start, between trainable ones, in a block, and in a frozen block. */
  private static NetworkSpec mixed(Layer first, Layer middle, Layer block, Layer dense) {
    return network(
        Scaling.by(255),
        first,
        new Relu(),
        convolution(),
        new Relu(),
        middle,
        new Relu(),
        block,
        new Relu(),
        new Flatten(),
        dense,
        new Relu(),
        new Dense(3, true));
  }

  private static Layer block() {
    return Residual.identity(List.of(convolution(), new Relu(), convolution()));
  }

  private static NetworkSpec frozen() {
    return mixed(
        new Frozen(convolution()),
        new Frozen(convolution()),
        new Frozen(block()),
        new Frozen(new Dense(6, true)));
  }

  private static NetworkSpec normalized() {
    Layer frozen = new Frozen(BatchNormalization.DEFAULT);
    Layer block = Residual.identity(List.of(BatchNormalization.DEFAULT, new Relu(), convolution()));
    return mixed(frozen, frozen, new Frozen(block), new Dense(6, true));
  }

  /** Branches and a recurrent layer behind one that may be the lowest to train. */
  private static NetworkSpec branched(Layer first, Layer branches, Layer recurrent) {
    return network(
        Scaling.by(255),
        first,
        new Relu(),
        branches,
        new Relu(),
        convolutionOf(12),
        recurrent,
        new Dense(3, true));
  }

  private static Layer convolutionOf(int channels) {
    return TestLayers.convolution(channels, 3, 3, 1, 1, new Padding.Same(), true);
  }

  /** As wide as its input in each of three branches, of which the last is the input itself. */
  private static Layer branches(Layer first) {
    return new Branches(List.of(List.of(first), List.of(convolution()), List.of()));
  }

  private static Layer recurrent() {
    return new Recurrent(5, Initialization.GLOROT_UNIFORM);
  }

  /** Networks with frozen layers, and the same ones without. */
  private record Pair(NetworkSpec all, NetworkSpec some) {}

  private static List<Pair> pairs() {
    NetworkSpec mixed = mixed(convolution(), convolution(), block(), new Dense(6, true));
    NetworkSpec branched = branched(convolution(), branches(convolution()), recurrent());
    Layer frozen = new Frozen(convolution()), partly = branches(frozen);
    return List.of(
        new Pair(mixed, frozen()),
        new Pair(branched, branched(frozen, partly, recurrent())),
        new Pair(branched, branched(convolution(), partly, new Frozen(recurrent()))),
        new Pair(
            branched, branched(convolution(), new Frozen(branches(convolution())), recurrent())),
        new Pair(branched, branched(frozen, new Frozen(branches(convolution())), recurrent())));
  }

  @Test
  void parametersLieInTheOrderTrainableFrozenStatistics() {
    NetworkSpec spec =
        network(
            new Frozen(convolution()),
            BatchNormalization.DEFAULT,
            new Frozen(Residual.identity(List.of(BatchNormalization.DEFAULT))),
            new Flatten(),
            new Dense(2, true));
    List<String> names = spec.layout().entries().stream().map(e -> e.name()).toList();
    assertEquals(
        List.of(
            "batchNormalization1/gamma",
            "batchNormalization1/beta",
            "dense1/weights",
            "dense1/bias",
            "convolution1/weights",
            "convolution1/bias",
            "batchNormalization2/gamma",
            "batchNormalization2/beta",
            "batchNormalization2/runningMean",
            "batchNormalization2/runningVariance",
            "batchNormalization1/runningMean",
            "batchNormalization1/runningVariance"),
        names);
    assertEquals(4 + 4 + 120 * 2 + 2, spec.layout().trainableSize());
    int size = spec.layout().size();
    assertEquals(List.of(new ParameterLayout.Moments(size - 8, 4)), spec.layout().moments());
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void gradientsOfTheOthersHaveTheBitsOfATrainingOfAll(Kernels kernels) {
    pairs().forEach(pair -> assertSameGradients(pair.all(), pair.some(), kernels));
  }

  private static void assertSameGradients(NetworkSpec all, NetworkSpec some, Kernels kernels) {
    Parameters parameters = NetworkRun.parameters(all), same = copy(parameters, some.layout());
    float[] wanted = gradient(all, parameters, kernels), got = gradient(some, same, kernels);
    assertTrue(got.length > 0 && got.length < wanted.length);
    int compared = 0;
    for (ParameterLayout.Entry entry : some.layout().entries()) {
      if (entry.kind() == Kind.TRAINABLE) {
        int from = all.layout().entry(entry.name()).offset(), to = entry.offset();
        assertArrayEquals(
            Arrays.copyOfRange(wanted, from, from + entry.size()),
            Arrays.copyOfRange(got, to, to + entry.size()),
            entry.name());
        compared += entry.size();
      }
    }
    assertEquals(got.length, compared);
  }

  private static Parameters copy(Parameters from, ParameterLayout layout) {
    Parameters copy = new Parameters(layout, new float[layout.size()]);
    for (ParameterLayout.Entry entry : layout.entries()) {
      int offset = from.layout().entry(entry.name()).offset();
      System.arraycopy(from.values(), offset, copy.values(), entry.offset(), entry.size());
    }
    return copy;
  }

  private static float[] gradient(NetworkSpec spec, Parameters parameters, Kernels kernels) {
    Plan plan = new Plan(spec, IMAGES, Plan.Mode.TRAINING);
    try (Workspace workspace = new Workspace(plan, kernels, 1)) {
      for (int i = 0; i < plan.bufferSizes().size(); i++) {
        Arrays.fill(workspace.buffer(i), Float.NaN);
      }
      Network network = new Network(workspace, parameters);
      return NetworkRun.run(network, NetworkRun.images(spec, IMAGES), IMAGES).gradient();
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void memoryIsSharedAndThreadsArePickedWithoutChangingABit(Kernels kernels) {
    List<NetworkSpec> networks = new ArrayList<>(List.of(normalized()));
    pairs().forEach(pair -> networks.add(pair.some()));
    for (NetworkSpec spec : networks) {
      Plan plan = new Plan(spec, IMAGES, Plan.Mode.TRAINING);
      NetworkRun wanted = UnsharedRun.of(plan, kernels, IMAGES);
      for (int threads : new int[] {1, 3}) {
        NetworkRun got = NetworkRun.of(plan, kernels, threads, IMAGES);
        assertArrayEquals(wanted.output(), got.output());
        assertArrayEquals(wanted.gradient(), got.gradient());
      }
      for (float value : wanted.gradient()) {
        assertTrue(Float.isFinite(value));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void frozenNormalisationsAreThoseOfInferenceAndStayAsTheyAre(Kernels kernels) {
    NetworkSpec spec = normalized();
    float[] pixels = NetworkRun.images(spec, IMAGES);
    Parameters parameters = NetworkRun.parameters(spec);
    float[] before = parameters.values().clone();
    Plan plan = new Plan(spec, IMAGES, Plan.Mode.TRAINING);
    try (Workspace workspace = new Workspace(plan, kernels, 1)) {
      NetworkRun trained = NetworkRun.run(new Network(workspace, parameters), pixels, IMAGES);
      // Alone, an image has the same scores: nothing depends on the batch.
      float[] first = Arrays.copyOf(pixels, pixels.length / IMAGES);
      NetworkRun alone = NetworkRun.run(new Network(workspace, parameters), first, 1);
      assertArrayEquals(Arrays.copyOf(trained.output(), alone.output().length), alone.output());
    }
    assertArrayEquals(before, parameters.values());
    assertEquals(
        List.of(),
        spec.layout().entries().stream().filter(e -> e.kind() == Kind.STATISTICS).toList());
  }

  @Test
  void backwardPassEndsAtTheLowestLayerThatTrains() {
    Layer frozen = new Frozen(convolution());
    List<Layer> layers = new ArrayList<>();
    for (int i = 0; i < 8; i++) {
      layers.addAll(List.of(frozen, new Relu()));
    }
    layers.addAll(List.of(new Flatten(), new Dense(3, true)));
    Plan plan = new Plan(network(layers.toArray(Layer[]::new)), IMAGES, Plan.Mode.TRAINING);
    for (Plan.Step step : plan.steps().subList(0, 8)) {
      assertFalse(step.hasGradient(), step.name());
    }
    Plan.Step last = plan.steps().get(8);
    assertTrue(last.hasGradient());
    assertEquals(List.of(Backward.Mode.UNWANTED), last.inputGradients());
    // Two activations take turns; the third buffer, if any, is that of the scores or their
    // gradient.
    assertTrue(plan.bufferSizes().size() <= 4, plan.bufferSizes().toString());
    try (Workspace workspace = new Workspace(plan, new ScalarKernels(), 1)) {
      assertEquals(120 * 3 + 3, workspace.gradient().length);
    }
  }

  @Test
  void inputOfAFrozenLayerIsNotKept() {
    List<Layer> layers = new ArrayList<>(List.of(convolution()));
    for (int i = 0; i < 8; i++) {
      layers.add(new Frozen(TestLayers.convolution(4, 3, 3, 1, 1, new Padding.Same(), false)));
    }
    layers.addAll(List.of(new Flatten(), new Dense(3, true)));
    Plan plan = new Plan(network(layers.toArray(Layer[]::new)), IMAGES, Plan.Mode.TRAINING);
    for (Plan.Step step : plan.steps().subList(1, 9)) {
      assertTrue(step.hasGradient() && !step.hasParameterGradients(), step.name());
      assertEquals(List.of(Backward.Mode.OVERWRITE), step.inputGradients());
    }
    long large = plan.bufferSizes().stream().filter(size -> size >= IMAGES * 120).count();
    // The input, the last activation, and two that take turns.
    assertTrue(large <= 4, plan.bufferSizes().toString());
    // Forward and the gradient of the input.
    int convolution = 6 * 5 * 9 * 4 * 4;
    assertEquals(2L * IMAGES * convolution, plan.multiplications(plan.steps().get(1)));
  }

  @Test
  void whollyFrozenNetworkHasNothingToTrain() {
    NetworkSpec spec = network(new Flatten(), new Frozen(new Dense(3, true)));
    String message =
        assertThrows(
                IllegalArgumentException.class, () -> new Plan(spec, IMAGES, Plan.Mode.TRAINING))
            .getMessage();
    assertTrue(message.endsWith("has nothing to train: let a layer be trainable"), message);
    new Plan(spec, IMAGES, Plan.Mode.INFERENCE);
  }

  @Test
  void onlyWhatCanHaveParametersIsFrozen() {
    assertThrows(IllegalArgumentException.class, () -> new Frozen(new Flatten()));
    assertThrows(IllegalArgumentException.class, () -> new Frozen(new Relu()));
    assertThrows(IllegalArgumentException.class, () -> new Frozen(new Dropout(0.5)));
    assertThrows(
        IllegalArgumentException.class, () -> new Frozen(new Sequence(List.of(new Relu()))));
    assertThrows(IllegalArgumentException.class, () -> new Frozen(new Frozen(new Dense(3, true))));
  }
}
