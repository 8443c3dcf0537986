package convoy.training;

import convoy.cluster.TaskHeap;
import convoy.cluster.TaskSlots;
import org.apache.spark.SparkContext;

/**
 * Checks before the first round that what an executor and the driver have to hold at once fits
 * their heaps.
 *
 * @param driverBytes heap of the driver
 * @param heap that the tasks run in
 * @param tasks that run in it at the same time
 * @param shards of the training
 */
public record MemoryCheck(long driverBytes, TaskHeap heap, int tasks, int shards) {

  /** The executors of {@code context}, which train {@code shards} shards. */
  public static MemoryCheck of(SparkContext context, int shards) {
    return new MemoryCheck(
        Runtime.getRuntime().maxMemory(),
        TaskHeap.of(context),
        TaskSlots.of(context).tasksAtOnce(shards),
        shards);
  }

  /**
   * Checks that replicas, scorers, shards and states fit.
   *
   * @param images of the largest shard, validation images counted
   * @throws IllegalArgumentException if they don't; says what to change
   */
  public void check(MemoryNeeds needs, long images) {
    long needed =
        heap.local() ? needs.local(tasks, shards, images) : needs.executor(tasks, shards, images);
    String remedies = ", lower batchSize" + (images > 1 ? ", or raise shards" : "");
    heap.check("training", needed, tasks, needs.task(images), remedies);
    TaskHeap.checkDriver("training", needs.driver(), driverBytes, "");
  }
}
