package convoy.evaluation;

import convoy.cluster.Pool;
import convoy.cluster.TaskCores;
import convoy.engine.network.NetworkSpec;
import java.util.ArrayList;
import java.util.List;

/**
 * The models of one evaluation with the memory that they run in, for one task at a time. An
 * executor's JVM keeps them from task to task, as a task has few images if they are large, and
 * packs the models' weights but once; it keeps them until another evaluation, or a training, needs
 * their place. They run on the cores of a task, one model after the other.
 */
final class ScoringNetworks implements Pool.Closeable {
  /** Images of one forward pass; results do not depend on it. */
  static final int BATCH_SIZE = 32;

  private static final Pool<String, ScoringNetworks> IDLE = new Pool<>("evaluation");

  private final String evaluation;
  private final List<ScoringNetwork> networks = new ArrayList<>();

  private ScoringNetworks(String evaluation, List<NetworkSpec> specs, float[][] parameters) {
    this.evaluation = evaluation;
    int threads = TaskCores.ofThisTask();
    try {
      for (int i = 0; i < specs.size(); i++) {
        networks.add(new ScoringNetwork(specs.get(i), parameters[i], BATCH_SIZE, threads));
      }
    } catch (RuntimeException | Error e) {
      close();
      throw e;
    }
  }

  /**
   * Idle ones of the same evaluation, or new ones.
   *
   * @param evaluation a name that no other evaluation has
   * @param parameters of each model of {@code plan}
   */
  static ScoringNetworks take(String evaluation, ScoringPlan plan, float[][] parameters) {
    return IDLE.take(evaluation, () -> new ScoringNetworks(evaluation, plan.specs(), parameters));
  }

  /** Leaves them to the next task. */
  void giveBack() {
    IDLE.giveBack(evaluation, this);
  }

  /** The models, in the order of the plan. */
  List<ScoringNetwork> list() {
    return networks;
  }

  @Override
  public void close() {
    networks.forEach(ScoringNetwork::close);
  }
}
