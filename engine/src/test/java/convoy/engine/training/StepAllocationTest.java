package convoy.engine.training;

import static org.junit.jupiter.api.Assertions.assertTrue;

import com.sun.management.ThreadMXBean;
import convoy.engine.data.Shard;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.ScalarKernels;
import convoy.engine.layer.BatchNormalization;
import convoy.engine.layer.Dense;
import convoy.engine.layer.Flatten;
import convoy.engine.layer.Layer;
import convoy.engine.layer.Padding;
import convoy.engine.layer.Relu;
import convoy.engine.layer.Residual;
import convoy.engine.layer.Scaling;
import convoy.engine.layer.Sequence;
import convoy.engine.layer.TestLayers;
import convoy.engine.loss.SoftmaxCrossEntropy;
import convoy.engine.network.Network;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;
import convoy.engine.network.Plan;
import convoy.engine.network.Workspace;
import convoy.engine.optimizer.Adam;
import convoy.engine.optimizer.Descent;
import convoy.engine.optimizer.OptimizerState;
import java.lang.management.ManagementFactory;
import java.util.List;
import java.util.PrimitiveIterator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * What a training step allocates. With the vector kernels that holds once the JIT has compiled it:
 * until then each vector is boxed.
 */
class StepAllocationTest {
  private static final int BATCH = 8;
  private static final int STEPS = 20;
  private static final long MOST_BYTES = 16 << 10;
  private static final long MOST_SCALAR_BYTES = 6 << 10;
  private static final long WARM_UP_NANOS = 90_000_000_000L;

  private final ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();

  @Test
  void aStepAllocatesFewKilobytes() {
    Plan plan = new Plan(network(), BATCH, Plan.Mode.TRAINING);
    try (Workspace workspace = new Workspace(plan, Kernels.best().kernels(), 1)) {
      Parameters parameters = Parameters.initial(plan.layout(), 1);
      LocalTrainer trainer =
          new LocalTrainer(
              new Network(workspace, parameters),
              SoftmaxCrossEntropy.DEFAULT,
              Descent.of(Adam.DEFAULT));
      OptimizerState state = Adam.DEFAULT.newState(plan.layout().trainableSize());
      long end = System.nanoTime() + WARM_UP_NANOS, bytes = Long.MAX_VALUE;
      for (int epoch = 0; bytes >= MOST_BYTES && System.nanoTime() < end; epoch++) {
        bytes = bytesOfStep(trainer, state, epoch);
      }
      assertTrue(bytes < MOST_BYTES, bytes + " bytes a step");
    }
  }

  private long bytesOfStep(LocalTrainer trainer, OptimizerState state, int epoch) {
    Shard shard = TestShards.quarters(BATCH * STEPS);
    ShardPass pass = ShardPass.of(0, 0, 0, shard.size());
    StepRange steps = new StepRange(epoch, 0, STEPS, (long) epoch * STEPS);
    long before = threads.getThreadAllocatedBytes(Thread.currentThread().getId());
    trainer.train(shard, pass, steps, state, () -> false);
    return (threads.getThreadAllocatedBytes(Thread.currentThread().getId()) - before) / STEPS;
  }

  /** Shapes, operands and what captures them: nothing that grows with images or channels. */
  @Test
  void aStepOfTheScalarKernelsAllocatesSmallObjectsAloneFromTheSecondOn() {
    Plan plan = new Plan(network(), BATCH, Plan.Mode.TRAINING);
    long[] bytes = new long[STEPS];
    PrimitiveIterator.OfInt step = IntStream.range(0, STEPS).iterator();
    try (Workspace workspace = new Workspace(plan, new ScalarKernels(), 1)) {
      Parameters parameters = Parameters.initial(plan.layout(), 1);
      LocalTrainer trainer =
          new LocalTrainer(
              new Network(workspace, parameters),
              SoftmaxCrossEntropy.DEFAULT,
              Descent.of(Adam.DEFAULT));
      OptimizerState state = Adam.DEFAULT.newState(plan.layout().trainableSize());
      Shard shard = TestShards.quarters(BATCH * STEPS);
      trainer.train(
          shard,
          ShardPass.of(0, 0, 0, shard.size()),
          new StepRange(0, 0, STEPS, 0),
          state,
          () -> {
            bytes[step.nextInt()] = threads.getCurrentThreadAllocatedBytes();
            return false;
          });
    }
    for (int i = 2; i < STEPS; i++) {
      long ofStep = bytes[i] - bytes[i - 1];
      assertTrue(ofStep < MOST_SCALAR_BYTES, ofStep + " bytes in step " + i);
    }
  }

  private static NetworkSpec network() {
    Padding same = new Padding.Same();
    Layer wide = TestLayers.convolution(32, 3, 3, 1, 1, same, true);
    List<Layer> layers =
        List.of(
            Scaling.by(255),
            wide,
            BatchNormalization.DEFAULT,
            new Relu(),
            Residual.identity(List.of(wide, new Relu(), wide)),
            TestLayers.maxPooling(2, 2, 2, 2, new Padding.Valid()),
            TestLayers.convolution(16, 1, 1, 1, 1, same, true),
            new Flatten(),
            new Dense(4, true));
    return new NetworkSpec(
        "wide", TestShards.quarters(1).image(), List.of(), false, new Sequence(layers));
  }
}
