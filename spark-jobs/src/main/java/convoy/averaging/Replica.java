package convoy.averaging;

import convoy.cluster.Pool;
import convoy.cluster.ProcessKernels;
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
  private static final float[][] NO_SLOTS = {};

  private final Workspace workspace;
  private final Network network;
  private final OptimizerState state;
  private final LocalTrainer trainer;
  private ModelState outcome;

  Replica(ReplicaSettings settings) {
    Plan plan = new Plan(settings.spec(), settings.batchSize(), Plan.Mode.TRAINING);
    Parameters parameters = new Parameters(plan.layout(), new float[plan.layout().size()]);
    workspace = new Workspace(plan, ProcessKernels.get(), settings.threads());
    network = new Network(workspace, parameters);
    state = settings.descent().optimizer().newState(plan.layout().trainableSize());
    trainer =
        new LocalTrainer(network, settings.loss(), settings.descent(), settings.augmentation());
  }

  /**
   * Trains from {@code start} on; the outcome is {@link #outcome()}.
   *
   * @param start from zeros instead of an optimizer's state if it has none
   * @param shardNumber the number of {@code shard}, which its order of images depends on
   */
  TrainingMetrics train(
      ModelState start,
      int shardNumber,
      Shard shard,
      StepRange steps,
      long seed,
      BooleanSupplier cancelled) {
    boolean anew = start.slots().length == 0;
    OptimizerState own = anew ? state.restarted(steps.stepsBefore()) : state;
    start.copyTo(network.parameters(), own);
    outcome = new ModelState(network.parameters().values(), anew ? NO_SLOTS : own.slots());
    ShardPass pass = ShardPass.of(seed, steps.epoch(), shardNumber, shard.size());
    return trainer.train(shard, pass, steps, own, cancelled);
  }

  /** What the last training made of what it started from; shared, not copied. */
  ModelState outcome() {
    return outcome;
  }

  @Override
  public void close() {
    workspace.close();
  }
}
