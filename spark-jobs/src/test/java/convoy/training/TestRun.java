package convoy.training;

import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import convoy.averaging.TestData;
import convoy.dataprep.ImageDataset;
import convoy.engine.network.NetworkSpec;
import convoy.engine.training.TrainingConfig;
import convoy.run.RoundLog;
import convoy.run.RunFolder;
import convoy.storage.Storage;
import convoy.training.TrainingRequest.Existing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;

/**
 * A training of the tests.
 *
 * @param dataset what to train on
 * @param network what to train
 * @param config the settings
 */
public record TestRun(ImageDataset dataset, NetworkSpec network, TrainingConfig config) {
  public static final Storage STORAGE = new Storage(new Configuration());

  /** What a training in a folder gave. */
  public record Outcome(TrainingResult result, List<EpochReport> epochs) {
    public String digest() {
      return result.state().weightsDigest();
    }
  }

  /** Four shards of unequal size, batches of four, two epochs. */
  public static TestRun of(ImageDataset dataset) {
    TrainingConfig config =
        TrainingConfig.DEFAULT.with("epochs=2", "batchSize=4", "validationFraction=0.2");
    return new TestRun(dataset, TestData.network(), config);
  }

  public TestRun with(String... settings) {
    return new TestRun(dataset, network, config.with(settings));
  }

  TestRun on(ImageDataset other) {
    return new TestRun(other, network, config);
  }

  TestRun of(NetworkSpec other) {
    return new TestRun(dataset, other, config);
  }

  public Outcome in(SparkSession spark, Path folder) throws Exception {
    return in(spark, folder, Existing.REFUSE);
  }

  public Outcome resumedIn(SparkSession spark, Path folder) throws Exception {
    return in(spark, folder, Existing.RESUME);
  }

  Outcome in(SparkSession spark, Path folder, Existing existing) throws Exception {
    return in(spark, runFolder(folder), existing);
  }

  public Outcome in(SparkSession spark, RunFolder folder, Existing existing) throws Exception {
    List<EpochReport> epochs = new ArrayList<>();
    return new Outcome(new Training(spark, request(folder, existing)).run(epochs::add), epochs);
  }

  /** Ends the training by an error once {@code epoch} is over. */
  void stoppedAfter(int epoch, SparkSession spark, Path folder) {
    TrainingProgress stopping =
        report -> {
          if (report.epoch() == epoch) {
            throw new CancellationException("stopped after epoch " + epoch);
          }
        };
    assertThrows(
        CancellationException.class,
        () -> new Training(spark, request(runFolder(folder), Existing.REFUSE)).run(stopping));
  }

  private TrainingRequest request(RunFolder folder, Existing existing) {
    return new TrainingRequest(
        new TrainingSetup(dataset, network, config), folder, existing, false, Beginning.NEW);
  }

  /** The lines of rounds.jsonl of the run in {@code folder}. */
  public static List<JsonNode> rounds(Path folder) throws IOException {
    List<JsonNode> rounds = new ArrayList<>();
    for (String line : Files.readAllLines(folder.resolve(RoundLog.FILE))) {
      rounds.add(new ObjectMapper().readTree(line));
    }
    return rounds;
  }

  public static RunFolder runFolder(Path folder) throws IOException {
    return new RunFolder(STORAGE, STORAGE.path(folder.toString()));
  }
}
