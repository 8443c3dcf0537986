package convoy.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import convoy.cluster.ExecutorWait;
import convoy.cluster.TaskCores;
import convoy.cluster.TaskSlots;
import convoy.dataprep.ImageDataset;
import convoy.dataprep.Split;
import convoy.engine.checkpoint.Model;
import convoy.engine.data.ImageView;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;
import convoy.evaluation.EvaluationRun;
import convoy.evaluation.ShownImages;
import convoy.launch.LocalCluster;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CancellationException;
import org.apache.spark.SparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Executors in processes of their own give what local mode gives, to the last bit. */
@Timeout(180)
class ClusterTrainingIT {
  @TempDir private static Path shared;

  private static LocalCluster cluster;
  private static TestRun run;

  /** With batch normalisation, altered images and a schedule. */
  private static TestRun normalized;

  private static String digest;
  private static String normalizedDigest;
  private static ObjectNode figures;

  @TempDir private Path temporary;

  @BeforeAll
  static void trainLocally() throws Exception {
    SparkSession spark = TestSpark.local(2);
    ImageDataset dataset = TestData.dataset(spark, shared, 7, 61, 77);
    run = TestRun.of(dataset).with("averaging.everySteps=3");
    normalized = run.of(TestData.normalized()).with(TestData.AUGMENTATION, "schedule=oneCycle");
    digest = run.in(spark, shared.resolve("run")).digest();
    normalizedDigest = normalized.in(spark, shared.resolve("normalized")).digest();
    figures = evaluate(spark);
    TestSpark.stop();
    cluster =
        LocalCluster.start(
            TestSpark.HOME, shared.resolve("cluster"), List.of("127.0.0.1", "127.0.0.1"), 2, "1g");
  }

  @AfterAll
  static void stop() {
    TestSpark.stop();
    cluster.close();
  }

  @Test
  void twoExecutorsGiveTheBitsOfLocalMode() throws Exception {
    SparkSession spark =
        TestSpark.on(cluster, Map.of("spark.executor.instances", "2", "spark.executor.cores", "1"));
    assertEquals(digest, run.in(spark, temporary.resolve("run")).digest());
    assertEquals(normalizedDigest, normalized.in(spark, temporary.resolve("norm")).digest());
    assertEquals(2, ExecutorWait.executors(spark.sparkContext()));
    assertEquals(figures, evaluate(spark));
  }

  @Test
  void fourExecutorsGiveTheBitsOfLocalMode() throws Exception {
    SparkSession spark =
        TestSpark.on(
            cluster,
            Map.of(
                "spark.executor.instances", "4",
                "spark.executor.cores", "1",
                "spark.executor.memory", "500m"));
    assertEquals(digest, run.in(spark, temporary.resolve("run")).digest());
    assertEquals(normalizedDigest, normalized.in(spark, temporary.resolve("norm")).digest());
    assertEquals(4, ExecutorWait.executors(spark.sparkContext()));
    assertEquals(figures, evaluate(spark));
  }

  @Test
  void twoThreadsAReplicaGiveTheBitsOfOne() throws Exception {
    SparkSession spark =
        TestSpark.on(cluster, Map.of("spark.executor.instances", "2", TaskCores.KEY, "2"));
    TestRun threaded = normalized.with("threadsPerReplica=2");
    assertEquals(normalizedDigest, threaded.in(spark, temporary.resolve("norm")).digest());
  }

  @Test
  void waitForExecutorsEndsWithTheApplication() {
    SparkContext context =
        TestSpark.on(cluster, Map.of("spark.executor.instances", "3")).sparkContext();
    TestSpark.stop();
    IllegalStateException e =
        assertThrows(
            IllegalStateException.class, () -> ExecutorWait.await(context, 120, () -> false));
    assertTrue(e.getMessage().contains("does " + cluster.masterUrl() + " answer?"));
  }

  @Test
  void oneExecutorGivesTheBitsOfLocalMode() throws Exception {
    SparkSession spark = TestSpark.on(cluster, Map.of("spark.cores.max", "1"));
    assertEquals(digest, run.in(spark, temporary.resolve("run")).digest());
    assertEquals(normalizedDigest, normalized.in(spark, temporary.resolve("norm")).digest());
    assertEquals(1, ExecutorWait.executors(spark.sparkContext()));
    assertEquals(figures, evaluate(spark));
  }

  @Test
  void executorsAreWaitedForNoLongerThanTheLimit() {
    SparkSession spark = TestSpark.on(cluster, Map.of("spark.executor.instances", "3"));
    Path out = temporary.resolve("run");
    TestRun impatient = run.with("waitForExecutorsSeconds=1");
    String message =
        assertThrows(IllegalStateException.class, () -> impatient.in(spark, out)).getMessage();
    assertTrue(message.matches("waited 1 s for 3 executors, got [012]: .*"), message);
    assertFalse(Files.exists(out), "nothing is left");
    assertThrows(
        CancellationException.class,
        () -> ExecutorWait.await(spark.sparkContext(), 60, () -> true));
  }

  /** Of a size that no worker has. */
  @Test
  void theFirstExecutorIsWaitedForNoLongerThanTheLimit() {
    SparkContext context =
        TestSpark.on(cluster, Map.of("spark.executor.cores", "64")).sparkContext();
    String message =
        assertThrows(
                IllegalStateException.class,
                () -> ExecutorWait.awaitFirst(context, 1, "--this-option"))
            .getMessage();
    assertTrue(message.startsWith("waited 1 s for 1 executor, got 0: make room, or"), message);
    assertTrue(message.contains("raise --this-option"), message);
    assertEquals(new TaskSlots(1, 64), TaskSlots.of(context));
  }

  @Test
  void executorsThatAreTooSmallAreRefusedBeforeTheFirstRound() {
    SparkSession spark = TestSpark.on(cluster, Map.of("spark.executor.memory", "480m"));
    TestRun large = run.with("batchSize=20000", "shards=1");
    String message =
        assertThrows(IllegalArgumentException.class, () -> large.in(spark, temporary)).getMessage();
    assertTrue(message.contains("on each executor (1 task of "), message);
    assertTrue(message.contains("it has 480 MB: raise --executor-memory"), message);
  }

  @Test
  void executorsWithTooFewCoresForATaskAreRefusedBeforeTheFirstRound() {
    SparkSession spark = TestSpark.on(cluster, Map.of("spark.task.cpus", "3"));
    Path out = temporary.resolve("run");
    String message =
        assertThrows(IllegalArgumentException.class, () -> run.in(spark, out)).getMessage();
    assertTrue(message.startsWith("a task takes 3 cores (spark.task.cpus"), message);
    assertTrue(message.contains("no executor has more than 2"), message);
    assertFalse(Files.exists(out), "nothing is left");
  }

  private static ObjectNode evaluate(SparkSession spark) {
    NetworkSpec network = run.network().withClassNames(TestData.CLASSES);
    Parameters parameters = Parameters.initial(network.layout(), 5);
    List<Model> models = List.of(new Model(network, parameters));
    List<ImageView> views = List.of(new ImageView.Clean());
    ShownImages rows = new ShownImages(Split.TEST, 0);
    return new EvaluationRun(spark, run.dataset(), rows, models, views, false)
        .run()
        .card(0, 0)
        .toTree(TestData.CLASSES, 0);
  }
}
