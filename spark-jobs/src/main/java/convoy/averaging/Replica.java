package convoy.averaging;

import convoy.engine.data.Shard;
import convoy.engine.network.Network;
import convoy.engine.network.Parameters;
import convoy.engine.network.Plan;
import convoy.engine.network.Workspace;
import convoy.engine.optimizer.OptimizerState;
import convoy.engine.training.LocalTrainer;
import convoy.engine.training.ShardPass;
import convoy.engine.training.StepRange;
import convoy.engine.training.TrainingMetrics;
import java.util.function.BooleanSupplier;

/** The network that a task trains, with the memory that it needs; kept from round to round. */
final class Replica implements Pool.Closeable {
  private final Workspace workspace;
  private final Network network;
  private final OptimizerState state;
  private final LocalTrainer trainer;

  Replica(ReplicaSettings settings) {
    Plan plan = new Plan(settings.spec(), settings.batchSize(), Plan.Mode.TRAINING);
    Parameters parameters = new Parameters(plan.layout(), new float[plan.layout().size()]);
    workspace = new Workspace(plan, ProcessKernels.get(), settings.threads());
    network = new Network(workspace, parameters);
    state = settings.descent().optimizer().newState(plan.layout().trainableSize());
    trainer = new LocalTrainer(network, settings.loss(), settings.descent());
  }

  /**
   * Trains from {@code start} on; the outcome is {@link #state()}.
   *
   * @param shardNumber the number of {@code shard}, which its order of images depends on
   */
  TrainingMetrics train(
      ModelState start,
      int shardNumber,
      Shard shard,
      StepRange steps,
      long seed,
      BooleanSupplier cancelled) {
    start.copyTo(network.parameters(), state);
    ShardPass pass = ShardPass.of(seed, steps.epoch(), shardNumber, shard.size());
    return trainer.train(shard, pass, steps, state, cancelled);
  }

  /** Parameters and optimizer state as the last training left them; shared, not copied. */
  ModelState state() {
    return ModelState.of(network.parameters(), state);
  }

  @Override
  public void close() {
    workspace.close();
  }
}
