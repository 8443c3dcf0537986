package convoy.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

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
    killAt(ROUND, first);
    assertEquals(1, rig.hdfs().names(REGISTRY + "/retraining").size(), "it is gone on with");
    killAt(".*/versions/1/.*manifest.json.*", first);
    assertEquals(List.of(), promotions());
    killAt(".*/promotions/.*", first);
    assertEquals(List.of(), promotions());
    assertEquals(PROMOTED, end("an earlier call has made version 2: it is not trained", first));
    assertEquals(List.of("1.json"), promotions());
    assertEquals(2, champion(1));

    killAt(ROUND, "--force");
    assertEquals(List.of("1.json"), promotions());
    int status = end("resuming after epoch 1, round 3, ", "--force");
    assertTrue(status == PROMOTED || status == NOT_BETTER, "status " + status);
    assertEquals(
        status == PROMOTED ? List.of("1.json", "2.json") : List.of("1.json"), promotions());
    assertEquals(2, champion(1));
  }

  /** Starts a retraining, or goes on with one, and kills its driver in a round or a file. */
  private static void killAt(String where, String... more) throws Exception {
    rig.gate().close(where);
    try (ConvoyProcess process = rig.startRetraining(rig.hdfs().uri(REGISTRY), more)) {
      process.await("retraining in the middle of " + where, rig.gate()::isReached);
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

  /** The version that a promotion made the champion. */
  private static int champion(int promotion) throws IOException {
    return rig.hdfs().json(REGISTRY + "/promotions/" + promotion + ".json").get("version").asInt();
  }
}
