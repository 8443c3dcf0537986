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
 * About what the driver and the executors of an evaluation have to hold at once.
 *
 * @param networks of the models that each task runs
 * @param columns views, and the mean of them if it is one
 */
public record ScoringMemory(List<NetworkSpec> networks, int columns) {
  /** The one that the driver adds, and what others have sent without their zeros. */
  private static final int RESULTS_AT_ONCE = 4;

  /**
   * Checks that it fits, with what executors have registered.
   *
   * @param tasks of the evaluation
   * @param remedies what helps beside a larger heap
   * @throws IllegalArgumentException if it doesn't; says what to change
   */
  public void check(SparkContext context, int tasks, String remedies) {
    check(
        TaskHeap.of(context),
        TaskSlots.of(context).tasksAtOnce(tasks),
        TaskCores.perTask(context.getConf()),
        Runtime.getRuntime().maxMemory(),
        remedies);
  }

  /**
   * Checks that it fits.
   *
   * @param heap that the tasks run in
   * @param atOnce tasks that run in it at the same time, of so many {@code threads} each
   * @param driver heap of the driver, where it runs no tasks
   */
  void check(TaskHeap heap, int atOnce, int threads, long driver, String remedies) {
    long task = taskBytes(threads);
    // As they came, and as arrays, which all tasks share.
    long models = TaskHeap.RESERVED_BYTES + 2 * parameterBytes();
    // All that was counted, and the results that are being added to it.
    long counted = (1 + RESULTS_AT_ONCE) * countsBytes();
    long needed = models + atOnce * task + (heap.local() ? counted : 0);
    heap.check("evaluation", needed, atOnce, task, remedies);
    if (!heap.local()) {
      TaskHeap.checkDriver("evaluation", models + counted, driver, remedies);
    }
  }

  private long parameterBytes() {
    return networks.stream()
        .mapToLong(network -> (long) network.layout().size() * Float.BYTES)
        .sum();
  }

  /** Of all models under all columns. */
  private long countsBytes() {
    return networks.stream()
        .mapToLong(network -> columns * Scorecard.sizeBytes(network.outputs()))
        .sum();
  }

  /** Of a task: memory to run the models in, and what is counted. */
  private long taskBytes(int threads) {
    long bytes = countsBytes();
    for (NetworkSpec network : networks) {
      Plan plan = new Plan(network, ScoringNetworks.BATCH_SIZE, Plan.Mode.INFERENCE);
      bytes += plan.workspaceBytes(ProcessKernels.get(), threads);
    }
    return bytes;
  }
}
