package convoy.engine.training;

import com.sun.management.ThreadMXBean;
import convoy.engine.data.Augmentation;
import convoy.engine.data.Shard;
import convoy.engine.kernel.Kernels;
import convoy.engine.loss.Loss;
import convoy.engine.network.Network;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;
import convoy.engine.network.Plan;
import convoy.engine.network.Workspace;
import convoy.engine.optimizer.Descent;
import convoy.engine.optimizer.OptimizerState;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.List;

/** A training, and the bytes that each of its steps allocates, on all of its threads. */
final class StepAllocation implements AutoCloseable {
  private final ThreadMXBean bean = (ThreadMXBean) ManagementFactory.getThreadMXBean();
  private final Workspace workspace;
  private final LocalTrainer trainer;
  private final OptimizerState state;
  private final long[] workers;
  private final List<Long> steps = new ArrayList<>();
  private long before;
  private TrainingMetrics metrics = TrainingMetrics.NONE;
  private int epoch;

  StepAllocation(
      NetworkSpec spec, Loss loss, Descent descent, Kernels kernels, int threads, int batchSize) {
    Plan plan = new Plan(spec, batchSize, Plan.Mode.TRAINING);
    workspace = new Workspace(plan, kernels, threads);
    Parameters parameters = Parameters.initial(plan.layout(), 1);
    Augmentation augmentation = new Augmentation(true, 1, 2, 0.2, 0.2, 0);
    trainer = new LocalTrainer(new Network(workspace, parameters), loss, descent, augmentation);
    state = descent.optimizer().newState(plan.layout().trainableSize());
    workers =
        Thread.getAllStackTraces().keySet().stream()
            .filter(thread -> thread.getName().startsWith("convoy-worker"))
            .mapToLong(Thread::getId)
            .toArray();
  }

  /**
   * Trains one more epoch, and gives the bytes of its steps.
   *
   * <p>The trainer asks before each step whether it has been cancelled, and makes its metrics
   * behind the last one; these belong to no step, so a second object of their kind is weighed.
   */
  List<Long> ofEpoch(Shard shard) {
    ShardPass pass = ShardPass.of(0, epoch, 0, shard.size());
    StepRange all = new StepRange(epoch, 0, Integer.MAX_VALUE, 0);
    steps.clear();
    metrics = trainer.train(shard, pass, all, state, this::takeDown);
    takeDown();
    metrics = TrainingMetrics.NONE.plus(metrics);
    takeDown();
    epoch++;
    if (metrics.diverged()) {
      throw new IllegalStateException("diverged in step " + metrics.divergedAt());
    }
    long ofMetrics = steps.remove(steps.size() - 1);
    steps.add(steps.remove(steps.size() - 1) - ofMetrics);
    return List.copyOf(steps.subList(1, steps.size()));
  }

  /** Takes down what was allocated since the last time, and may itself allocate. */
  private boolean takeDown() {
    steps.add(allocated() - before);
    before = allocated();
    return false;
  }

  private long allocated() {
    long bytes = bean.getCurrentThreadAllocatedBytes();
    for (long worker : workers) {
      bytes += bean.getThreadAllocatedBytes(worker);
    }
    return bytes;
  }

  @Override
  public void close() {
    workspace.close();
  }
}
