package convoy.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import convoy.dataprep.ImageDataset;
import convoy.dataprep.Split;
import convoy.engine.data.Shard;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;
import convoy.sharding.ReplicaData;
import convoy.sharding.ShardedDataset;
import convoy.sharding.TrainingRows;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The same weights to the last bit, whatever does not belong to the training's definition. */
class TrainingTest {
  @TempDir private static Path shared;

  private static ImageDataset dataset;
  private static String digest;

  @TempDir private Path temporary;

  @BeforeAll
  static void train() throws Exception {
    dataset = TestData.dataset(TestSpark.local(2), shared, 7, 61, 9);
    digest = TestRun.of(dataset).in(TestSpark.local(2), shared.resolve("run")).digest();
  }

  @Test
  void nothingTravelsThatIsNotRegistered() {
    SparkSession spark = TestSpark.local(2);
    assertEquals("true", spark.conf().get("spark.kryo.registrationRequired"));
    assertTrue(spark.conf().get("spark.serializer").endsWith("KryoSerializer"));
  }

  @Test
  void averagingEqualsAPlainLoop() throws Exception {
    assertEquals(plain(TestRun.of(dataset)), digest);
  }

  @Test
  void averagingWithinAnEpochEqualsAPlainLoop() throws Exception {
    // So the last round of an epoch is that of the first shards alone.
    assertEquals(List.of(4, 4, 3, 3), shards(4).stream().map(s -> (s.size() + 3) / 4).toList());
    TestRun run = TestRun.of(dataset).with("averaging.everySteps=3");
    String averaged = run.in(TestSpark.local(2), temporary).digest();
    assertEquals(plain(run), averaged);
    assertNotEquals(digest, averaged);
  }

  @Test
  void everyStepOfTheFirstEpochIsAveragedWhereSet() throws Exception {
    TestRun run =
        TestRun.of(dataset).with("averaging={everySteps: 3, postLocal: {epochs: 1}}", "epochs=3");
    TestRun.Outcome outcome = run.in(TestSpark.local(2), temporary);
    assertEquals(plain(run), outcome.digest());
    assertEquals(List.of(4L, 6L, 8L), outcome.epochs().stream().map(EpochReport::rounds).toList());
  }

  @Test
  void quadraticCostOfSigmoidOutputsIsTrainedAndValidated() throws Exception {
    String yaml = TestData.NETWORK + "  - sigmoid\n";
    TestRun run =
        TestRun.of(dataset)
            .of(NetworkSpec.fromYaml("sigmoid.yaml", yaml))
            .with("loss=meanSquaredError");
    TestRun.Outcome outcome = run.in(TestSpark.local(2), temporary);
    assertEquals(plain(run), outcome.digest());
    for (EpochReport epoch : outcome.epochs()) {
      // Of three sigmoid outputs; a cross-entropy would be about 1.1.
      assertTrue(epoch.validation().orElseThrow().loss() < 0.5, epoch.toString());
    }
    assertThrows(
        IllegalArgumentException.class,
        () ->
            run.with("loss=softmaxCrossEntropy")
                .in(TestSpark.local(2), temporary.resolve("other")));
  }

  @Test
  void momentumIsAveragedToo() throws Exception {
    TestRun run =
        TestRun.of(dataset)
            .with("optimizer={sgd: {learningRate: 0.05, momentum: 0.9}}", "averaging.everySteps=2");
    assertEquals(plain(run), run.in(TestSpark.local(2), temporary).digest());
  }

  @Test
  void scheduleCountsStepsOfTheLargestShardOverAllRounds() throws Exception {
    TestRun run =
        TestRun.of(dataset)
            .with(
                "optimizer={sgd: {learningRate: 0.05, momentum: 0.9}}",
                "schedule={oneCycle: {initialDivisor: 5, finalDivisor: 10}}",
                "averaging.everySteps=3");
    TestRun.Outcome outcome = run.in(TestSpark.local(2), temporary);
    assertEquals(plain(run), outcome.digest());
    // Two epochs of four steps: the top is at 0.3 * 8 - 1 steps, the end at 7.
    double middle = (1 + Math.cos(Math.PI * (3 - 1.4) / (7 - 1.4))) / 2;
    assertEquals(0.05 * (0.02 + 0.98 * middle), outcome.epochs().get(0).learningRate(), 1e-12);
    assertEquals(0.05 * 0.02, outcome.epochs().get(1).learningRate(), 1e-12);
  }

  @Test
  void aScheduleThatDoesNotFitTheDataIsRefusedBeforeAnythingIsWritten() {
    TestRun run = TestRun.of(dataset).with("schedule={cosine: {warmUpSteps: 8}}");
    Path folder = temporary.resolve("run");
    String message =
        assertThrows(IllegalArgumentException.class, () -> run.in(TestSpark.local(2), folder))
            .getMessage();
    assertEquals(
        "schedule cosine warms up over 8 steps, the training has 8: wanted less, or more epochs",
        message);
    assertFalse(folder.toFile().exists());
  }

  @Test
  void imagesAreAlteredAlikeOnAnyNumberOfCores() throws Exception {
    TestRun run = TestRun.of(dataset).with(TestData.AUGMENTATION, "averaging.everySteps=3");
    String altered = run.in(TestSpark.local(2), temporary.resolve("two")).digest();
    assertEquals(plain(run), altered);
    assertEquals(altered, run.in(TestSpark.local(1), temporary.resolve("one")).digest());
    TestRun without = run.with("augmentation={}");
    assertNotEquals(altered, without.in(TestSpark.local(1), temporary.resolve("off")).digest());
  }

  @Test
  void statisticsArePooledAsInAPlainLoop() throws Exception {
    // In the last round of an epoch some shards have nothing left to train.
    TestRun run = TestRun.of(dataset).of(TestData.normalized()).with("averaging.everySteps=3");
    String averaged = run.in(TestSpark.local(2), temporary.resolve("two")).digest();
    assertEquals(plain(run), averaged);
    assertEquals(averaged, run.in(TestSpark.local(1), temporary.resolve("one")).digest());
  }

  @Test
  void frozenParametersStayAsTheyAre() throws Exception {
    String yaml =
        TestData.NORMALIZED
            .replace("stride: 4}", "stride: 4, trainable: false}")
            .replace("momentum: 0.75}", "trainable: false}");
    NetworkSpec spec = NetworkSpec.fromYaml("frozen.yaml", yaml);
    TestRun run = TestRun.of(dataset).of(spec).with("averaging.everySteps=3");
    assertEquals(plain(run), run.in(TestSpark.local(2), temporary).digest());
    Parameters trained =
        TestRun.runFolder(temporary).checkpoints().newest().get().model().parameters();
    Parameters first = Parameters.initial(trained.layout(), run.config().seed());
    int trainable = trained.layout().trainableSize(), size = trained.layout().size();
    assertTrue(trainable < size);
    assertArrayEquals(
        Arrays.copyOfRange(first.values(), trainable, size),
        Arrays.copyOfRange(trained.values(), trainable, size));
    assertNotEquals(first.values()[0], trained.values()[0]);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "[scaling: {deviation: 255}, convolution: {filters: 4, kernel: 4, stride: 4}, relu,"
            + " residual: {body: [convolution: {filters: 4, kernel: 3, padding: same}, relu]},"
            + " residual: {body: [convolution: {filters: 6, kernel: 3, stride: 2, padding: same}],"
            + " projection: [convolution: {filters: 6, kernel: 1, stride: 2}]},"
            + " localResponseNormalization: {}, branches: [[convolution: {filters: 2, kernel: 1},"
            + " tanh], [meanPooling: {window: 3, stride: 1, padding: same}]], dropout: {rate: 0.2},"
            + " globalAveragePooling, dense: {units: 3}]",
        "[scaling: {deviation: 255}, grey, sobelX, recurrent: {units: 5}, dense: {units: 3}]"
      })
  void allKindsOfLayersAreTrainedAsInAPlainLoop(String layers) throws Exception {
    String yaml =
        "name: many\ninput: {height: 32, width: 32, channels: 3}\nlayers: " + layers + "\n";
    TestRun run =
        TestRun.of(dataset)
            .of(NetworkSpec.fromYaml("many.yaml", yaml))
            .with(
                "loss={softmaxCrossEntropy: {labelSmoothing: 0.1}}",
                "weightDecay={rate: 0.01, decoupled: true}",
                "clipNorm=0.5",
                "averaging.everySteps=3");
    assertEquals(plain(run), run.in(TestSpark.local(2), temporary).digest());
  }

  @Test
  void oneShardTrainsAsWithoutAveraging() throws Exception {
    TestRun run = TestRun.of(dataset).with("shards=1", "averaging.everySteps=5");
    assertEquals(
        plain(run.with("averaging.everySteps=0")), run.in(TestSpark.local(2), temporary).digest());
  }

  @Test
  void oneCoreGivesTheSameBits() throws Exception {
    assertEquals(digest, TestRun.of(dataset).in(TestSpark.local(1), temporary).digest());
  }

  @Test
  void numberOfParquetFilesDoesNotMatter() throws Exception {
    SparkSession spark = TestSpark.local(2);
    ImageDataset scattered =
        TestData.inFiles(spark, dataset, temporary.resolve("five"), Split.TRAIN, 5);
    assertEquals(digest, TestRun.of(scattered).in(spark, temporary.resolve("run")).digest());
  }

  @Test
  void threadsOfAReplicaDoNotMatter() throws Exception {
    TestRun run = TestRun.of(dataset).with("threadsPerReplica=2");
    assertEquals(digest, run.in(TestSpark.local(2), temporary).digest());
  }

  @Test
  void anotherSeedGivesOtherBits() throws Exception {
    TestRun run = TestRun.of(dataset).with("seed=1");
    assertNotEquals(digest, run.in(TestSpark.local(2), temporary).digest());
  }

  @Test
  void reportsCountEveryImageAndRound() throws Exception {
    TestRun.Outcome outcome =
        TestRun.of(dataset).with("averaging.everySteps=3").in(TestSpark.local(2), temporary);
    List<EpochReport> epochs = outcome.epochs();
    long images = shards(4).stream().mapToInt(Shard::size).sum();
    assertEquals(2, epochs.size());
    for (EpochReport epoch : epochs) {
      assertEquals(2, epoch.epochs());
      assertEquals(images, epoch.metrics().images());
      assertTrue(epoch.metrics().loss() > 0);
      assertTrue(epoch.validation().isPresent());
      assertTrue(epoch.times().computeNanos() > 0);
      assertTrue(epoch.imagesPerSecond() > 0);
    }
    assertEquals(2, epochs.get(0).rounds());
    assertEquals(4, epochs.get(1).rounds());
    assertEquals(2 * images, outcome.result().state().progress().imagesSeen());
    assertTrue(outcome.result().imagesPerSecond() > 0);
  }

  @Test
  void withoutValidationImagesNothingIsBest() throws Exception {
    TestRun.Outcome outcome =
        TestRun.of(dataset).with("validationFraction=0").in(TestSpark.local(2), temporary);
    assertEquals(2 * 61, outcome.result().state().progress().imagesSeen());
    assertTrue(outcome.epochs().get(0).validation().isEmpty());
    assertTrue(outcome.result().state().best().isEmpty());
    assertFalse(temporary.resolve("best.json").toFile().exists());
  }

  private static String plain(TestRun run) {
    return new PlainTraining(run.network(), run.config(), shards(run.config().shards()))
        .train()
        .digest();
  }

  private static List<Shard> shards(int number) {
    try (ShardedDataset sharded =
        ShardedDataset.load(TestSpark.local(2), dataset, number, 0.2, TrainingRows.ALL)) {
      return sharded.shards().map(ReplicaData::training).collect();
    }
  }
}
