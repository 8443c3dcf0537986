package convoy.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.DivergenceException;
import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import convoy.dataprep.ImageDataset;
import convoy.engine.checkpoint.Checkpoint;
import convoy.engine.checkpoint.Model;
import convoy.engine.checkpoint.WeightsDigest;
import convoy.engine.data.Shard;
import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Parameters;
import convoy.engine.training.AveragingState;
import convoy.run.RunFolder;
import convoy.sharding.ReplicaData;
import convoy.sharding.ShardedDataset;
import convoy.sharding.TrainingRows;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What becomes of the averages: as in a plain loop, on any cores and after a resume. */
class AveragingOptionsTest {
  @TempDir private static Path shared;

  private static ImageDataset dataset;

  @TempDir private Path temporary;

  @BeforeAll
  static void prepare() throws Exception {
    dataset = TestData.dataset(TestSpark.local(2), shared, 7, 61, 9);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "outer: {learningRate: 0.7, momentum: 0.9}",
        "everySteps: 3, outer: {learningRate: 1.5}",
        "postLocal: {epochs: 1}, outer: {momentum: 0.5}, movingAverage: 0.3",
        "dealEvery: 1",
        "everySteps: 2, optimizerState: reset",
        "everySteps: 3, dealEvery: 2, outer: {momentum: 0.5}",
      })
  void theWeightsAreThoseOfAPlainLoop(String averaging) throws Exception {
    TestRun run = run(averaging);
    Path whole = temporary.resolve("whole"), stopped = temporary.resolve("stopped");
    String digest = run.in(TestSpark.local(2), whole).digest();
    assertEquals(plain(run).digest(), digest);
    assertNotEquals(plain(run("everySteps: 0")).digest(), digest);

    run.with("epochs=1").in(TestSpark.local(1), stopped);
    assertEquals(digest, run.resumedIn(TestSpark.local(1), stopped).digest());
    AveragingState expected = newest(whole).averagingState();
    AveragingState resumed = newest(stopped).averagingState();
    assertArrayEquals(expected.outerMomentum(), resumed.outerMomentum());
    assertArrayEquals(expected.movingAverage(), resumed.movingAverage());
  }

  @Test
  void statisticsAreEstimatedAnewAsInAPlainLoop() throws Exception {
    // The second batch of a shard is not its last; so many batches as 9 no shard has.
    for (int batches : new int[] {2, 9}) {
      TestRun run = run("everySteps: 3, batchNormBatches: " + batches).of(TestData.normalized());
      Path whole = temporary.resolve("whole" + batches), stopped = temporary.resolve("s" + batches);
      String digest = run.in(TestSpark.local(2), whole).digest();
      assertEquals(plain(run).digest(), digest);
      run.with("epochs=1").in(TestSpark.local(1), stopped);
      assertEquals(digest, run.resumedIn(TestSpark.local(1), stopped).digest());
    }
  }

  @Test
  void statisticsOfTheMovingAverageAreEstimatedByItsOwnWeights() throws Exception {
    TestRun without = run("movingAverage: 0.5").of(TestData.normalized());
    TestRun run = run("movingAverage: 0.5, batchNormBatches: 9").of(TestData.normalized());
    Path folder = temporary.resolve("run"), other = temporary.resolve("other");
    String digest = run.in(TestSpark.local(2), folder).digest();
    assertEquals(without.in(TestSpark.local(2), other).digest(), digest, "training's stay");
    ParameterLayout layout = run.network().layout();
    int first = layout.size() - layout.statisticsSize();
    float[] estimated = newest(folder).averagingState().movingAverage();
    float[] moved = newest(other).averagingState().movingAverage();
    assertArrayEquals(Arrays.copyOf(moved, first), Arrays.copyOf(estimated, first));
    for (int i = first; i < layout.size(); i++) {
      assertNotEquals(moved[i], estimated[i]);
    }
  }

  @Test
  void theMovingAverageIsValidatedAndIsTheModel() throws Exception {
    TestRun run = run("everySteps: 2, movingAverage: 0.4");
    Path folder = temporary.resolve("run"), other = temporary.resolve("other");
    TestRun.Outcome outcome = run.in(TestSpark.local(2), folder);
    Checkpoint newest = newest(folder);
    float[] average = newest.averagingState().movingAverage();
    float[] wanted = movingAverage(plain(run).rounds(), 0.4, 4);
    assertArrayEquals(wanted, average, 1e-6f);

    TestRun without = run("everySteps: 2");
    TestRun.Outcome plain = without.in(TestSpark.local(2), other);
    assertEquals(plain.digest(), outcome.digest(), "training does not look at it");
    assertEquals(WeightsDigest.of(newest.model().parameters()), outcome.digest());
    EpochReport last = outcome.epochs().get(2), plainLast = plain.epochs().get(2);
    assertNotEquals(
        plainLast.validation().orElseThrow().loss(), last.validation().orElseThrow().loss());
    long round = newest.state().progress().round();
    Model model =
        RunFolder.model(TestRun.STORAGE, folder.resolve("checkpoints/" + round).toString());
    assertArrayEquals(average, model.parameters().values());
  }

  /** The weights of each round, by their shares in the average. */
  private static float[] movingAverage(
      List<PlainTraining.RoundEnd> rounds, double decay, int stepsPerEpoch) {
    PlainTraining.RoundEnd last = rounds.get(rounds.size() - 1);
    double end = end(last);
    double[] sum = new double[last.weights().length];
    double shares = 0;
    for (PlainTraining.RoundEnd round : rounds) {
      double length = round.steps().to() - round.steps().from();
      double share =
          (1 - Math.pow(decay, length / stepsPerEpoch))
              * Math.pow(decay, (end - end(round)) / stepsPerEpoch);
      shares += share;
      for (int i = 0; i < sum.length; i++) {
        sum[i] += share * round.weights()[i];
      }
    }
    float[] average = new float[sum.length];
    for (int i = 0; i < sum.length; i++) {
      average[i] = (float) (sum[i] / shares);
    }
    return average;
  }

  /** Steps that were taken until a round ended. */
  private static double end(PlainTraining.RoundEnd round) {
    return round.steps().stepsBefore() + round.steps().to() - round.steps().from();
  }

  @Test
  void anAdamThatStartsAnewMovesByItsLearningRateInARoundOfOneStep() throws Exception {
    TestRun run = run("everySteps: 1, optimizerState: reset").with("epochs=1", "shards=1");
    PlainTraining.Outcome plain = plain(run);
    assertEquals(plain.digest(), run.in(TestSpark.local(2), temporary).digest());
    float[] start = Parameters.initial(plain.weights().layout(), run.config().seed()).values();
    for (PlainTraining.RoundEnd round : plain.rounds()) {
      double longest = 0;
      for (int i = 0; i < start.length; i++) {
        longest = Math.max(longest, Math.abs((double) round.weights()[i] - start[i]));
      }
      assertEquals(run.config().optimizer().learningRate(), longest, 1e-6);
      start = round.weights();
    }
  }

  @Test
  void anOuterStepTooLongIsToldSo() {
    TestRun run = run("outer: {learningRate: 1e38}").with("optimizer.adam.learningRate=100");
    String message =
        assertThrows(DivergenceException.class, () -> run.in(TestSpark.local(2), temporary))
            .getMessage();
    assertTrue(
        message.startsWith(
            "epoch 1, round 1: a parameter became infinite in the step from the average, at"
                + " averaging.outer.learningRate 1.0E38"),
        message);
  }

  private static TestRun run(String averaging) {
    return TestRun.of(dataset).with("epochs=3", "averaging={" + averaging + "}");
  }

  private static Checkpoint newest(Path folder) throws Exception {
    return TestRun.runFolder(folder).checkpoints().newest().orElseThrow();
  }

  private static PlainTraining.Outcome plain(TestRun run) {
    return new PlainTraining(run.network(), run.config(), shards(run.config().shards())).train();
  }

  private static List<Shard> shards(int number) {
    try (ShardedDataset sharded =
        ShardedDataset.load(TestSpark.local(2), dataset, number, 0.2, TrainingRows.ALL)) {
      return sharded.shards().map(ReplicaData::training).collect();
    }
  }
}
