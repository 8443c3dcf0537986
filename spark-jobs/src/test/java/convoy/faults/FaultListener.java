package convoy.faults;

import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.sql.SparkSession;

/**
 * Makes one fault happen as soon as a task of one stage has begun, and remembers what became of the
 * stage's tasks. For drivers in the test's JVM, by {@code spark.extraListeners}.
 */
public final class FaultListener extends SparkListener {
  /** A fault; does not wait. */
  @FunctionalInterface
  interface Fault {
    /**
     * Makes it happen.
     *
     * @param task the task that has begun
     */
    void happen(SparkListenerTaskStart task);
  }

  private record Plan(String stage, Fault fault) {}

  private static final AtomicReference<Optional<Plan>> PLANNED =
      new AtomicReference<>(Optional.empty());
  private static final List<String> SEEN = new CopyOnWriteArrayList<>();
  private static final Set<String> EXECUTORS = ConcurrentHashMap.newKeySet();

  private volatile int stage = -1;

  /** As Spark makes it. */
  public FaultListener() {}

  /** Has {@code fault} happen in the next stage of that name. */
  static void plan(String stage, Fault fault) {
    SEEN.clear();
    EXECUTORS.clear();
    PLANNED.set(Optional.of(new Plan(stage, fault)));
  }

  /**
   * What has become of the attempts of the stage's tasks: "speculative" for each that began as
   * such, and the reason of each that ended.
   */
  static List<String> seen() {
    return List.copyOf(SEEN);
  }

  /** The executors that have run tasks of the stage. */
  static Set<String> executors() {
    return Set.copyOf(EXECUTORS);
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
    if (started.stageId() == stage) {
      EXECUTORS.add(started.taskInfo().executorId());
      if (started.taskInfo().speculative()) {
        SEEN.add("speculative");
      }
      PLANNED.getAndSet(Optional.empty()).ifPresent(plan -> plan.fault().happen(started));
    }
  }

  @Override
  public void onTaskEnd(SparkListenerTaskEnd ended) {
    if (ended.stageId() == stage) {
      SEEN.add(ended.reason().getClass().getSimpleName());
    }
  }
}
