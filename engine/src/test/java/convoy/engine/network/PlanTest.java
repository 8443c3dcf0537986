package convoy.engine.network;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.ScalarKernels;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.layer.Backward;
import convoy.engine.layer.Dense;
import convoy.engine.layer.Flatten;
import convoy.engine.layer.FusedAffine;
import convoy.engine.layer.Layer;
import convoy.engine.layer.Padding;
import convoy.engine.layer.Relu;
import convoy.engine.layer.Residual;
import convoy.engine.layer.Scaling;
import convoy.engine.layer.Sequence;
import convoy.engine.layer.TestLayers;
import convoy.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.MethodSource;

class PlanTest {
  private static final Kernels KERNELS = new ScalarKernels();

  static List<NetworkSpec> networks() {
    return TestNetworks.all();
  }

  @Test
  void stepsAreTheLayersWithReluInThePassBeforeIt() {
    List<String> names =
        training(TestNetworks.residualPool(), 2).steps().stream().map(Plan.Step::name).toList();
    assertEquals(
        List.of(
            "scaling1",
            "convolution1",
            "convolution2",
            "convolution3",
            "maxPooling1",
            "convolution4",
            "convolution5",
            "maxPooling2",
            "dense1",
            "dense2"),
        names);
  }

  @Test
  void reluIsFusedOnlyWhereItAloneReadsTheLayerBefore() {
    Layer dense = new Dense(4, true);
    NetworkSpec alone = network(new Flatten(), dense, new Relu());
    assertEquals(
        new FusedAffine((Dense) dense, FusedAffine.Summand.NONE, true),
        training(alone, 1).steps().get(0).operation());
    NetworkSpec shared =
        network(new Flatten(), dense, Residual.identity(List.of(new Relu())), new Relu());
    List<Plan.Step> steps = training(shared, 1).steps();
    assertEquals(
        List.of("dense1", "relu1", "residual1", "relu2"),
        steps.stream().map(Plan.Step::name).toList());
    assertInstanceOf(Dense.class, steps.get(0).operation());
  }

  @Test
  void additionIsInThePassOfTheLayerJustBeforeItAndSoIsItsRelu() {
    assertEquals(
        List.of(
            "convolution+addition",
            "convolution+relu",
            "convolution",
            "convolution+addition+relu",
            "maxPooling",
            "dense"),
        kinds(TestNetworks.projected()));
    List<Plan.Step> steps = training(TestNetworks.projected(), 1).steps();
    assertEquals("convolution4", steps.get(3).name());
    assertEquals(steps.get(0).output(), steps.get(3).inputs().get(0));
    assertEquals(steps.get(2).output(), steps.get(3).inputs().get(1));
  }

  @Test
  void additionAfterAReluIsInTheSamePassAndTheNextReluIsNot() {
    Layer dense = new Dense(4, true);
    Layer block = Residual.identity(List.of(dense, new Relu()));
    assertEquals(
        List.of("dense", "dense+relu+addition", "relu"),
        kinds(network(new Flatten(), dense, block, new Relu())));
    Plan plan = training(network(new Flatten(), dense, block), 3);
    assertEquals(List.of(0, 12), plan.steps().stream().map(Plan.Step::kept).toList());
    Plan inference = new Plan(network(new Flatten(), dense, block), 3, Plan.Mode.INFERENCE);
    assertEquals(List.of(0, 0), inference.steps().stream().map(Plan.Step::kept).toList());
  }

  @Test
  void additionIsAStepOfItsOwnWhereItIsNotTheOnlyReader() {
    Layer dense = new Dense(4, true);
    Layer twice = Residual.identity(List.of(new Flatten()));
    assertEquals(List.of("dense", "addition"), kinds(network(new Flatten(), dense, twice)));
  }

  @Test
  void reluOfASumThatAnotherReadsIsAStepOfItsOwn() {
    Layer dense = new Dense(4, true);
    Layer block = Residual.identity(List.of(dense));
    Layer reader = Residual.identity(List.of(new Relu()));
    assertEquals(
        List.of("dense", "dense+addition", "relu", "addition"),
        kinds(network(new Flatten(), dense, block, reader)));
  }

  @Test
  void gradientOfASumIsPassedOnToASummandInPlace() {
    Plan projected = training(TestNetworks.projected(), 2);
    Plan.Step fused = projected.steps().get(3);
    assertEquals(gradient(projected, fused.output()), gradient(projected, fused.inputs().get(1)));
    Plan plan = training(TestNetworks.residualPool(), 2);
    Plan.Step addition = plan.steps().get(3);
    int body = addition.inputs().get(0), shortcut = addition.inputs().get(1);
    assertEquals(gradient(plan, addition.output()), gradient(plan, shortcut));
    assertNotEquals(gradient(plan, addition.output()), gradient(plan, body));
  }

  @Test
  void gradientIsNotPassedOnInPlaceToWhatReceivesMoreInTheSameStep() {
    Layer dense = new Dense(4, true);
    Plan plan = training(network(new Flatten(), dense, Residual.identity(List.of(dense))), 2);
    Plan.Step fused = plan.steps().get(1);
    assertNotEquals(gradient(plan, fused.output()), gradient(plan, fused.inputs().get(1)));
  }

  private static int gradient(Plan plan, int value) {
    return plan.values().get(value).gradientBuffer();
  }

  @Test
  void theOtherSummandIsNotKeptForTheBackwardPass() {
    int blocks = 10;
    List<Layer> layers = new ArrayList<>();
    layers.add(new Flatten());
    Sequence dense = new Sequence(List.of(new Dense(16, true)));
    for (int i = 0; i < blocks; i++) {
      layers.add(new Residual(dense, Optional.of(dense)));
    }
    Plan plan = training(TestNetworks.network("blocks", new Shape(1, 4, 4, 1), layers), 3);
    // The input, the sums, and one summand or gradient.
    assertEquals(blocks + 2, plan.bufferSizes().size());
  }

  @Test
  void nothingComputesAGradientForTheInput() {
    Plan scaled = training(TestNetworks.residualPool(), 2);
    assertEquals(false, scaled.steps().get(0).hasGradient());
    assertEquals(List.of(Backward.Mode.UNWANTED), scaled.steps().get(1).inputGradients());
    Plan bare = training(TestNetworks.projected(), 2);
    assertEquals(
        List.of(Backward.Mode.UNWANTED, Backward.Mode.UNWANTED),
        bare.steps().get(0).inputGradients());
    // The block adds the input, which has no gradient, to its body, which has one.
    Layer body = TestLayers.convolution(1, 3, 3, 1, 1, new Padding.Same(), true);
    Layer block = Residual.identity(List.of(body, new Relu()));
    Plan addition = training(network(block, new Flatten(), new Dense(2, true)), 2);
    assertEquals(
        List.of(Backward.Mode.UNWANTED, Backward.Mode.UNWANTED),
        addition.steps().get(0).inputGradients());
    assertEquals(-1, bare.values().get(0).gradientBuffer());
  }

  @Test
  void gradientOfABlocksInputIsWrittenOnceAndThenAddedTo() {
    Plan plan = training(TestNetworks.residualPool(), 2);
    assertEquals(
        List.of(Backward.Mode.OVERWRITE, Backward.Mode.OVERWRITE),
        plan.steps().get(3).inputGradients());
    assertEquals(List.of(Backward.Mode.ACCUMULATE), plan.steps().get(2).inputGradients());
  }

  @Test
  void fusedAdditionGivesItsOtherSummandTheGradientFirst() {
    Layer dense = new Dense(4, true);
    Layer block = Residual.identity(List.of(dense));
    Plan plan = training(network(new Flatten(), dense, block), 2);
    assertEquals(
        List.of(Backward.Mode.ACCUMULATE, Backward.Mode.OVERWRITE),
        plan.steps().get(1).inputGradients());
  }

  @Test
  void inferenceHasNoGradients() {
    Plan plan = new Plan(TestNetworks.residualPool(), 2, Plan.Mode.INFERENCE);
    for (Plan.Step step : plan.steps()) {
      assertEquals(false, step.hasGradient());
      for (Backward.Mode mode : step.inputGradients()) {
        assertEquals(Backward.Mode.UNWANTED, mode);
      }
    }
    for (Plan.Value value : plan.values()) {
      assertEquals(-1, value.gradientBuffer());
    }
  }

  @ParameterizedTest
  @MethodSource("networks")
  void scoresStayWhileTheirGradientIsWritten(NetworkSpec spec) {
    Plan plan = training(spec, 2);
    Plan.Value output = plan.values().get(plan.output());
    assertNotEquals(output.buffer(), output.gradientBuffer());
  }

  @Test
  void inferenceOfAChainNeedsTwoBuffers() {
    List<Layer> layers = new ArrayList<>();
    layers.add(new Flatten());
    for (int i = 0; i < 10; i++) {
      layers.add(new Dense(16, true));
    }
    NetworkSpec chain = TestNetworks.network("chain", new Shape(1, 4, 4, 1), layers);
    assertEquals(2, new Plan(chain, 3, Plan.Mode.INFERENCE).bufferSizes().size());
    assertTrue(training(chain, 3).bufferSizes().size() > 10);
  }

  @ParameterizedTest
  @EnumSource(Plan.Mode.class)
  void workspaceHoldsWhatThePlanCounts(Plan.Mode mode) {
    Plan plan = new Plan(TestNetworks.residualPool(), 3, mode);
    long floats = 0;
    try (Workspace workspace = new Workspace(plan, KERNELS, 2)) {
      for (int i = 0; i < plan.bufferSizes().size(); i++) {
        floats += workspace.buffer(i).length;
      }
      floats += workspace.gradient().length + workspace.workers().shared().length;
      floats += workspace.workers().scratch(0).length + workspace.workers().scratch(1).length;
    }
    ScratchSize scratch = plan.scratch(KERNELS);
    long doubles = 2L * scratch.doubleRows() * scratch.doubleRowSize();
    assertEquals(4 * floats + 8 * doubles, plan.workspaceBytes(KERNELS, 2));
  }

  @Test
  void bytesAreCountedBeyondWhatAnIntHolds() {
    NetworkSpec network = TestNetworks.residualPool();
    long three = training(network, 3).workspaceBytes(KERNELS, 1);
    long image = (training(network, 6).workspaceBytes(KERNELS, 1) - three) / 3;
    int many = Math.toIntExact((3L << 32) / image);
    long expected = three + (many - 3) * image;
    long counted = training(network, many).workspaceBytes(KERNELS, 1);
    assertEquals(1, (double) counted / expected, 1e-3);
  }

  @Test
  void scratchServesTheNeediestStep() {
    Kernels best = Kernels.best().kernels();
    Plan plan = training(TestNetworks.residualPool(), 3);
    for (Plan.Step step : plan.steps()) {
      Shape x = plan.values().get(step.inputs().get(0)).shape();
      assertTrue(plan.scratch(best).perWorker() >= step.operation().scratch(best, x).perWorker());
      assertTrue(plan.scratch(best).shared() >= step.operation().scratch(best, x).shared());
    }
  }

  /** Of gradients, and of weights that are packed before the first step. */
  @Test
  void inferenceReservesNoScratchForWhatItDoesNot() {
    Kernels best = Kernels.best().kernels();
    Plan training = training(TestNetworks.residualPool(), 3);
    Plan inference = new Plan(TestNetworks.residualPool(), 3, Plan.Mode.INFERENCE);
    assertTrue(training.scratch(best).shared() > 0);
    assertEquals(0, inference.scratch(best).shared());
    assertTrue(inference.scratch(best).perWorker() <= training.scratch(best).perWorker());
  }

  @Test
  void multiplicationsAreThoseOfAllPasses() {
    int first = 2 * (8 * 8 * 9 * 3 * 6), second = 2 * (8 * 8 * 9 * 6 * 6);
    Plan training = training(TestNetworks.residualPool(), 2);
    List<Plan.Step> steps = training.steps();
    assertEquals(0, training.multiplications(steps.get(0)));
    assertEquals(2 * first, training.multiplications(steps.get(1)));
    assertEquals(3 * second, training.multiplications(steps.get(2)));
    assertEquals(0, training.multiplications(steps.get(4)));
    assertEquals(3 * second, training.executedMultiplications(steps.get(2), KERNELS));
    Plan inference = new Plan(TestNetworks.residualPool(), 2, Plan.Mode.INFERENCE);
    assertEquals(second, inference.multiplications(inference.steps().get(2)));
  }

  @Test
  void gradientOfTheOtherSummandTakesNoMultiplications() {
    Sequence dense = new Sequence(List.of(new Dense(4, true)));
    Plan plan = training(network(new Flatten(), new Residual(dense, Optional.of(dense))), 2);
    assertEquals(
        List.of(Backward.Mode.UNWANTED, Backward.Mode.OVERWRITE),
        plan.steps().get(1).inputGradients());
    assertEquals(2 * (2 * 16 * 4), plan.multiplications(plan.steps().get(1)));
  }

  @Test
  void batchThatNoArrayHoldsIsRefused() {
    NetworkSpec spec = TestNetworks.residualPool();
    String message =
        assertThrows(IllegalArgumentException.class, () -> training(spec, 1 << 27)).getMessage();
    assertTrue(message.contains("use a smaller batch"), message);
    assertThrows(IllegalArgumentException.class, () -> training(spec, 0));
  }

  @Test
  void networkWithoutParametersCanOnlyInfer() {
    Padding valid = new Padding.Valid();
    NetworkSpec spec =
        network(Scaling.by(255), TestLayers.maxPooling(2, 2, 2, 2, valid), new Flatten());
    String message =
        assertThrows(IllegalArgumentException.class, () -> training(spec, 1)).getMessage();
    assertTrue(message.contains("nothing to train"), message);
    assertEquals(
        4, NetworkRun.of(new Plan(spec, 1, Plan.Mode.INFERENCE), KERNELS, 1, 1).output().length);
  }

  private static List<String> kinds(NetworkSpec spec) {
    return training(spec, 1).steps().stream().map(step -> step.operation().kind()).toList();
  }

  private static NetworkSpec network(Layer... layers) {
    return TestNetworks.network("tested", new Shape(1, 4, 4, 1), List.of(layers));
  }

  private static Plan training(NetworkSpec spec, int batchSize) {
    return new Plan(spec, batchSize, Plan.Mode.TRAINING);
  }
}
