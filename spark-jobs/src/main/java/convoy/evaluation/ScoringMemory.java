package convoy.evaluation;

import convoy.cluster.ProcessKernels;
import convoy.cluster.TaskCores;
import convoy.cluster.TaskHeap;
import convoy.cluster.TaskSlots;
import convoy.engine.evaluation.Scorecard;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Plan;
import java.util.List;
import org.apache.spark.SparkContext;

/**
 * What the executors of an evaluation have to hold at once.
 *
 * @param networks of the models that each task runs
 * @param columns views, and the mean of them if it is one
 */
public record ScoringMemory(List<NetworkSpec> networks, int columns) {

  /**
   * Checks that it fits, with what executors have registered.
   *
   * @param tasks of the evaluation
   * @param remedies what helps beside a larger heap
   * @throws IllegalArgumentException if it doesn't; says what to change
   */
  public void check(SparkContext context, int tasks, String remedies) {
    int atOnce = TaskSlots.of(context).tasksAtOnce(tasks);
    long task = taskBytes(TaskCores.perTask(context.getConf()));
    // As they came, and as arrays, which all tasks share.
    long needed = TaskHeap.RESERVED_BYTES + 2 * parameterBytes() + atOnce * task;
    TaskHeap.of(context).check("evaluation", needed, atOnce, task, remedies);
  }

  private long parameterBytes() {
    return networks.stream()
        .mapToLong(network -> (long) network.layout().size() * Float.BYTES)
        .sum();
  }

  /** Of a task: memory to run the models in, and what is counted. */
  private long taskBytes(int threads) {
    long bytes = 0;
    for (NetworkSpec network : networks) {
      Plan plan = new Plan(network, ScoringNetworks.BATCH_SIZE, Plan.Mode.INFERENCE);
      bytes += plan.workspaceBytes(ProcessKernels.get(), threads);
      bytes += columns * Scorecard.sizeBytes(network.outputs());
    }
    return bytes;
  }
}
