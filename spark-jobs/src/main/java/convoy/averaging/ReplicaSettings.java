package convoy.averaging;

import convoy.cluster.ProcessKernels;
import convoy.engine.data.Augmentation;
import convoy.engine.loss.Loss;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Plan;
import convoy.engine.network.TrainingMemory;
import convoy.engine.optimizer.Descent;
import java.io.Serializable;

/**
 * What a replica is made from; replicas of equal settings can stand in for each other.
 *
 * @param network the network as YAML
 * @param batchSize images of one step
 * @param threads threads of the replica
 * @param augmentation how its images are altered
 * @param loss what is made small
 * @param descent how a gradient becomes a step
 */
public record ReplicaSettings(
    String network,
    int batchSize,
    int threads,
    Augmentation augmentation,
    Loss loss,
    Descent descent)
    implements Serializable {

  /** The network that a replica trains. */
  public NetworkSpec spec() {
    return NetworkSpec.fromYaml("network", network);
  }

  /** Bytes that the estimate of one shard's statistics takes: workspace and parameters. */
  public long statisticsBytes() {
    Plan plan = new Plan(spec(), batchSize, Plan.Mode.STATISTICS);
    return plan.workspaceBytes(ProcessKernels.get(), threads)
        + (long) plan.layout().size() * Float.BYTES;
  }

  /** Bytes that one replica holds: workspace, parameters and optimizer state. */
  public long sizeBytes() {
    Plan plan = new Plan(spec(), batchSize, Plan.Mode.TRAINING);
    return TrainingMemory.of(plan, ProcessKernels.get(), threads, descent.optimizer().slots())
        .totalBytes();
  }
}
