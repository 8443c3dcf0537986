package convoy.engine.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.data.Augmentation;
import convoy.engine.data.Shard;
import convoy.engine.kernel.ActivationFunction;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.ScalarKernels;
import convoy.engine.layer.Activation;
import convoy.engine.layer.BatchNormalization;
import convoy.engine.layer.Dense;
import convoy.engine.layer.Dropout;
import convoy.engine.layer.Flatten;
import convoy.engine.layer.Layer;
import convoy.engine.layer.Relu;
import convoy.engine.layer.Scaling;
import convoy.engine.layer.Sequence;
import convoy.engine.layer.TestKernels;
import convoy.engine.loss.Loss;
import convoy.engine.loss.SoftmaxCrossEntropy;
import convoy.engine.network.Network;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;
import convoy.engine.network.Plan;
import convoy.engine.network.TestNetworks;
import convoy.engine.network.Workspace;
import convoy.engine.optimizer.Adam;
import convoy.engine.optimizer.Constant;
import convoy.engine.optimizer.Descent;
import convoy.engine.optimizer.Optimizer;
import convoy.engine.optimizer.OptimizerState;
import convoy.engine.optimizer.RunLength;
import convoy.engine.optimizer.Sgd;
import convoy.engine.optimizer.WeightDecay;
import convoy.engine.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LocalTrainerTest {
  private static final int BATCH = 8;

  /** Seven steps an epoch, the last one of four images. */
  private static final Shard SHARD = TestShards.quarters(52);

  /** The pass through a shard of one image. */
  private static final ShardPass PASS = ShardPass.of(5, 0, 0, 1);

  private static final BooleanSupplier GO_ON = () -> false;

  static List<Kernels> kernels() {
    return TestKernels.all();
  }

  /** A replica from its start: what it trains and with what. */
  private static final class Replica implements AutoCloseable {
    private final Workspace workspace;
    private final Parameters parameters;
    private final OptimizerState state;
    private final LocalTrainer trainer;

    Replica(NetworkSpec spec, Optimizer optimizer, Kernels kernels, int threads) {
      this(spec, Descent.of(optimizer), kernels, threads);
    }

    Replica(NetworkSpec spec, Descent descent, Kernels kernels, int threads) {
      this(spec, descent, Augmentation.NONE, kernels, threads);
    }

    Replica(
        NetworkSpec spec,
        Descent descent,
        Augmentation augmentation,
        Kernels kernels,
        int threads) {
      workspace = new Workspace(new Plan(spec, BATCH, Plan.Mode.TRAINING), kernels, threads);
      parameters = Parameters.initial(workspace.plan().layout(), 3);
      state = descent.optimizer().newState(parameters.layout().trainableSize());
      Loss loss = Loss.evaluating(spec.lastLayer());
      trainer = new LocalTrainer(new Network(workspace, parameters), loss, descent, augmentation);
    }

    Replica(Optimizer optimizer) {
      this(TestNetworks.residualPool(), optimizer, new ScalarKernels(), 1);
    }

    TrainingMetrics train(StepRange steps) {
      return train(steps, GO_ON);
    }

    TrainingMetrics train(StepRange steps, BooleanSupplier cancelled) {
      ShardPass pass = ShardPass.of(5, steps.epoch(), 0, SHARD.size());
      return trainer.train(SHARD, pass, steps, state, cancelled);
    }

    void assertSameBits(Replica other) {
      assertArrayEquals(other.parameters.values(), parameters.values());
      for (int slot = 0; slot < state.slots().length; slot++) {
        assertArrayEquals(other.state.slots()[slot], state.slots()[slot]);
      }
    }

    @Override
    public void close() {
      workspace.close();
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void lossFallsOnALearnableProblem(Kernels kernels) {
    Optimizer adam = new Adam(0.005, 0.9, 0.999, 1e-7);
    try (Replica replica = new Replica(TestNetworks.residualPool(), adam, kernels, 1)) {
      TrainingMetrics first = replica.train(new StepRange(0, 0, 7, 0));
      TrainingMetrics last = first;
      for (int epoch = 1; epoch < 10; epoch++) {
        last = replica.train(new StepRange(epoch, 0, 7, 7L * epoch));
      }
      assertTrue(last.loss() < 0.3 * first.loss(), first.loss() + " fell to " + last.loss());
      assertTrue(last.accuracy() > 0.9, "accuracy " + last.accuracy());
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void quadraticCostOfSigmoidOutputsFalls(Kernels kernels) {
    List<Layer> layers =
        List.of(
            Scaling.by(255),
            new Flatten(),
            new Dense(4, true),
            new Activation(ActivationFunction.SIGMOID));
    NetworkSpec spec =
        new NetworkSpec("quadratic", new Shape(1, 8, 8, 3), List.of(), false, new Sequence(layers));
    Optimizer adam = new Adam(0.005, 0.9, 0.999, 1e-7);
    try (Replica replica = new Replica(spec, adam, kernels, 1)) {
      TrainingMetrics first = replica.train(new StepRange(0, 0, 7, 0));
      TrainingMetrics last = first;
      for (int epoch = 1; epoch < 20; epoch++) {
        last = replica.train(new StepRange(epoch, 0, 7, 7L * epoch));
      }
      assertTrue(last.loss() < 0.3 * first.loss(), first.loss() + " fell to " + last.loss());
      assertTrue(last.accuracy() > 0.9, "accuracy " + last.accuracy());
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void epochInTwoRangesHasTheBitsOfOne(Kernels kernels) {
    for (Optimizer optimizer : List.of(Adam.DEFAULT, new Sgd(0.01, 0.9, true))) {
      NetworkSpec spec = TestNetworks.residualPool();
      try (Replica whole = new Replica(spec, optimizer, kernels, 1);
          Replica split = new Replica(spec, optimizer, kernels, 1)) {
        TrainingMetrics wanted = whole.train(new StepRange(2, 0, 7, 14));
        TrainingMetrics got =
            split.train(new StepRange(2, 0, 3, 14)).plus(split.train(new StepRange(2, 3, 7, 17)));
        split.assertSameBits(whole);
        assertEquals(wanted.images(), got.images());
        assertEquals(wanted.correct(), got.correct());
        assertEquals(wanted.lossSum(), got.lossSum(), 1e-12 * wanted.lossSum());
        assertEquals(-1, got.divergedAt());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void threadsChangeNoBit(Kernels kernels) {
    NetworkSpec spec = TestNetworks.residualPool();
    try (Replica one = new Replica(spec, Adam.DEFAULT, kernels, 1)) {
      one.train(new StepRange(0, 0, 7, 0));
      for (int threads : new int[] {2, 4}) {
        try (Replica several = new Replica(spec, Adam.DEFAULT, kernels, threads)) {
          several.train(new StepRange(0, 0, 7, 0));
          several.assertSameBits(one);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void dropoutDependsOnTheStepAloneAndNotOnRangesOrThreads(Kernels kernels) {
    NetworkSpec spec = dropout(0.5);
    try (Replica whole = new Replica(spec, Adam.DEFAULT, kernels, 1);
        Replica split = new Replica(spec, Adam.DEFAULT, kernels, 3);
        Replica without = new Replica(dropout(0), Adam.DEFAULT, kernels, 1)) {
      whole.train(new StepRange(2, 0, 7, 14));
      split.train(new StepRange(2, 0, 3, 14));
      split.train(new StepRange(2, 3, 7, 17));
      split.assertSameBits(whole);
      without.train(new StepRange(2, 0, 7, 14));
      assertFalse(Arrays.equals(whole.parameters.values(), without.parameters.values()));
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void augmentationDependsOnTheEpochAloneAndNotOnRangesOrThreads(Kernels kernels) {
    NetworkSpec spec = TestNetworks.residualPool();
    Descent descent = Descent.of(Adam.DEFAULT);
    Augmentation all = new Augmentation(true, 2, 3, 0.2, 0.2, 0.2);
    try (Replica whole = new Replica(spec, descent, all, kernels, 1);
        Replica split = new Replica(spec, descent, all, kernels, 3);
        Replica other = new Replica(spec, descent, all, kernels, 1);
        Replica without = new Replica(spec, Adam.DEFAULT, kernels, 1)) {
      whole.train(new StepRange(2, 0, 7, 14));
      split.train(new StepRange(2, 0, 3, 14));
      split.train(new StepRange(2, 3, 7, 17));
      split.assertSameBits(whole);
      other.train(new StepRange(3, 0, 7, 14));
      without.train(new StepRange(2, 0, 7, 14));
      assertFalse(Arrays.equals(whole.parameters.values(), other.parameters.values()));
      assertFalse(Arrays.equals(whole.parameters.values(), without.parameters.values()));
    }
  }

  @Test
  void augmentationThatDoesNotFitTheImagesIsRefused() {
    Augmentation wide = new Augmentation(false, 8, 0, 0, 0, 0);
    Descent descent = Descent.of(Adam.DEFAULT);
    NetworkSpec spec = TestNetworks.residualPool();
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> new Replica(spec, descent, wide, new ScalarKernels(), 1).close())
            .getMessage();
    assertEquals("augmentation.crop is 8, wanted at most 7 for images of 8x8x3", message);
  }

  @Test
  void weightsDecayAndBiasesDoNot() {
    Sgd sgd = new Sgd(0.01, 0, false);
    Descent decaying =
        new Descent(sgd, Constant.DEFAULT, RunLength.ENDLESS, new WeightDecay(2, true), 0);
    NetworkSpec spec = spec(Scaling.by(255));
    try (Replica with = new Replica(spec, decaying, new ScalarKernels(), 1);
        Replica without = new Replica(spec, sgd, new ScalarKernels(), 1)) {
      float[] first = with.parameters.values().clone();
      with.train(new StepRange(0, 0, 1, 0));
      without.train(new StepRange(0, 0, 1, 0));
      int weights = spec.layout().entry("dense1/weights").size();
      for (int i = 0; i < first.length; i++) {
        float decay = i < weights ? -0.02f * first[i] : 0;
        assertEquals(without.parameters.values()[i] + decay, with.parameters.values()[i], 1e-7);
      }
    }
  }

  @Test
  void partialLastBatchIsTrained() {
    try (Replica whole = new Replica(Adam.DEFAULT);
        Replica shorter = new Replica(Adam.DEFAULT)) {
      assertEquals(52, whole.train(new StepRange(0, 0, 7, 0)).images());
      assertEquals(48, shorter.train(new StepRange(0, 0, 6, 0)).images());
      assertFalse(Arrays.equals(whole.parameters.values(), shorter.parameters.values()));
      assertEquals(4, shorter.train(new StepRange(0, 6, 7, 6)).images());
      shorter.assertSameBits(whole);
    }
  }

  @Test
  void stepsBeyondTheShardAreLeftOut() {
    try (Replica whole = new Replica(Adam.DEFAULT);
        Replica beyond = new Replica(Adam.DEFAULT)) {
      whole.train(new StepRange(0, 0, 7, 0));
      assertEquals(52, beyond.train(new StepRange(0, 0, 100, 0)).images());
      assertEquals(0, beyond.train(new StepRange(0, 7, 9, 7)).images());
      beyond.assertSameBits(whole);
    }
  }

  @Test
  void lossAndAccuracyAreThoseBeforeTheStep() {
    try (Replica replica = new Replica(new Sgd(0.5, 0, false))) {
      Arrays.fill(replica.parameters.values(), 0);
      TrainingMetrics metrics = replica.train(new StepRange(0, 0, 1, 0));
      // All scores are 0, and the first of equal ones counts as the answer.
      assertEquals(Math.log(4), metrics.loss(), 1e-12);
      int[] order = ShardPass.of(5, 0, 0, SHARD.size()).order();
      long first = Arrays.stream(order).limit(BATCH).filter(i -> SHARD.labels()[i] == 0).count();
      assertEquals(first, metrics.correct());
    }
  }

  @Test
  void cancelledTrainingStopsBeforeTheNextStep() {
    try (Replica cancelled = new Replica(Adam.DEFAULT);
        Replica two = new Replica(Adam.DEFAULT)) {
      AtomicInteger asked = new AtomicInteger();
      assertThrows(
          CancellationException.class,
          () -> cancelled.train(new StepRange(0, 0, 7, 0), () -> asked.getAndIncrement() == 2));
      assertEquals(3, asked.get());
      two.train(new StepRange(0, 0, 2, 0));
      cancelled.assertSameBits(two);
    }
  }

  @Test
  void nanInAParameterIsReportedWithItsStep() {
    try (Replica replica = new Replica(Adam.DEFAULT)) {
      replica.parameters.values()[5] = Float.NaN;
      TrainingMetrics metrics = replica.train(new StepRange(0, 3, 7, 3));
      assertTrue(metrics.diverged());
      assertEquals(3, metrics.divergedAt());
      assertEquals(BATCH, metrics.images());
      assertTrue(Double.isNaN(metrics.loss()));
    }
  }

  @Test
  void hugeLearningRateIsReportedAsDivergence() {
    try (Replica replica = new Replica(new Sgd(1e30, 0, false))) {
      TrainingMetrics metrics = replica.train(new StepRange(0, 0, 7, 0));
      assertTrue(metrics.diverged());
      assertTrue(metrics.divergedAt() >= 1 && metrics.divergedAt() < 7);
      assertTrue(metrics.images() < 52);
    }
  }

  @Test
  void parameterThatBecomesInfiniteEndsTrainingAtThatStep() {
    NetworkSpec spec = spec(Scaling.by(1e-4));
    try (Replica replica = new Replica(spec, new Sgd(3e38, 0, false), new ScalarKernels(), 1)) {
      TrainingMetrics metrics = replica.train(new StepRange(0, 0, 7, 0));
      assertTrue(Double.isFinite(metrics.loss()));
      assertFalse(replica.parameters.areFinite());
      assertEquals(0, metrics.divergedAt());
      assertEquals(BATCH, metrics.images());
    }
  }

  @Test
  void infiniteStatisticEndsTrainingAtThatStep() {
    // The square of the values exceeds a float; the normalisation then makes all of them 0.
    List<Layer> layers =
        List.of(Scaling.by(1e-20), BatchNormalization.DEFAULT, new Flatten(), new Dense(4, true));
    NetworkSpec spec =
        new NetworkSpec("huge", SHARD.image(), List.of(), false, new Sequence(layers));
    try (Replica replica = new Replica(spec, Adam.DEFAULT, new ScalarKernels(), 1)) {
      TrainingMetrics metrics = replica.train(new StepRange(0, 0, 7, 0));
      float[] values = replica.parameters.values();
      int trainable = spec.layout().trainableSize();
      assertTrue(Double.isFinite(metrics.loss()));
      for (int i = 0; i < values.length - 3; i++) {
        assertTrue(Float.isFinite(values[i]), "value " + i);
      }
      assertEquals(Float.POSITIVE_INFINITY, values[trainable + 3]);
      assertEquals(0, metrics.divergedAt());
    }
  }

  @Test
  void infiniteOptimizerStateEndsTrainingAtThatStep() {
    // The square of the gradient exceeds a float; Adam then divides by infinity and stands still.
    NetworkSpec spec = spec(Scaling.by(1e-20));
    try (Replica replica = new Replica(spec, Adam.DEFAULT, new ScalarKernels(), 1)) {
      TrainingMetrics metrics = replica.train(new StepRange(0, 0, 7, 0));
      assertTrue(Double.isFinite(metrics.loss()));
      assertTrue(replica.parameters.areFinite());
      assertEquals(0, metrics.divergedAt());
      assertEquals(BATCH, metrics.images());
    }
  }

  @Test
  void shardsThatDoNotFitAreRefused() {
    StepRange steps = new StepRange(0, 0, 7, 0);
    try (Replica replica = new Replica(Adam.DEFAULT)) {
      ShardPass pass = ShardPass.of(5, 0, 0, 51);
      assertThrows(
          IllegalArgumentException.class,
          () -> replica.trainer.train(SHARD, pass, steps, replica.state, GO_ON));
      Shard labelled = new Shard(new Shape(1, 8, 8, 3), new byte[192], new int[] {4});
      String label =
          assertThrows(
                  IllegalArgumentException.class,
                  () -> replica.trainer.train(labelled, PASS, steps, replica.state, GO_ON))
              .getMessage();
      assertTrue(label.contains("label 4") && label.contains("0 to 3"), label);
      Shard flat = new Shard(new Shape(1, 4, 16, 3), new byte[192], new int[1]);
      assertThrows(
          IllegalArgumentException.class,
          () -> replica.trainer.train(flat, PASS, steps, replica.state, GO_ON));
    }
  }

  @Test
  void trainerOfAnInferencePlanIsRefused() {
    Plan plan = new Plan(TestNetworks.residualPool(), BATCH, Plan.Mode.INFERENCE);
    try (Workspace workspace = new Workspace(plan, new ScalarKernels(), 1)) {
      Network network = new Network(workspace, Parameters.initial(plan.layout(), 1));
      assertThrows(
          IllegalStateException.class,
          () ->
              new LocalTrainer(
                  network,
                  SoftmaxCrossEntropy.DEFAULT,
                  Descent.of(Adam.DEFAULT),
                  Augmentation.NONE));
    }
  }

  private static NetworkSpec dropout(double rate) {
    return new NetworkSpec(
        "dropout",
        new Shape(1, 8, 8, 3),
        List.of(),
        false,
        new Sequence(
            List.of(
                Scaling.by(255),
                new Flatten(),
                new Dropout(rate),
                new Dense(20, true),
                new Relu(),
                new Dropout(rate),
                new Dense(4, true))));
  }

  private static NetworkSpec spec(Scaling scaling) {
    return new NetworkSpec(
        "tested",
        new Shape(1, 8, 8, 3),
        List.of(),
        false,
        new Sequence(List.of(scaling, new Flatten(), new Dense(4, true))));
  }
}
