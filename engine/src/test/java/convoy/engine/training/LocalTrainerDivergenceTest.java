package convoy.engine.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.ScalarKernels;
import convoy.engine.layer.BatchNormalization;
import convoy.engine.layer.Dense;
import convoy.engine.layer.Flatten;
import convoy.engine.layer.Layer;
import convoy.engine.layer.Scaling;
import convoy.engine.layer.Sequence;
import convoy.engine.network.NetworkSpec;
import convoy.engine.optimizer.Adam;
import convoy.engine.optimizer.Sgd;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A {@link LocalTrainer} whose values become infinite or NaN. */
class LocalTrainerDivergenceTest {
  @Test
  void nanInAParameterIsReportedWithItsStep() {
    try (TestReplica replica = new TestReplica(Adam.DEFAULT)) {
      replica.parameters().values()[5] = Float.NaN;
      TrainingMetrics metrics = replica.train(new StepRange(0, 3, 7, 3));
      assertTrue(metrics.diverged());
      assertEquals(3, metrics.divergedAt());
      assertEquals(TestReplica.BATCH, metrics.images());
      assertTrue(Double.isNaN(metrics.loss()));
    }
  }

  @Test
  void hugeLearningRateIsReportedAsDivergence() {
    try (TestReplica replica = new TestReplica(new Sgd(1e30, 0, false))) {
      TrainingMetrics metrics = replica.train(new StepRange(0, 0, 7, 0));
      assertTrue(metrics.diverged());
      assertTrue(metrics.divergedAt() >= 1 && metrics.divergedAt() < 7);
      assertTrue(metrics.images() < 52);
    }
  }

  @Test
  void parameterThatBecomesInfiniteEndsTrainingAtThatStep() {
    NetworkSpec spec = TestReplica.softmaxRegression(Scaling.by(1e-4));
    try (TestReplica replica =
        new TestReplica(spec, new Sgd(3e38, 0, false), new ScalarKernels(), 1)) {
      TrainingMetrics metrics = replica.train(new StepRange(0, 0, 7, 0));
      assertTrue(Double.isFinite(metrics.loss()));
      assertFalse(replica.parameters().areFinite());
      assertEquals(0, metrics.divergedAt());
      assertEquals(TestReplica.BATCH, metrics.images());
    }
  }

  @Test
  void infiniteStatisticEndsTrainingAtThatStep() {
    // The square of the values exceeds a float; the normalisation then makes all of them 0.
    List<Layer> layers =
        List.of(Scaling.by(1e-20), BatchNormalization.DEFAULT, new Flatten(), new Dense(4, true));
    NetworkSpec spec =
        new NetworkSpec("huge", TestReplica.SHARD.image(), List.of(), false, new Sequence(layers));
    try (TestReplica replica = new TestReplica(spec, Adam.DEFAULT, new ScalarKernels(), 1)) {
      TrainingMetrics metrics = replica.train(new StepRange(0, 0, 7, 0));
      float[] values = replica.parameters().values();
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
    NetworkSpec spec = TestReplica.softmaxRegression(Scaling.by(1e-20));
    try (TestReplica replica = new TestReplica(spec, Adam.DEFAULT, new ScalarKernels(), 1)) {
      TrainingMetrics metrics = replica.train(new StepRange(0, 0, 7, 0));
      assertTrue(Double.isFinite(metrics.loss()));
      assertTrue(replica.parameters().areFinite());
      assertEquals(0, metrics.divergedAt());
      assertEquals(TestReplica.BATCH, metrics.images());
    }
  }
}
