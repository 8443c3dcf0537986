package convoy.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import convoy.averaging.TestSpark;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/**
 * Retrainings on a standalone Spark and HDFS whose driver, a process of bin/convoy, is killed: the
 * champion stays as it was, and the same command goes on; or sleeps: it does not promote any more.
 */
@Timeout(900)
class RetrainFaultIT {
  private static final int PROMOTED = 0, FAILED = 1, NOTHING_NEW = 10, NOT_BETTER = 11, BUSY = 12;

  /** After the first epoch's checkpoint, and not the last round of an epoch. */
  private static final String ROUND = "epoch 2, round 4";

  private static final String REGISTRY = "/registry";

  /** After which a lock expires that is not renewed. */
  private static final int LEASE_SECONDS = 60;

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
    killAt(".*/versions/1/.*manifest.json.*", first);
    assertEquals(3, resumedAfterRound(1), "it went on from the first epoch");
    killAt(".*/promotions/.*", first);
    assertEquals(9, resumedAfterRound(2), "it went on from the last epoch");
    assertEquals(List.of(), promotions());
    assertEquals(PROMOTED, end(first).status());
    assertEquals(List.of("1.json"), promotions());
    assertEquals(2, champion(1), "the version was there, and was not made again");
    assertTrue(rig.isReference(version(2).required("weightsDigest").textValue()), "other weights");

    killAt(ROUND, "--force");
    assertEquals(List.of("1.json"), promotions());
    Ended forced = end("--force");
    assertEquals(3, resumedAfterRound(3));
    assertEquals(2, version(3).required("parent").asInt());
    assertEquals(NOT_BETTER, forced.status(), forced.output());
    assertEquals(List.of("1.json"), promotions());
  }

  /** By the clock of the file system, which is the namenode's. */
  @Test
  void oneThatWakesAfterItsLockExpiredDoesNotPromote() throws Exception {
    String registry = "/sleepers-registry";
    String[] first = {"--network", rig.network()};
    String[] other = {"--network", rig.network(), "--set", "seed=5"};
    TestSpark.stop();
    rig.gate().close(".*" + registry + "/promotions/.*");
    try (ConvoyProcess sleeper = rig.startRetraining(rig.hdfs().uri(registry), first)) {
      sleeper.await("promotion", rig.gate()::isReached);
      assertEquals(BUSY, status(registry, other));
      signal(sleeper.driver(), "STOP");
      rig.gate().open();
      TimeUnit.SECONDS.sleep(LEASE_SECONDS + 1);
      assertEquals(PROMOTED, status(registry, other));
      signal(sleeper.driver(), "CONT");
      assertEquals(FAILED, sleeper.status());
      String output = sleeper.output();
      assertTrue(output.contains("another promotion was made meanwhile, version 1 stays"), output);
    }
    assertEquals(List.of("1.json"), promotions(registry));
    assertEquals(2, promotion(registry, 1).get("version").asInt());
    assertEquals(NOTHING_NEW, status(registry));
    assertEquals(List.of(), rig.hdfs().names(registry + "/retraining"));
  }

  /** How a retraining that nothing stops has ended. */
  private static int status(String registry, String... more) throws Exception {
    try (ConvoyProcess process = rig.startRetraining(rig.hdfs().uri(registry), more)) {
      return process.status();
    }
  }

  private static void signal(ProcessHandle process, String name) throws Exception {
    String[] kill = {"kill", "-" + name, Long.toString(process.pid())};
    assertEquals(0, new ProcessBuilder(kill).start().waitFor());
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

  /** How one has ended. */
  private record Ended(int status, String output) {}

  /** Lets one come to its end. */
  private static Ended end(String... more) throws Exception {
    try (ConvoyProcess process = rig.startRetraining(rig.hdfs().uri(REGISTRY), more)) {
      int status = process.status();
      assertFalse(rig.hdfs().names(REGISTRY).contains("run.lock"), process.output());
      assertEquals(List.of(), rig.hdfs().names(REGISTRY + "/retraining"), "nothing to go on from");
      return new Ended(status, process.output());
    }
  }

  /** The round after which the training of a version was gone on with the last time. */
  private static int resumedAfterRound(int number) throws IOException {
    return version(number).required("training").required("resumedAfterRound").asInt();
  }

  private static List<String> promotions() throws IOException {
    return promotions(REGISTRY);
  }

  private static List<String> promotions(String registry) throws IOException {
    return rig.hdfs().names(registry + "/promotions").stream()
        .filter(name -> !name.startsWith("."))
        .toList();
  }

  private static JsonNode version(int number) throws IOException {
    return rig.hdfs().json(REGISTRY + "/versions/" + number + "/version.json");
  }

  /** The version that a promotion made the champion. */
  private static int champion(int number) throws IOException {
    return promotion(REGISTRY, number).get("version").asInt();
  }

  private static JsonNode promotion(String registry, int number) throws IOException {
    return rig.hdfs().json(registry + "/promotions/" + number + ".json");
  }
}
