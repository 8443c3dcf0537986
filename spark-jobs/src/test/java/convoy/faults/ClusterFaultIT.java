package convoy.faults;

import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.TestSpark;
import convoy.training.TrainingRequest.Existing;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.hadoop.hdfs.MiniDFSCluster.DataNodeProperties;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Trainings on a standalone Spark and HDFS of which something fails in the middle of a round, while
 * the driver lives: they go on, and end with the bits of a training in local mode without a fault.
 * A task waits at the gate meanwhile.
 */
@Timeout(600)
class ClusterFaultIT {
  private static final int EPOCHS = 2;
  private static final String ROUND = "epoch 2, round 5";

  private static Rig rig;

  @BeforeAll
  static void start() {
    rig = Rig.get();
  }

  @AfterEach
  void open() throws IOException {
    rig.gate().open();
  }

  @Test
  void aTaskThatIsKilledIsRepeated() throws Exception {
    rig.holdRound(ROUND, FaultListener::kill);
    assertTrains("/killed-task");
    assertSeen(FaultListener.KILLED);
  }

  @Test
  void anExecutorThatIsKilledChangesNothing() throws Exception {
    rig.holdRound(
        ROUND,
        task -> rig.executors(task.taskInfo().host()).forEach(ProcessHandle::destroyForcibly));
    assertTrains("/killed-executor");
    assertSeen("ExecutorLostFailure");
  }

  @Test
  void aWorkerThatIsKilledChangesNothing() throws Exception {
    rig.holdRound(ROUND, task -> rig.worker(task.taskInfo().host()).destroyForcibly());
    assertTrains("/killed-worker");
    assertSeen("ExecutorLostFailure");
  }

  @Test
  void aDatanodeThatIsLostChangesNothing() throws Exception {
    AtomicReference<Optional<DataNodeProperties>> lost = new AtomicReference<>(Optional.empty());
    rig.holdRound(
        ROUND,
        task -> {
          lost.set(Optional.of(rig.hdfs().loseDatanode()));
          rig.gate().open();
        });
    try {
      assertTrains("/lost-datanode");
      assertTrue(lost.get().isPresent());
    } finally {
      if (lost.get().isPresent()) {
        rig.hdfs().restart(lost.get().get());
      }
    }
  }

  /** The task stands still until Spark ends it, as another attempt was through before. */
  @Test
  void aStragglingExecutorIsOvertakenByASpeculativeAttempt() throws Exception {
    rig.holdRound(ROUND, task -> {});
    assertTrains("/straggler");
    assertSeen("speculative Success");
  }

  @Test
  void shardsThatAreEvictedFromMemoryChangeNothing() throws Exception {
    rig.holdRound(
        ROUND,
        task -> {
          MemoryFiller.fill(rig.session().sparkContext());
          rig.gate().open();
        });
    assertTrains("/evicted");
    assertSeen(FaultListener.SHARD_ON_DISK);
  }

  private static void assertTrains(String run) throws Exception {
    rig.train(rig.hdfs().uri(run), EPOCHS, Existing.REFUSE);
    rig.assertWhole(run, EPOCHS);
  }

  private static void assertSeen(String event) throws Exception {
    List<String> seen = FaultListener.seen(TestSpark.running().get().sparkContext());
    assertTrue(seen.stream().anyMatch(end -> end.contains(event)), seen.toString());
  }
}
