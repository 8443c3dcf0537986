package convoy.faults;

import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.SparkContext;
import org.apache.spark.TaskFailedReason;
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

  /** Why {@link #kill} ends an attempt. */
  static final String KILLED = "killed by a test";

  private static final long LIMIT_MILLIS = 60_000;

  private record Plan(String stage, Fault fault) {}

  private static final AtomicReference<Optional<Plan>> PLANNED =
      new AtomicReference<>(Optional.empty());
  private static final List<String> SEEN = new CopyOnWriteArrayList<>();
  private static volatile int stageId;

  /** As Spark makes it. */
  public FaultListener() {}

  /** Has {@code fault} happen in the next stage of that name. */
  static void plan(String stage, Fault fault) {
    stageId = -1;
    SEEN.clear();
    PLANNED.set(Optional.of(new Plan(stage, fault)));
  }

  /**
   * How the attempts of the stage's tasks have ended, "speculative" before those of speculative
   * ones; {@link #SHARD_ON_DISK} for each shard that has left memory; and why a fault failed.
   */
  static List<String> seen(SparkContext context) throws TimeoutException {
    context.listenerBus().waitUntilEmpty(LIMIT_MILLIS);
    return List.copyOf(SEEN);
  }

  /** Ends the attempt of a task, which Spark will try again. */
  static void kill(SparkListenerTaskStart task) {
    SparkSession.active().sparkContext().killTaskAttempt(task.taskInfo().taskId(), true, KILLED);
  }

  @Override
  public void onStageSubmitted(SparkListenerStageSubmitted submitted) {
    String name = submitted.stageInfo().name();
    if (PLANNED.get().map(plan -> plan.stage().equals(name)).orElse(false)) {
      stageId = submitted.stageInfo().stageId();
    }
  }

  @Override
  public void onTaskStart(SparkListenerTaskStart started) {
    if (started.stageId() == stageId && started.taskInfo().index() == GatePlugin.LAST_SHARD) {
      PLANNED.getAndSet(Optional.empty()).ifPresent(plan -> happen(plan.fault(), started));
    }
  }

  private static void happen(Fault fault, SparkListenerTaskStart task) {
    try {
      fault.happen(task);
    } catch (IOException | RuntimeException e) {
      SEEN.add("the fault failed: " + e);
    }
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd ended) {
    if (ended.stageId() == stageId) {
      String end =
          ended.reason() instanceof TaskFailedReason failed
              ? failed.toErrorString()
              : ended.reason().toString();
      SEEN.add((ended.taskInfo().speculative() ? "speculative " : "") + end);
    }
  }

  @Override
  public void onBlockUpdated(SparkListenerBlockUpdated updated) {
    BlockUpdatedInfo block = updated.blockUpdatedInfo();
    if (block.blockId().isRDD() && block.diskSize() > 0 && !block.storageLevel().useMemory()) {
      SEEN.add(SHARD_ON_DISK);
    }
  }
}
