package convoy.engine.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;

import convoy.engine.data.Augmentation;
import convoy.engine.data.Shard;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.ScalarKernels;
import convoy.engine.layer.Dense;
import convoy.engine.layer.Flatten;
import convoy.engine.layer.Scaling;
import convoy.engine.layer.Sequence;
import convoy.engine.loss.Loss;
import convoy.engine.network.Network;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;
import convoy.engine.network.Plan;
import convoy.engine.network.TestNetworks;
import convoy.engine.network.Workspace;
import convoy.engine.optimizer.Descent;
import convoy.engine.optimizer.Optimizer;
import convoy.engine.optimizer.OptimizerState;
import convoy.engine.tensor.Shape;
import java.util.List;
import java.util.function.BooleanSupplier;

/** A replica from its start: what it trains and with what. */
final class TestReplica implements AutoCloseable {
  static final int BATCH = 8;

  /** Seven steps an epoch, the last one of four images. */
  static final Shard SHARD = TestShards.quarters(52);

  static final BooleanSupplier GO_ON = () -> false;

  private final Workspace workspace;
  private final Parameters parameters;
  private final OptimizerState state;
  private final LocalTrainer trainer;

  TestReplica(NetworkSpec spec, Optimizer optimizer, Kernels kernels, int threads) {
    this(spec, Descent.of(optimizer), kernels, threads);
  }

  TestReplica(NetworkSpec spec, Descent descent, Kernels kernels, int threads) {
    this(spec, descent, Augmentation.NONE, kernels, threads);
  }

  TestReplica(
      NetworkSpec spec, Descent descent, Augmentation augmentation, Kernels kernels, int threads) {
    workspace = new Workspace(new Plan(spec, BATCH, Plan.Mode.TRAINING), kernels, threads);
    parameters = Parameters.initial(workspace.plan().layout(), 3);
    state = descent.optimizer().newState(parameters.layout().trainableSize());
    Loss loss = Loss.evaluating(spec.lastLayer());
    trainer = new LocalTrainer(new Network(workspace, parameters), loss, descent, augmentation);
  }

  TestReplica(Optimizer optimizer) {
    this(TestNetworks.residualPool(), optimizer, new ScalarKernels(), 1);
  }

  TrainingMetrics train(StepRange steps) {
    return train(steps, GO_ON);
  }

  TrainingMetrics train(StepRange steps, BooleanSupplier cancelled) {
    ShardPass pass = ShardPass.of(5, steps.epoch(), 0, SHARD.size());
    return trainer.train(SHARD, pass, steps, state, cancelled);
  }

  void assertSameBits(TestReplica other) {
    assertArrayEquals(other.parameters.values(), parameters.values());
    for (int slot = 0; slot < state.slots().length; slot++) {
      assertArrayEquals(other.state.slots()[slot], state.slots()[slot]);
    }
  }

  @Override
  public void close() {
    workspace.close();
  }

  Parameters parameters() {
    return parameters;
  }

  OptimizerState state() {
    return state;
  }

  LocalTrainer trainer() {
    return trainer;
  }

  /** A dense layer alone, over pixels scaled so. */
  static NetworkSpec softmaxRegression(Scaling scaling) {
    return new NetworkSpec(
        "tested",
        new Shape(1, 8, 8, 3),
        List.of(),
        false,
        new Sequence(List.of(scaling, new Flatten(), new Dense(4, true))));
  }
}
