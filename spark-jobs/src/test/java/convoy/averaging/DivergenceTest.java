package convoy.averaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.dataprep.ImageDataset;
import convoy.engine.checkpoint.Checkpoint;
import convoy.engine.checkpoint.Model;
import convoy.engine.checkpoint.RunState;
import convoy.engine.checkpoint.WeightsDigest;
import convoy.engine.network.Parameters;
import convoy.run.RunFolder;
import convoy.run.RunLock;
import convoy.training.TestRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DivergenceTest {
  @TempDir private static Path shared;

  private static ImageDataset dataset;

  @TempDir private Path folder;

  @BeforeAll
  static void prepare() throws Exception {
    dataset = TestData.dataset(TestSpark.local(2), shared, 7, 61, 9);
  }

  @Test
  void divergenceNamesRoundShardStepAndLearningRate() {
    TestRun run =
        TestRun.of(dataset)
            .with("optimizer={sgd: {learningRate: 1.0e+30}}", "averaging.everySteps=2");
    String message = divergence(run);
    assertTrue(
        message.matches(
            "epoch 1, round [12], shard [0-3]: .* NaN or infinite at step [1-4] of the epoch,"
                + " at learning rate 1.0E30; .*"),
        message);
    assertFalse(Files.exists(folder.resolve("latest.json")));
    assertFalse(Files.exists(folder.resolve("run.lock")), "the lock is given up");
  }

  @Test
  void divergenceNamesTheLearningRateOfItsStep() {
    TestRun run =
        TestRun.of(dataset)
            .with(
                "optimizer={sgd: {learningRate: 1.0e+31}}",
                "schedule={constant: {warmUpSteps: 10}}",
                "averaging.everySteps=2");
    String message = divergence(run);
    Matcher matcher =
        Pattern.compile("at step ([1-4]) of the epoch, at learning rate ([1-4])\\.0+[0-9]*E30;")
            .matcher(message);
    assertTrue(matcher.find(), message);
    assertEquals(matcher.group(1), matcher.group(2), message);
  }

  @Test
  void theLastGoodCheckpointStays() throws Exception {
    TestRun run = TestRun.of(dataset).with("epochs=1");
    run.in(TestSpark.local(2), folder);
    RunFolder runFolder = TestRun.runFolder(folder);
    Checkpoint huge = withHugeWeights(runFolder.checkpoints().newest().get());
    try (RunLock lock = runFolder.lock()) {
      runFolder.checkpoints().commit(huge, 3, lock);
    }

    String message =
        assertThrows(
                DivergenceException.class,
                () -> run.with("epochs=4").resumedIn(TestSpark.local(2), folder))
            .getMessage();
    assertTrue(message.matches("epoch 3, round 3, shard [0-3]: .*"), message);
    assertTrue(Files.readString(folder.resolve("latest.json")).contains("checkpoints/2"));
    assertEquals(huge.state(), runFolder.checkpoints().newest().get().state());
    Model model = RunFolder.model(TestRun.STORAGE, folder.resolve("checkpoints/2").toString());
    assertEquals(huge.state().weightsDigest(), WeightsDigest.of(model.parameters()));
    assertFalse(Files.exists(folder.resolve("checkpoints/3")));
  }

  private String divergence(TestRun run) {
    return assertThrows(DivergenceException.class, () -> run.in(TestSpark.local(2), folder))
        .getMessage();
  }

  /** The next round's checkpoint, as if training had led to weights that overflow. */
  private static Checkpoint withHugeWeights(Checkpoint good) throws IOException {
    Parameters parameters = good.model().parameters();
    Arrays.fill(parameters.values(), 1e38f);
    RunState state = good.state();
    RunState.Progress done = state.progress();
    return new Checkpoint(
        new Model(good.model().network(), parameters),
        good.optimizerState(),
        good.averagingState(),
        new RunState(
            new RunState.Progress(
                done.round() + 1, done.epoch() + 1, 0, 2 * done.step(), 2 * done.imagesSeen()),
            state.provenance(),
            state.config(),
            state.epochSums(),
            state.metrics(),
            state.best(),
            state.waiting(),
            WeightsDigest.of(parameters)));
  }
}
