package convoy.engine.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.ScalarKernels;
import convoy.engine.layer.LayerTwin;
import convoy.engine.layer.TestKernels;
import convoy.engine.layer.TestValues;
import convoy.engine.network.ParameterLayout.Kind;
import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

class NetworkTest {
  private static final double TOLERANCE = 2e-5;

  static Stream<Arguments> networks() {
    return TestKernels.all().stream()
        .flatMap(
            kernels ->
                TestNetworks.all().stream()
                    .map(spec -> Arguments.of(kernels.name(), spec.name(), kernels, spec)));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networks")
  void outputAndGradientsAreThoseOfTheTwin(
      String kernelName, String name, Kernels kernels, NetworkSpec spec) {
    int images = 3;
    NetworkRun run = NetworkRun.of(training(spec, images), kernels, 1, images);
    double[] pixels = TestValues.doubles(NetworkRun.images(spec, images));
    Deque<double[]> parameters = new ArrayDeque<>();
    for (ParameterLayout.Entry entry : trainable(spec)) {
      parameters.add(TestValues.doubles(values(entry, NetworkRun.parameters(spec).values())));
    }
    LayerTwin.Pass twin =
        LayerTwin.run(spec.layers(), spec.input().withImages(images), pixels, parameters);
    assertNear(run.output(), twin.y(), "output");
    double[] dy = TestValues.doubles(NetworkRun.outputGradient(spec, images));
    List<double[]> gradients = twin.backward().apply(dy).parameters();
    List<ParameterLayout.Entry> entries = trainable(spec);
    assertEquals(gradients.size(), entries.size());
    for (int i = 0; i < entries.size(); i++) {
      ParameterLayout.Entry entry = entries.get(i);
      assertNear(values(entry, run.gradient()), gradients.get(i), entry.name());
    }
  }

  private static void assertNear(float[] got, double[] wanted, String what) {
    double error = TestValues.error(got, wanted);
    assertTrue(error <= TOLERANCE, () -> what + ": error " + error);
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networks")
  void sharedMemoryChangesNoBit(String kernelName, String name, Kernels kernels, NetworkSpec spec) {
    Plan plan = training(spec, 3);
    assertSame(UnsharedRun.of(plan, kernels, 3), NetworkRun.of(plan, kernels, 1, 3));
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networks")
  void partialBatchHasTheBitsOfAPlanOfItsOwnSize(
      String kernelName, String name, Kernels kernels, NetworkSpec spec) {
    Plan plan = training(spec, 5);
    for (int images : new int[] {1, 3}) {
      NetworkRun wanted = NetworkRun.of(training(spec, images), kernels, 1, images);
      assertSame(wanted, NetworkRun.of(plan, kernels, 1, images));
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networks")
  void imagesDoNotDependOnTheBatchThatTheySitIn(
      String kernelName, String name, Kernels kernels, NetworkSpec spec) {
    int batchSize = 5;
    Plan plan = new Plan(spec, batchSize, Plan.Mode.INFERENCE);
    float[] pixels = NetworkRun.images(spec, batchSize);
    float[] together = NetworkRun.of(plan, kernels, 1, pixels).output();
    int size = spec.input().imageSize();
    for (int n = 0; n < batchSize; n++) {
      float[] image = Arrays.copyOfRange(pixels, n * size, (n + 1) * size);
      float[] alone = NetworkRun.of(plan, kernels, 1, image).output();
      int scores = spec.outputs();
      assertArrayEquals(Arrays.copyOfRange(together, n * scores, (n + 1) * scores), alone);
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networks")
  void inferenceHasTheBitsOfTraining(
      String kernelName, String name, Kernels kernels, NetworkSpec spec) {
    if (spec.layout().entries().stream().anyMatch(e -> e.kind() == Kind.STATISTICS)) {
      return;
    }
    Plan plan = new Plan(spec, 4, Plan.Mode.INFERENCE);
    float[] wanted = NetworkRun.of(training(spec, 4), kernels, 1, 4).output();
    assertArrayEquals(wanted, NetworkRun.of(plan, kernels, 1, 4).output());
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networks")
  void changedParametersCountOncePrepared(
      String kernelName, String name, Kernels kernels, NetworkSpec spec) {
    Plan plan = new Plan(spec, 2, Plan.Mode.INFERENCE);
    float[] pixels = NetworkRun.images(spec, 2);
    float[] wanted = NetworkRun.of(plan, kernels, 1, pixels).output();
    Parameters later = NetworkRun.parameters(spec),
        parameters = Parameters.initial(plan.layout(), 0);
    try (Workspace workspace = new Workspace(plan, kernels, 1)) {
      Network network = new Network(workspace, parameters);
      System.arraycopy(later.values(), 0, parameters.values(), 0, later.values().length);
      network.prepare();
      assertArrayEquals(wanted, NetworkRun.run(network, pixels, 2).output());
    }
  }

  @ParameterizedTest(name = "{0} {1}")
  @MethodSource("networks")
  void threadsChangeNoBit(String kernelName, String name, Kernels kernels, NetworkSpec spec) {
    Plan plan = training(spec, 3);
    NetworkRun wanted = NetworkRun.of(plan, kernels, 1, 3);
    assertSame(wanted, NetworkRun.of(plan, kernels, 2, 3));
    assertSame(wanted, NetworkRun.of(plan, kernels, 4, 3));
  }

  @Test
  void networkOfUsefulSizeKeepsAllTheseProperties() throws IOException {
    NetworkSpec spec = ShippedNetworks.of("small");
    Kernels best = Kernels.best().kernels();
    String name = best.name();
    outputAndGradientsAreThoseOfTheTwin(name, spec.name(), best, spec);
    sharedMemoryChangesNoBit(name, spec.name(), best, spec);
    partialBatchHasTheBitsOfAPlanOfItsOwnSize(name, spec.name(), best, spec);
    imagesDoNotDependOnTheBatchThatTheySitIn(name, spec.name(), best, spec);
    inferenceHasTheBitsOfTraining(name, spec.name(), best, spec);
    threadsChangeNoBit(name, spec.name(), best, spec);
  }

  @Test
  void aRunLeavesNothingBehindForTheNext() {
    NetworkSpec spec = TestNetworks.residualPool();
    float[] pixels = NetworkRun.images(spec, 4);
    float[] other = NetworkRun.images(spec, 2);
    Arrays.fill(other, 200);
    try (Workspace workspace = new Workspace(training(spec, 4), new ScalarKernels(), 1)) {
      Network network = new Network(workspace, NetworkRun.parameters(spec));
      NetworkRun first = NetworkRun.run(network, pixels, 4);
      NetworkRun.run(network, other, 2);
      assertSame(first, NetworkRun.run(network, pixels, 4));
    }
  }

  private static void assertSame(NetworkRun wanted, NetworkRun got) {
    assertArrayEquals(wanted.output(), got.output());
    assertArrayEquals(wanted.gradient(), got.gradient());
  }

  @Test
  void imagesBeyondTheBatchAreRefused() {
    NetworkSpec spec = TestNetworks.onlyDense();
    try (Workspace workspace = new Workspace(training(spec, 4), new ScalarKernels(), 1)) {
      Network network = new Network(workspace, NetworkRun.parameters(spec));
      assertThrows(IllegalArgumentException.class, () -> network.input(0));
      assertThrows(IllegalArgumentException.class, () -> network.input(5));
      assertThrows(IllegalArgumentException.class, () -> network.forward(5));
    }
  }

  @Test
  void inferenceHasNoBackwardPass() {
    NetworkSpec spec = TestNetworks.onlyDense();
    Plan plan = new Plan(spec, 4, Plan.Mode.INFERENCE);
    try (Workspace workspace = new Workspace(plan, new ScalarKernels(), 1)) {
      Network network = new Network(workspace, NetworkRun.parameters(spec));
      assertThrows(IllegalStateException.class, () -> network.backward(1));
      assertThrows(IllegalStateException.class, () -> network.outputGradient(1));
    }
  }

  @Test
  void parametersOfAnotherNetworkAreRefused() {
    Plan plan = training(TestNetworks.onlyDense(), 4);
    Parameters other = NetworkRun.parameters(TestNetworks.projected());
    try (Workspace workspace = new Workspace(plan, new ScalarKernels(), 1)) {
      assertThrows(IllegalArgumentException.class, () -> new Network(workspace, other));
    }
  }

  private static Plan training(NetworkSpec spec, int batchSize) {
    return new Plan(spec, batchSize, Plan.Mode.TRAINING);
  }

  /** What trains, in the order of the tree. */
  private static List<ParameterLayout.Entry> trainable(NetworkSpec spec) {
    return spec.layout().entries().stream()
        .filter(entry -> entry.kind() == ParameterLayout.Kind.TRAINABLE)
        .toList();
  }

  private static float[] values(ParameterLayout.Entry entry, float[] values) {
    return Arrays.copyOfRange(values, entry.offset(), entry.offset() + entry.size());
  }
}
