package convoy.averaging;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.cluster.Numerics;
import convoy.dataprep.ImageDataset;
import convoy.engine.data.Augmentation;
import convoy.engine.loss.SoftmaxCrossEntropy;
import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Parameters;
import convoy.engine.optimizer.Adam;
import convoy.engine.optimizer.Descent;
import convoy.engine.training.StepRange;
import convoy.sharding.ReplicaData;
import convoy.sharding.ShardedDataset;
import convoy.sharding.TrainingRows;
import java.io.File;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkEnv;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.scheduler.SparkListener;
import org.apache.spark.scheduler.SparkListenerStageSubmitted;
import org.apache.spark.scheduler.SparkListenerTaskStart;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import scala.collection.immutable.Seq;
import scala.jdk.javaapi.CollectionConverters;

@Timeout(120)
class AveragingRoundTest {
  private static final ReplicaSettings REPLICA =
      new ReplicaSettings(
          TestData.NORMALIZED,
          4,
          1,
          Augmentation.NONE,
          SoftmaxCrossEntropy.DEFAULT,
          Descent.of(Adam.DEFAULT));
  private static final ParameterLayout LAYOUT = TestData.normalized().layout();

  private static final StepRange STEPS = new StepRange(0, 0, 5, 0);
  private static final long SEED = 3;

  private record Outcome(ModelState state, RoundFigures result) {}

  @TempDir private static Path shared;

  private static JavaSparkContext context;
  private static ShardedDataset dataset;
  private static ModelState start;
  private static Outcome whole;

  @BeforeAll
  static void load() throws Exception {
    SparkSession spark = TestSpark.local(2);
    context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    ImageDataset images = TestData.dataset(spark, shared, 7, 50, 3);
    dataset = ShardedDataset.load(spark, images, 3, 0, TrainingRows.ALL);
    start =
        ModelState.of(Parameters.initial(LAYOUT, 1), Adam.DEFAULT.newState(LAYOUT.trainableSize()));
    whole = run(dataset.shards(), (int) start.size());
  }

  @AfterAll
  static void unload() {
    dataset.close();
  }

  @Test
  void theStartIsLeftAsItIs() {
    assertArrayEquals(Parameters.initial(LAYOUT, 1).values(), start.parameters());
    assertTrue(whole.state().slots()[0][0] != 0, "the optimizer's state has moved");
  }

  @Test
  void numberOfSlicesDoesNotMatter() {
    int size = (int) start.size();
    // As many slices as shards, too: both are numbered from 0, and must not be taken for each
    // other.
    // Beyond 200 slices Spark shuffles in another way.
    for (int sliceSize : new int[] {(size + 1) / 2, (size + 2) / 3, size / 5 + 1, 5}) {
      Outcome sliced = run(dataset.shards(), sliceSize);
      assertArrayEquals(whole.state().slice(0, size), sliced.state().slice(0, size));
      assertEquals(shards(whole), shards(sliced));
      for (int shard = 0; shard < 3; shard++) {
        double distance = whole.result().distances().relative(shard);
        assertEquals(distance, sliced.result().distances().relative(shard), 1e-12 * distance);
      }
    }
  }

  @Test
  void aRoundLeavesNoShuffleFiles() throws InterruptedException {
    long before = shuffleFiles();
    run(dataset.shards(), (int) start.size());
    // Spark removes them on a thread of its own.
    for (int i = 0; i < 200 && shuffleFiles() > before; i++) {
      TimeUnit.MILLISECONDS.sleep(50);
    }
    assertTrue(shuffleFiles() <= before, "there are " + (shuffleFiles() - before) + " more");
  }

  private static long shuffleFiles() {
    Seq<File> files = SparkEnv.get().blockManager().diskBlockManager().getAllFiles();
    return CollectionConverters.asJava(files).stream()
        .filter(file -> file.getName().startsWith("shuffle_"))
        .count();
  }

  @Test
  void failedTasksAreRepeatedWithTheSameBits() {
    JavaRDD<ReplicaData> failing =
        dataset
            .shards()
            .map(
                replica -> {
                  int attempt = TaskContext.get().attemptNumber();
                  if (attempt < TaskContext.getPartitionId()) {
                    throw new IllegalStateException("attempt " + attempt);
                  }
                  return replica;
                });
    int size = (int) start.size();
    Outcome repeated = run(failing, size);
    assertArrayEquals(whole.state().slice(0, size), repeated.state().slice(0, size));
  }

  @Test
  void killedTasksAreRepeatedWithTheSameBits() {
    JavaRDD<ReplicaData> waiting =
        dataset
            .shards()
            .map(
                replica -> {
                  TaskContext task = TaskContext.get();
                  while (task.attemptNumber() == 0 && !task.isInterrupted()) {
                    Thread.onSpinWait();
                  }
                  return replica;
                });
    TaskKiller killer = new TaskKiller(context.sc());
    context.sc().addSparkListener(killer);
    try {
      int size = (int) start.size();
      Outcome repeated = run(waiting, size);
      assertArrayEquals(whole.state().slice(0, size), repeated.state().slice(0, size));
    } finally {
      context.sc().removeSparkListener(killer);
    }
  }

  /** Kills the first attempt of every task that trains. */
  private static final class TaskKiller extends SparkListener {
    private final SparkContext context;
    private final Set<Integer> trainingStages = ConcurrentHashMap.newKeySet();

    TaskKiller(SparkContext context) {
      this.context = context;
    }

    @Override
    public void onStageSubmitted(SparkListenerStageSubmitted submitted) {
      if (submitted.stageInfo().name().endsWith(": train")) {
        trainingStages.add(submitted.stageInfo().stageId());
      }
    }

    @Override
    public void onTaskStart(SparkListenerTaskStart started) {
      if (trainingStages.contains(started.stageId()) && started.taskInfo().attemptNumber() == 0) {
        context.killTaskAttempt(started.taskInfo().taskId(), false, "by the test");
      }
    }
  }

  @Test
  void reportsComeInTheOrderOfShards() {
    assertEquals(List.of(0, 1, 2), shards(whole));
    assertEquals(
        List.of(17L, 17L, 16L),
        whole.result().reports().stream().map(report -> report.metrics().images()).toList());
    for (ShardReport report : whole.result().reports()) {
      assertEquals(Numerics.here(), report.numerics());
      assertTrue(report.executor().startsWith("driver at "), report.executor());
    }
  }

  @Test
  void distancesAreThoseOfReplicasThatTrainAlone() {
    float[] averages = whole.state().parameters();
    double squaredNorm = 0;
    for (int i = 0; i < LAYOUT.trainableSize(); i++) {
      squaredNorm += (double) averages[i] * averages[i];
    }
    List<ReplicaData> shards = dataset.shards().collect();
    for (int shard = 0; shard < 3; shard++) {
      Replica replica = new Replica(REPLICA);
      replica.train(start, shard, shards.get(shard).training(), STEPS, SEED, () -> false);
      double squared = 0;
      for (int i = 0; i < LAYOUT.trainableSize(); i++) {
        double off = (double) replica.outcome().parameters()[i] - averages[i];
        squared += off * off;
      }
      replica.close();
      double distance = Math.sqrt(squared / squaredNorm);
      assertTrue(distance > 1e-4, "they do train: " + distance);
      assertEquals(distance, whole.result().distances().relative(shard), 1e-12 * distance);
    }
  }

  @Test
  void anExecutorOfOtherNumericsIsNamed() {
    RoundPlan plan = plan((int) start.size(), new Numerics(-1, "another"));
    AveragingRound round = new AveragingRound(context, dataset.shards());
    String message =
        assertThrows(IllegalArgumentException.class, () -> round.run(plan, start, start.blank()))
            .getMessage();
    assertTrue(message.startsWith("executor driver at 127.0.0.1 computes with "), message);
    assertTrue(message.contains("the driver with another kernels, numerics version -1"), message);
  }

  @Test
  void aRoundWithoutStepsChangesNothing() {
    Slicing slicing = slicing(50);
    RoundPlan none =
        new RoundPlan(2, new StepRange(0, 5, 5, 5), REPLICA, slicing, SEED, Numerics.here());
    ModelState trained = whole.state();
    ModelState average = trained.blank();
    RoundFigures result = new AveragingRound(context, dataset.shards()).run(none, trained, average);
    int size = (int) start.size();
    assertArrayEquals(trained.slice(0, size), average.slice(0, size));
    assertEquals(0, result.distances().relative(1));
  }

  private static List<Integer> shards(Outcome outcome) {
    return outcome.result().reports().stream().map(ShardReport::shard).toList();
  }

  private static Outcome run(JavaRDD<ReplicaData> shards, int sliceSize) {
    RoundPlan plan = plan(sliceSize, Numerics.here());
    ModelState average = start.blank();
    return new Outcome(average, new AveragingRound(context, shards).run(plan, start, average));
  }

  private static RoundPlan plan(int sliceSize, Numerics numerics) {
    return new RoundPlan(1, STEPS, REPLICA, slicing(sliceSize), SEED, numerics);
  }

  private static Slicing slicing(int sliceSize) {
    return new Slicing(start.size(), sliceSize, LAYOUT.trainableSize(), LAYOUT.moments());
  }
}
