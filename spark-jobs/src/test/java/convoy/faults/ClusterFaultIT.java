package convoy.faults;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.TestSpark;
import java.io.IOException;
import java.util.Map;
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
 */
@Timeout(600)
class ClusterFaultIT {
  private static final int EPOCHS = 2;
  private static final String TRAIN = "epoch 2, round 5: train";

  private static Rig rig;

  @BeforeAll
  static void start() {
    rig = Rig.get();
  }

  @AfterEach
  void stop() {
    TestSpark.stop();
  }

  @Test
  void aTaskThatIsKilledIsRepeated() throws Exception {
    rig.useCluster(Map.of());
    FaultListener.plan(TRAIN, FaultListener::kill);
    assertTrains("/killed-task");
    assertTrue(FaultListener.seen().contains("TaskKilled"), FaultListener.seen().toString());
  }

  @Test
  void anExecutorThatIsKilledChangesNothing() throws Exception {
    rig.useCluster(Map.of());
    FaultListener.plan(
        TRAIN,
        task -> rig.executors(task.taskInfo().host()).forEach(ProcessHandle::destroyForcibly));
    assertTrains("/killed-executor");
    assertTrue(
        FaultListener.seen().contains("ExecutorLostFailure"), FaultListener.seen().toString());
  }

  @Test
  void aWorkerThatIsKilledChangesNothing() throws Exception {
    rig.useCluster(Map.of());
    ProcessHandle worker = rig.cluster().workers().get(0);
    FaultListener.plan(TRAIN, task -> worker.destroyForcibly());
    assertTrains("/killed-worker");
    assertFalse(worker.isAlive());
    assertTrue(
        FaultListener.seen().contains("ExecutorLostFailure"), FaultListener.seen().toString());
  }

  @Test
  void aDatanodeThatIsLostChangesNothing() throws Exception {
    rig.useCluster(Map.of());
    AtomicReference<Optional<DataNodeProperties>> lost = new AtomicReference<>(Optional.empty());
    FaultListener.plan(TRAIN, task -> lost.set(Optional.of(rig.hdfs().loseDatanode())));
    try {
      assertTrains("/lost-datanode");
      assertTrue(lost.get().isPresent());
    } finally {
      if (lost.get().isPresent()) {
        rig.hdfs().restart(lost.get().get());
      }
    }
  }

  @Test
  void aStragglingExecutorIsOvertakenByASpeculativeAttempt() throws Exception {
    // Without a wait for the straggler itself, which has the shards in its memory.
    rig.useCluster(
        Map.of(
            "spark.locality.wait", "0",
            "spark.speculation", "true",
            "spark.speculation.interval", "50ms",
            "spark.speculation.minTaskRuntime", "50ms",
            "spark.speculation.multiplier", "1.1",
            "spark.speculation.quantile", "0.5"));
    AtomicReference<Optional<Straggler>> slow = new AtomicReference<>(Optional.empty());
    FaultListener.plan(
        "epoch 1, round 2: train",
        task -> slow.set(Optional.of(new Straggler(rig.executors(task.taskInfo().host())))));
    try {
      assertTrains("/straggler");
      assertTrue(
          FaultListener.seen().contains("speculative Success"), FaultListener.seen().toString());
    } finally {
      if (slow.get().isPresent()) {
        slow.get().get().close();
      }
    }
  }

  @Test
  void shardsThatAreEvictedFromMemoryChangeNothing() throws Exception {
    rig.useCluster(Map.of("spark.memory.fraction", "0.004"));
    FaultListener.plan(TRAIN, task -> {});
    assertTrains("/evicted");
    assertTrue(
        FaultListener.seen().contains(FaultListener.SHARD_ON_DISK),
        FaultListener.seen().toString());
  }

  private static void assertTrains(String run) throws IOException {
    Rig.done(rig.train(rig.hdfs().uri(run), EPOCHS));
    rig.assertWhole(run, EPOCHS);
  }
}
