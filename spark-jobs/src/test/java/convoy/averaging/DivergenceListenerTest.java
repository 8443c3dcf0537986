package convoy.averaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.cluster.Numerics;
import convoy.engine.data.Augmentation;
import convoy.engine.data.Shard;
import convoy.engine.loss.SoftmaxCrossEntropy;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Parameters;
import convoy.engine.optimizer.Descent;
import convoy.engine.optimizer.Sgd;
import convoy.engine.training.StepRange;
import convoy.sharding.ReplicaData;
import convoy.sharding.ShardedDataset;
import convoy.sharding.TrainingRows;
import java.nio.file.Path;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkException;
import org.apache.spark.Success$;
import org.apache.spark.TaskKilled;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerTaskEnd;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class DivergenceListenerTest {
  private static final int DIVERGING = 1;

  /** With the network below more than half a minute's work. */
  private static final int MANY = 8000;

  private static final NetworkSpec NETWORK =
      NetworkSpec.fromYaml(
          "slow.yaml",
          """
          name: slow
          input: {height: 32, width: 32, channels: 3}
          layers:
            - scaling: {deviation: 255}
            - convolution: {filters: 64, kernel: 3, padding: same}
            - relu
            - convolution: {filters: 128, kernel: 3, padding: same}
            - relu
            - maxPooling: {window: 8}
            - flatten
            - dense: {units: 3}
          """);

  private static final ParameterLayout LAYOUT = NETWORK.layout();
  private static final String MESSAGE =
      "epoch 1, round 1, shard %d: a loss or parameter became NaN or infinite at step [2-5] of the"
          + " epoch, at learning rate 1.0E30; .*";

  @TempDir private static Path shared;

  private static JavaSparkContext context;
  private static ShardedDataset dataset;

  @BeforeAll
  static void load() throws Exception {
    SparkSession spark = TestSpark.local(2);
    context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    dataset =
        ShardedDataset.load(
            spark, TestData.dataset(spark, shared, 7, 50, 3), 3, 0, TrainingRows.ALL);
  }

  @AfterAll
  static void unload() {
    dataset.close();
  }

  @Test
  void oneReplicaThatDivergesEndsTheTrainingOfTheOthers() throws Exception {
    JavaRDD<ReplicaData> shards =
        dataset
            .shards()
            .mapPartitionsWithIndex(
                (shard, data) ->
                    shard == DIVERGING
                        ? data
                        : List.of(new ReplicaData(black(), data.next().validation())).iterator(),
                true);
    TaskEnds ends = new TaskEnds();
    context.sc().addSparkListener(ends);
    try {
      DivergenceException e = assertThrows(DivergenceException.class, () -> run(shards, 1e30));
      assertTrue(e.getMessage().matches(MESSAGE.formatted(DIVERGING)), e.getMessage());
      assertTrue(e.getCause() instanceof SparkException, "its job was cancelled");
      assertTrue(ends.cancelled.await(30, TimeUnit.SECONDS), "shard 0 was trained on");
      assertEquals(Set.of(DIVERGING), Set.copyOf(ends.succeeded));
    } finally {
      context.sc().removeSparkListener(ends);
    }
  }

  @Test
  void withoutTheSignalTheReportsTell() throws Exception {
    Blockade blockade = new Blockade();
    context.sc().addSparkListener(blockade);
    try {
      DivergenceException e =
          assertThrows(DivergenceException.class, () -> run(dataset.shards(), 1e30));
      assertTrue(e.getMessage().matches(MESSAGE.formatted(0)), e.getMessage());
      assertNull(e.getCause(), "nothing was cancelled");
    } finally {
      blockade.end.countDown();
      context.sc().removeSparkListener(blockade);
    }
  }

  @Test
  void theNextRoundIsNotCancelled() {
    assertThrows(DivergenceException.class, () -> run(dataset.shards(), 1e30));
    assertTrue(context.getJobTags().isEmpty());
    assertEquals(3, run(dataset.shards(), 1e-3).reports().size());
  }

  /** Images that teach nothing but biases, so that no learning rate makes them diverge. */
  private static Shard black() {
    return new Shard(NETWORK.input(), new byte[MANY * NETWORK.input().imageSize()], new int[MANY]);
  }

  private static RoundFigures run(JavaRDD<ReplicaData> shards, double learningRate) {
    Sgd sgd = new Sgd(learningRate, 0, false);
    ModelState start =
        ModelState.of(Parameters.initial(LAYOUT, 1), sgd.newState(LAYOUT.trainableSize()));
    RoundPlan plan =
        new RoundPlan(
            1,
            new StepRange(0, 0, MANY, 0),
            new ReplicaSettings(
                NETWORK.toYaml(),
                4,
                1,
                Augmentation.NONE,
                SoftmaxCrossEntropy.DEFAULT,
                Descent.of(sgd)),
            Slicing.of(start.size(), TestData.network().layout(), 3),
            3,
            Numerics.here());
    return new AveragingRound(context, shards).run(plan, start, start.blank());
  }

  /** Notes how the tasks of a round end. */
  private static final class TaskEnds extends SparkListener {
    private final Queue<Integer> succeeded = new ConcurrentLinkedQueue<>();
    private final CountDownLatch cancelled = new CountDownLatch(1);

    @Override
    public void onTaskEnd(SparkListenerTaskEnd ended) {
      if (ended.reason() == Success$.MODULE$) {
        succeeded.add(ended.taskInfo().partitionId());
      } else if (ended.reason() instanceof TaskKilled && ended.taskInfo().partitionId() == 0) {
        cancelled.countDown();
      }
    }
  }

  /** Keeps the listeners that come after it from hearing of any task's end. */
  private static final class Blockade extends SparkListener {
    private final CountDownLatch end = new CountDownLatch(1);

    @Override
    public void onTaskEnd(SparkListenerTaskEnd ended) {
      try {
        end.await(120, TimeUnit.SECONDS);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
