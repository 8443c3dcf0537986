package convoy.engine.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.Kernels;
import convoy.engine.layer.Branches;
import convoy.engine.layer.Concatenation;
import convoy.engine.layer.Dense;
import convoy.engine.layer.Flatten;
import convoy.engine.layer.Layer;
import convoy.engine.layer.Padding;
import convoy.engine.layer.Relu;
import convoy.engine.layer.TestKernels;
import convoy.engine.layer.TestLayers;
import convoy.engine.layer.TestValues;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Networks with branches. Expected values are those of PyTorch;
 * engine/src/test/python/inception_golden.py prints them.
 */
class InceptionTest {
  private static final int IMAGES = 2;
  private static final Padding SAME = new Padding.Same();

  static List<Kernels> kernels() {
    return TestKernels.all();
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void modulesHaveTheValuesOfPyTorch(Kernels kernels) {
    Plan plan = training(TestNetworks.inception(), IMAGES);
    Parameters parameters = new Parameters(plan.layout(), new float[plan.layout().size()]);
    List<ParameterLayout.Entry> entries = plan.layout().entries();
    for (int number = 0; number < entries.size(); number++) {
      for (int i = 0; i < entries.get(number).size(); i++) {
        float value = ((i * i * 5 + i * 71 + number * 13 + 90) % 211 - 105) / 512f;
        parameters.values()[entries.get(number).offset() + i] = value;
      }
    }
    try (Workspace workspace = new Workspace(plan, kernels, 1)) {
      Network network = new Network(workspace, parameters);
      Tensor input = network.input(IMAGES);
      for (int i = 0; i < input.size(); i++) {
        input.array()[input.offset() + i] = (i * i * 3 + i * 37 + 11) % 251;
      }
      Tensor scores = network.forward(IMAGES);
      double[] wanted = {
        0.323200775,
        0.0618293405,
        -0.122904986,
        0.147769742,
        0.371378616,
        0.0453859943,
        -0.141692378,
        0.0587253459
      };
      float[] got = new float[wanted.length];
      System.arraycopy(scores.array(), scores.offset(), got, 0, got.length);
      assertNear(wanted, got);
      Tensor slope = network.outputGradient(IMAGES);
      float[] dy = {0.5f, -0.25f, 1, 0.125f, -1, 0.75f, -0.5f, 0.25f};
      System.arraycopy(dy, 0, slope.array(), slope.offset(), dy.length);
      network.backward(IMAGES);
      assertNear(
          new double[] {
            -0.0122872749,
            -0.0471053338,
            -4.94086548,
            -0.366473826,
            -0.178422309,
            0.12958407,
            -0.480725582,
            0.072265625,
            -1.02516542,
            0.659790516,
            -0.694136799,
            0.885498047,
            -0.449680685,
            0.327701569,
            0.171733955,
            -0.55859375,
            -0.885872037,
            0.467773438,
            12.294505,
            0.875
          },
          weightedSums(entries, network.gradient()));
    }
  }

  private static float[] weightedSums(List<ParameterLayout.Entry> entries, float[] gradient) {
    float[] sums = new float[entries.size()];
    for (int number = 0; number < sums.length; number++) {
      double sum = 0;
      for (int i = 0; i < entries.get(number).size(); i++) {
        sum += gradient[entries.get(number).offset() + i] * (i % 5 - 2.0);
      }
      sums[number] = (float) sum;
    }
    return sums;
  }

  private static void assertNear(double[] wanted, float[] got) {
    double error = TestValues.error(got, wanted);
    assertTrue(error <= 2e-6, () -> "error " + error);
  }

  /** Two images, so that the last part ends where its array does. */
  @ParameterizedTest
  @MethodSource("kernels")
  void convolutionsOfManyChannelsWriteTheirPartOfTheWhole(Kernels kernels) {
    Layer convolution = TestLayers.convolution(16, 3, 3, 1, 1, SAME, true);
    NetworkSpec parts =
        TestNetworks.network(
            "parts",
            new Shape(1, 8, 8, 16),
            List.of(
                new Branches(List.of(List.of(convolution), List.of(convolution, new Relu()))),
                new Flatten(),
                new Dense(2, true)));
    NetworkRun run = NetworkRun.of(training(parts, IMAGES), kernels, 1, IMAGES);
    assertArrayEquals(
        UnsharedRun.of(training(parts, IMAGES), kernels, IMAGES).gradient(), run.gradient());
  }

  @Test
  void branchesWriteWhereTheirPartLiesWithoutACopy() {
    Plan plan = training(TestNetworks.inception(), 3);
    assertEquals(0, concatenations(plan));
    Plan.Step one = step(plan, "convolution1"), three = step(plan, "convolution2");
    Plan.Value first = plan.values().get(one.output()), second = plan.values().get(three.output());
    assertEquals(first.buffer(), second.buffer());
    assertEquals(first.gradientBuffer(), second.gradientBuffer());
    assertEquals(List.of(0, 4), List.of(first.channel(), second.channel()));
    assertEquals(4 + 5 + 3 + 3, first.pixelStride());
    assertEquals(first.pixelStride(), second.pixelStride());
  }

  @Test
  void partsOfAnInnerConcatenationLieInTheOuterOne() {
    Plan plan = training(TestNetworks.flatBranches(), 3);
    assertEquals(0, concatenations(plan));
    Plan.Value last = plan.values().get(step(plan, "dense4").output());
    assertEquals(5, last.channel());
    assertEquals(6, last.pixelStride());
    assertEquals(plan.values().get(plan.output()).buffer(), last.buffer());
  }

  @Test
  void whatCanNotWriteWithAPixelStrideIsCopied() {
    Layer convolution = TestLayers.convolution(2, 3, 3, 1, 1, SAME, true);
    Layer branches =
        new Branches(
            List.of(
                List.of(),
                List.of(convolution),
                List.of(TestLayers.maxPooling(1, 1, 1, 1, SAME), new Relu())));
    NetworkSpec spec =
        TestNetworks.network(
            "copies", new Shape(1, 4, 4, 3), List.of(branches, new Flatten(), new Dense(2, true)));
    Plan plan = training(spec, 1);
    Plan.Step copy = step(plan, "branches1");
    assertEquals(new Concatenation(List.of(0, 5)), copy.operation());
    assertEquals(0, copy.inputs().get(0));
    assertNotEquals(
        plan.values().get(copy.inputs().get(1)).buffer(),
        plan.values().get(copy.output()).buffer());
  }

  @Test
  void branchesOfUnequalSizesAreRefusedWithBoth() {
    Layer whole = TestLayers.convolution(4, 3, 3, 1, 1, SAME, true);
    Layer half = TestLayers.convolution(5, 3, 3, 2, 2, SAME, true);
    Layer branches = new Branches(List.of(List.of(whole), List.of(), List.of(half)));
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> TestNetworks.network("tested", new Shape(1, 8, 6, 3), List.of(branches)))
            .getMessage();
    assertTrue(
        message.startsWith(
            "network tested, branches1: branch 1 makes 8x6x4, but branch 3 makes 4x3x5"),
        message);
    assertThrows(IllegalArgumentException.class, () -> new Branches(List.of()));
  }

  private static long concatenations(Plan plan) {
    return plan.steps().stream().filter(s -> s.operation() instanceof Concatenation).count();
  }

  private static Plan.Step step(Plan plan, String name) {
    return plan.steps().stream().filter(s -> s.name().equals(name)).findFirst().orElseThrow();
  }

  private static Plan training(NetworkSpec spec, int batchSize) {
    return new Plan(spec, batchSize, Plan.Mode.TRAINING);
  }
}
