package convoy.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Retrainings on a standalone Spark and HDFS whose driver, a process of bin/convoy, is killed: the
 * champion stays as it was, and the same command goes on.
 */
@Timeout(600)
class RetrainFaultIT {
  private static final int PROMOTED = 0, NOT_BETTER = 11;

  /** After the first epoch's checkpoint, and not the last round of an epoch. */
  private static final String ROUND = "epoch 2, round 4";

  private static final String AFTER_ROUND_3 = "resuming after epoch 1, round 3, ";

  private static final String REGISTRY = "/registry";

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
  void oneThatIsKilledLeavesTheChampionAndTheSameCommandGoesOn() throws Exception {
    String[] first = {"--network", rig.network()};
    killAt(ROUND, "trains tiny from scratch", first);
    killAt(".*/versions/1/.*manifest.json.*", AFTER_ROUND_3, first);
    killAt(".*/promotions/.*", "resuming after epoch 3, round 9, ", first);
    assertEquals(List.of(), promotions());
    assertEquals(PROMOTED, end("an earlier call has made version 2: it is not trained", first));
    assertEquals(List.of("1.json"), promotions());
    assertEquals(2, champion(1));
    assertTrue(rig.isReference(version(2).required("weightsDigest").textValue()), "other weights");

    killAt(ROUND, "trains tiny from champion", "--force");
    assertEquals(List.of("1.json"), promotions());
    int status = end(AFTER_ROUND_3, "--force");
    assertEquals(2, version(3).required("parent").asInt());
    if (status == PROMOTED) {
      assertEquals(3, champion(2));
    } else {
      assertEquals(NOT_BETTER, status);
      assertEquals(List.of("1.json"), promotions());
    }
  }

  /**
   * Starts a retraining, which tells of {@code told}, and kills its driver in a round or a file.
   */
  private static void killAt(String where, String told, String... more) throws Exception {
    rig.gate().close(where);
    try (ConvoyProcess process = rig.startRetraining(rig.hdfs().uri(REGISTRY), more)) {
      process.await("retraining in the middle of " + where, rig.gate()::isReached);
      assertTrue(process.output().contains(told), process.output());
      process.driver().destroyForcibly();
      process.status();
    }
    rig.gate().open();
  }

  /** Lets one come to its end, which tells of {@code told}; its status. */
  private static int end(String told, String... more) throws Exception {
    try (ConvoyProcess process = rig.startRetraining(rig.hdfs().uri(REGISTRY), more)) {
      int status = process.status();
      assertTrue(process.output().contains(told), process.output());
      assertFalse(rig.hdfs().names(REGISTRY).contains("run.lock"));
      assertEquals(List.of(), rig.hdfs().names(REGISTRY + "/retraining"), "nothing to go on from");
      return status;
    }
  }

  private static List<String> promotions() throws IOException {
    return rig.hdfs().names(REGISTRY + "/promotions").stream()
        .filter(name -> !name.startsWith("."))
        .toList();
  }

  private static JsonNode version(int number) throws IOException {
    return rig.hdfs().json(REGISTRY + "/versions/" + number + "/version.json");
  }

  /** The version that a promotion made the champion. */
  private static int champion(int promotion) throws IOException {
    return rig.hdfs().json(REGISTRY + "/promotions/" + promotion + ".json").get("version").asInt();
  }
}
