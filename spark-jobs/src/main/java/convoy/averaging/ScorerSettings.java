package convoy.averaging;

import convoy.cluster.ProcessKernels;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Plan;
import java.io.Serializable;

/**
 * What a scorer is made from.
 *
 * @param network the network as YAML
 * @param batchSize images of one forward pass; results do not depend on it
 * @param threads threads of the scorer
 */
public record ScorerSettings(String network, int batchSize, int threads) implements Serializable {

  NetworkSpec spec() {
    return NetworkSpec.fromYaml("network", network);
  }

  /** Bytes that one scorer holds: workspace and parameters. */
  public long sizeBytes() {
    Plan plan = new Plan(spec(), batchSize, Plan.Mode.INFERENCE);
    return plan.workspaceBytes(ProcessKernels.get(), threads)
        + (long) plan.layout().size() * Float.BYTES;
  }
}
