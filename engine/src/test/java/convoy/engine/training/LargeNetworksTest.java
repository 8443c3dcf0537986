package convoy.engine.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.data.Augmentation;
import convoy.engine.data.Shard;
import convoy.engine.kernel.Kernels;
import convoy.engine.layer.TestValues;
import convoy.engine.loss.SoftmaxCrossEntropy;
import convoy.engine.network.Network;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Parameters;
import convoy.engine.network.Plan;
import convoy.engine.network.ShippedNetworks;
import convoy.engine.network.TrainingMemory;
import convoy.engine.network.Workspace;
import convoy.engine.optimizer.Adam;
import convoy.engine.optimizer.Descent;
import convoy.engine.optimizer.OptimizerState;
import java.io.IOException;
import java.util.Arrays;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The networks for images of 224x224 and 227x227 train, in the memory of the tests. */
class LargeNetworksTest {
  private static final long MOST_BYTES = 2_000_000_000L;

  @ParameterizedTest
  @ValueSource(strings = {"alexnet", "googlenet", "resnet50"})
  void aStepOnOneImageMovesEveryLayer(String name) throws IOException {
    NetworkSpec spec = ShippedNetworks.of(name);
    Plan plan = new Plan(spec, 1, Plan.Mode.TRAINING);
    Kernels kernels = Kernels.best().kernels();
    TrainingMemory memory = TrainingMemory.of(plan, kernels, 1, Adam.DEFAULT.slots());
    assertTrue(memory.totalBytes() < MOST_BYTES, memory.totalBytes() + " bytes");
    byte[] pixels = new byte[spec.input().imageSize()];
    for (int i = 0; i < pixels.length; i++) {
      pixels[i] = (byte) TestValues.key(1).below(256, i);
    }
    Shard shard = new Shard(spec.input(), pixels, new int[] {17});
    Parameters parameters = Parameters.initial(plan.layout(), 1);
    float[] before = parameters.values().clone();
    OptimizerState state = Adam.DEFAULT.newState(plan.layout().trainableSize());
    try (Workspace workspace = new Workspace(plan, kernels, 1)) {
      LocalTrainer trainer =
          new LocalTrainer(
              new Network(workspace, parameters),
              SoftmaxCrossEntropy.DEFAULT,
              Descent.of(Adam.DEFAULT),
              Augmentation.NONE);
      TrainingMetrics metrics =
          trainer.train(
              shard, ShardPass.of(1, 0, 0, 1), new StepRange(0, 0, 1, 0), state, () -> false);
      assertEquals(1, metrics.images());
      assertFalse(metrics.diverged());
    }
    for (ParameterLayout.Entry entry : plan.layout().entries()) {
      int from = entry.offset(), to = from + entry.size();
      assertFalse(Arrays.equals(before, from, to, parameters.values(), from, to), entry.name());
    }
  }
}
