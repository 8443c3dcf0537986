package convoy.faults;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerBlockUpdated;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.BlockUpdatedInfo;

/**
 * Makes one fault happen once the last task of one stage has begun, and remembers what became of
 * the stage's tasks. For drivers in the test's JVM, by {@code spark.extraListeners}.
 */
public final class FaultListener extends SparkListener {
  /** A fault. */
  @FunctionalInterface
  interface Fault {
    /**
     * Makes it happen.
     *
     * @param task the task that waits at the gate
     */
    void happen(SparkListenerTaskStart task) throws IOException;
  }

  /** What is seen when a shard leaves an executor's memory for its disk. */
  static final String SHARD_ON_DISK = "shard on disk";

  private record Plan(String stage, Fault fault) {}

  private static final AtomicReference<Optional<Plan>> PLANNED =
      new AtomicReference<>(Optional.empty());
  private static final List<String> SEEN = new CopyOnWriteArrayList<>();

  private volatile int stage = -1;

  /** As Spark makes it. */
  public FaultListener() {}

  /** Has {@code fault} happen in the next stage of that name. */
  static void plan(String stage, Fault fault) {
    SEEN.clear();
    PLANNED.set(Optional.of(new Plan(stage, fault)));
  }

  /**
   * The reasons for which the attempts of the stage's tasks have ended, "speculative" before those
   * of speculative ones, which count in later stages too; and {@link #SHARD_ON_DISK} for each shard
   * that memory had no room for.
   */
  static List<String> seen() {
    return List.copyOf(SEEN);
  }

  /** Ends the attempt of a task, which Spark will try again. */
  static void kill(SparkListenerTaskStart task) {
    SparkSession.active()
        .sparkContext()
        .killTaskAttempt(task.taskInfo().taskId(), true, "killed by a test");
  }

  @Override
  public void onStageSubmitted(SparkListenerStageSubmitted submitted) {
    String name = submitted.stageInfo().name();
    if (PLANNED.get().map(plan -> plan.stage().equals(name)).orElse(false)) {
      stage = submitted.stageInfo().stageId();
    }
  }

  @Override
  public void onTaskStart(SparkListenerTaskStart started) {
    if (started.stageId() == stage && started.taskInfo().index() == GatePlugin.LAST_SHARD) {
      PLANNED.getAndSet(Optional.empty()).ifPresent(plan -> happen(plan.fault(), started));
    }
  }

  private static void happen(Fault fault, SparkListenerTaskStart task) {
    try {
      fault.happen(task);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd ended) {
    boolean speculative = ended.taskInfo().speculative();
    if (ended.stageId() == stage || stage >= 0 && speculative) {
      SEEN.add(
          (speculative ? "speculative " : "")
              + ended.reason().getClass().getSimpleName().replace("$", ""));
    }
  }

  @Override
  public void onBlockUpdated(SparkListenerBlockUpdated updated) {
    BlockUpdatedInfo block = updated.blockUpdatedInfo();
    if (block.blockId().isRDD() && block.diskSize() > 0 && block.memSize() == 0) {
      SEEN.add(SHARD_ON_DISK);
    }
  }
}
