package convoy.averaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.cluster.Numerics;
import convoy.engine.training.StepRange;
import convoy.engine.training.TrainingMetrics;
import java.util.List;
import org.junit.jupiter.api.Test;

public class RoundFiguresTest {
  private static final Numerics NUMERICS = new Numerics(3, "vector");

  /** Shards 0 and 1 have trained on one executor, shard 2 has nothing left. */
  public static final RoundFigures FIGURES =
      new RoundFigures(
          7,
          new StepRange(1, 10, 15, 30),
          0.01,
          List.of(
              report(0, new TrainingMetrics(20, 30, 5, -1, 1_500_000_000L), "1 at a"),
              report(1, new TrainingMetrics(10, 6, 4, -1, 500_000_999L), "1 at a"),
              report(2, TrainingMetrics.NONE, "2 at b")),
          new ReplicaDistances(new double[] {1, 9, 1e6}, 4),
          new RoundTimes(2_000_000_000L, 1_000_000L, 250_000_000L),
          1_000);

  @Test
  void jsonHasTheDocumentedKeys() throws Exception {
    JsonNode expected =
        new ObjectMapper()
            .readTree(
                """
                {"round": 7, "epoch": 2, "steps": 5, "step": 35, "learningRate": 0.01,
                 "images": 30, "loss": 1.2, "accuracy": 0.3,
                 "meanDistance": 1.0, "largestDistance": 1.5,
                 "computeSeconds": 2.0, "broadcastSeconds": 0.001, "averagingSeconds": 0.25,
                 "broadcastBytes": 2000, "reducedBytes": 3000, "weightsDigest": "abc",
                 "shards": [
                   {"shard": 0, "images": 20, "loss": 1.5, "accuracy": 0.25, "distance": 0.5,
                    "computeSeconds": 1.5, "executor": "1 at a"},
                   {"shard": 1, "images": 10, "loss": 0.6, "accuracy": 0.4, "distance": 1.5,
                    "computeSeconds": 0.5, "executor": "1 at a"},
                   {"shard": 2, "images": 0, "computeSeconds": 0.0, "executor": "2 at b"}]}
                """);
    String line = new ObjectMapper().writeValueAsString(FIGURES.toTree("abc"));
    assertEquals(expected, new ObjectMapper().readTree(line));
  }

  @Test
  void aShardThatTrainedNothingIsNoneOfTheReplicas() {
    assertEquals(1, FIGURES.meanDistance());
    assertEquals(1.5, FIGURES.largestDistance());
  }

  @Test
  void aRoundWithoutImagesHasNoLoss() {
    RoundFigures none =
        new RoundFigures(
            1,
            new StepRange(0, 0, 0, 0),
            0.01,
            List.of(report(0, TrainingMetrics.NONE, "1 at a")),
            ReplicaDistances.none(1),
            RoundTimes.NONE,
            8);
    ObjectNode tree = none.toTree("abc");
    assertFalse(tree.has("loss") || tree.has("accuracy"), tree.toString());
    assertEquals(0, tree.get("meanDistance").doubleValue());
  }

  @Test
  void theLogHasFixedKeys() {
    assertEquals(
        "epoch=2 round=7 steps=5 learningRate=0.01000 loss=1.2000 accuracy=0.3000 meanDistance=1.00"
            + " largestDistance=1.50 computeSeconds=2.000 broadcastSeconds=0.001"
            + " averagingSeconds=0.250",
        FIGURES.line());
  }

  private static ShardReport report(int shard, TrainingMetrics metrics, String executor) {
    return new ShardReport(shard, metrics, 0, executor, NUMERICS);
  }
}
