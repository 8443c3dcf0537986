package convoy.engine.training;

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
import convoy.engine.layer.Dense;
import convoy.engine.layer.Dropout;
import convoy.engine.layer.Flatten;
import convoy.engine.layer.Layer;
import convoy.engine.layer.Relu;
import convoy.engine.layer.Scaling;
import convoy.engine.layer.Sequence;
import convoy.engine.layer.TestKernels;
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
import convoy.engine.optimizer.RunLength;
import convoy.engine.optimizer.Sgd;
import convoy.engine.optimizer.WeightDecay;
import convoy.engine.tensor.Shape;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class LocalTrainerTest {
  /** The pass through a shard of one image. */
  private static final ShardPass PASS = ShardPass.of(5, 0, 0, 1);

  static List<Kernels> kernels() {
    return TestKernels.all();
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void lossFallsOnALearnableProblem(Kernels kernels) {
    Optimizer adam = new Adam(0.005, 0.9, 0.999, 1e-7);
    try (TestReplica replica = new TestReplica(TestNetworks.residualPool(), adam, kernels, 1)) {
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
    try (TestReplica replica = new TestReplica(spec, adam, kernels, 1)) {
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
      try (TestReplica whole = new TestReplica(spec, optimizer, kernels, 1);
          TestReplica split = new TestReplica(spec, optimizer, kernels, 1)) {
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
    try (TestReplica one = new TestReplica(spec, Adam.DEFAULT, kernels, 1)) {
      one.train(new StepRange(0, 0, 7, 0));
      for (int threads : new int[] {2, 4}) {
        try (TestReplica several = new TestReplica(spec, Adam.DEFAULT, kernels, threads)) {
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
    try (TestReplica whole = new TestReplica(spec, Adam.DEFAULT, kernels, 1);
        TestReplica split = new TestReplica(spec, Adam.DEFAULT, kernels, 3);
        TestReplica without = new TestReplica(dropout(0), Adam.DEFAULT, kernels, 1)) {
      whole.train(new StepRange(2, 0, 7, 14));
      split.train(new StepRange(2, 0, 3, 14));
      split.train(new StepRange(2, 3, 7, 17));
      split.assertSameBits(whole);
      without.train(new StepRange(2, 0, 7, 14));
      assertFalse(Arrays.equals(whole.parameters().values(), without.parameters().values()));
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void augmentationDependsOnTheEpochAloneAndNotOnRangesOrThreads(Kernels kernels) {
    NetworkSpec spec = TestNetworks.residualPool();
    Descent descent = Descent.of(Adam.DEFAULT);
    Augmentation all = new Augmentation(true, 2, 3, 0.2, 0.2, 0.2);
    try (TestReplica whole = new TestReplica(spec, descent, all, kernels, 1);
        TestReplica split = new TestReplica(spec, descent, all, kernels, 3);
        TestReplica other = new TestReplica(spec, descent, all, kernels, 1);
        TestReplica without = new TestReplica(spec, Adam.DEFAULT, kernels, 1)) {
      whole.train(new StepRange(2, 0, 7, 14));
      split.train(new StepRange(2, 0, 3, 14));
      split.train(new StepRange(2, 3, 7, 17));
      split.assertSameBits(whole);
      other.train(new StepRange(3, 0, 7, 14));
      without.train(new StepRange(2, 0, 7, 14));
      assertFalse(Arrays.equals(whole.parameters().values(), other.parameters().values()));
      assertFalse(Arrays.equals(whole.parameters().values(), without.parameters().values()));
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
                () -> new TestReplica(spec, descent, wide, new ScalarKernels(), 1).close())
            .getMessage();
    assertEquals("augmentation.crop is 8, wanted at most 7 for images of 8x8x3", message);
  }

  @Test
  void weightsDecayAndBiasesDoNot() {
    Sgd sgd = new Sgd(0.01, 0, false);
    Descent decaying =
        new Descent(sgd, Constant.DEFAULT, RunLength.ENDLESS, new WeightDecay(2, true), 0);
    NetworkSpec spec = TestReplica.softmaxRegression(Scaling.by(255));
    try (TestReplica with = new TestReplica(spec, decaying, new ScalarKernels(), 1);
        TestReplica without = new TestReplica(spec, sgd, new ScalarKernels(), 1)) {
      float[] first = with.parameters().values().clone();
      with.train(new StepRange(0, 0, 1, 0));
      without.train(new StepRange(0, 0, 1, 0));
      int weights = spec.layout().entry("dense1/weights").size();
      for (int i = 0; i < first.length; i++) {
        float decay = i < weights ? -0.02f * first[i] : 0;
        assertEquals(without.parameters().values()[i] + decay, with.parameters().values()[i], 1e-7);
      }
    }
  }

  @Test
  void partialLastBatchIsTrained() {
    try (TestReplica whole = new TestReplica(Adam.DEFAULT);
        TestReplica shorter = new TestReplica(Adam.DEFAULT)) {
      assertEquals(52, whole.train(new StepRange(0, 0, 7, 0)).images());
      assertEquals(48, shorter.train(new StepRange(0, 0, 6, 0)).images());
      assertFalse(Arrays.equals(whole.parameters().values(), shorter.parameters().values()));
      assertEquals(4, shorter.train(new StepRange(0, 6, 7, 6)).images());
      shorter.assertSameBits(whole);
    }
  }

  @Test
  void stepsBeyondTheShardAreLeftOut() {
    try (TestReplica whole = new TestReplica(Adam.DEFAULT);
        TestReplica beyond = new TestReplica(Adam.DEFAULT)) {
      whole.train(new StepRange(0, 0, 7, 0));
      assertEquals(52, beyond.train(new StepRange(0, 0, 100, 0)).images());
      assertEquals(0, beyond.train(new StepRange(0, 7, 9, 7)).images());
      beyond.assertSameBits(whole);
    }
  }

  @Test
  void lossAndAccuracyAreThoseBeforeTheStep() {
    try (TestReplica replica = new TestReplica(new Sgd(0.5, 0, false))) {
      Arrays.fill(replica.parameters().values(), 0);
      TrainingMetrics metrics = replica.train(new StepRange(0, 0, 1, 0));
      // All scores are 0, and the first of equal ones counts as the answer.
      assertEquals(Math.log(4), metrics.loss(), 1e-12);
      int[] order = ShardPass.of(5, 0, 0, TestReplica.SHARD.size()).order();
      long first =
          Arrays.stream(order)
              .limit(TestReplica.BATCH)
              .filter(i -> TestReplica.SHARD.labels()[i] == 0)
              .count();
      assertEquals(first, metrics.correct());
    }
  }

  @Test
  void cancelledTrainingStopsBeforeTheNextStep() {
    try (TestReplica cancelled = new TestReplica(Adam.DEFAULT);
        TestReplica two = new TestReplica(Adam.DEFAULT)) {
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
  void shardsThatDoNotFitAreRefused() {
    StepRange steps = new StepRange(0, 0, 7, 0);
    try (TestReplica replica = new TestReplica(Adam.DEFAULT)) {
      ShardPass pass = ShardPass.of(5, 0, 0, 51);
      assertThrows(
          IllegalArgumentException.class,
          () ->
              replica
                  .trainer()
                  .train(TestReplica.SHARD, pass, steps, replica.state(), TestReplica.GO_ON));
      Shard labelled = new Shard(new Shape(1, 8, 8, 3), new byte[192], new int[] {4});
      String label =
          assertThrows(
                  IllegalArgumentException.class,
                  () ->
                      replica
                          .trainer()
                          .train(labelled, PASS, steps, replica.state(), TestReplica.GO_ON))
              .getMessage();
      assertTrue(label.contains("label 4") && label.contains("0 to 3"), label);
      Shard flat = new Shard(new Shape(1, 4, 16, 3), new byte[192], new int[1]);
      assertThrows(
          IllegalArgumentException.class,
          () -> replica.trainer().train(flat, PASS, steps, replica.state(), TestReplica.GO_ON));
    }
  }

  @Test
  void trainerOfAnInferencePlanIsRefused() {
    Plan plan = new Plan(TestNetworks.residualPool(), TestReplica.BATCH, Plan.Mode.INFERENCE);
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
}
