package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import convoy.averaging.RunLock;
import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import convoy.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RetrainJobTest {
  /** Learns next to nothing. */
  private static final String SLOW = "optimizer={adam: {learningRate: 0.0000001}}";

  /** Learns the images by heart. */
  private static final String FAST = "optimizer={adam: {learningRate: 0.01}}";

  @TempDir private Path folder;

  private Path registry;
  private Path data;
  private Path network;

  @BeforeEach
  void prepare() throws IOException {
    TestSpark.useLocal(2);
    registry = folder.resolve("registry");
    data = folder.resolve("data");
    network = Files.writeString(folder.resolve("tiny.yaml"), TestData.NETWORK);
    append(1, 90);
  }

  /** The whole way: first model, nothing new, new data and better, and worse, rollback. */
  @Test
  void championsFollowEachOtherAndComeBack() throws IOException {
    JobCall none = retrain();
    assertEquals(ExitStatus.WRONG_INPUT, none.status());
    assertTrue(none.err().contains("has no champion yet: name the --network"), none.err());

    JobCall first = retrain("--network", network.toString(), "--set", SLOW, "--set", "epochs=1");
    assertEquals(ExitStatus.DONE, first.status(), first.err());
    assertTrue(first.out().contains("promoted: version 1 is the champion"), first.out());

    JobCall nothing = retrain();
    assertEquals(ExitStatus.NOTHING_NEW, nothing.status(), nothing.err());
    assertResult("NOTHING_NEW", "no part is new");

    append(2, 60);
    Files.createDirectories(registry.resolve("retraining/interrupted-once/checkpoints/7"));
    // The first champion takes all for one class.
    JobCall better =
        retrain("--set", FAST, "--set", "epochs=15", "--set", "batchSize=8", "--largest-fall", "1");
    assertEquals(ExitStatus.DONE, better.status(), better.out() + better.err());
    JsonNode result = JobCall.json(json());
    assertEquals("PROMOTED", result.get("outcome").textValue());
    assertEquals(1, result.get("previous").intValue());
    assertEquals(2, result.get("champion").intValue());
    assertEquals("parts/2", result.get("newParts").get(0).textValue());
    assertEquals(3, result.get("reasons").size());
    String fingerprint = JobCall.json(data.resolve("dataset.json")).get("fingerprint").textValue();
    assertEquals(fingerprint, result.get("data").textValue());

    assertFalse(
        Files.exists(registry.resolve("retraining/interrupted-once")),
        "begun against another champion");

    append(3, 30);
    String[] worse = {"--from", "scratch", "--set", SLOW, "--set", "epochs=1"};
    JobCall notBetter = retrain(worse);
    assertEquals(ExitStatus.NOT_BETTER, notBetter.status(), notBetter.out() + notBetter.err());
    assertTrue(notBetter.out().contains("version 2 stays the champion"), notBetter.out());
    assertResult("NOT_BETTER", "accuracy ");
    assertTrue(Files.exists(registry.resolve("versions/3/lineage.md")));

    JobCall again = retrain(worse);
    assertEquals(ExitStatus.NOT_BETTER, again.status(), again.err());
    assertFalse(Files.exists(registry.resolve("versions/4")), "it was tried before");

    JobCall back = registry("rollback", "--reason", "complaints");
    assertEquals(ExitStatus.DONE, back.status(), back.err());
    assertTrue(back.out().contains("version 1 is the champion"), back.out());
    JobCall verified = registry("verify");
    assertEquals(ExitStatus.DONE, verified.status(), verified.err());
    assertTrue(verified.out().startsWith("3 versions, all as they were written"));
    Files.writeString(registry.resolve("versions/2/lineage.md"), "better than that");
    JobCall altered = registry("verify", "--json", json().toString());
    assertEquals(ExitStatus.WRONG_INPUT, altered.status());
    assertTrue(altered.out().endsWith("3 versions, faults: 1\n"), altered.out());
    String fault = JobCall.json(json()).get("wrong").get(0).textValue();
    assertTrue(fault.contains("versions/2/lineage.md"), fault);
    assertFalse(Files.exists(registry.resolve("run.lock")));
    try (var left = Files.list(registry.resolve("retraining"))) {
      assertEquals(0, left.count(), "nothing is kept to go on from");
    }
  }

  @Test
  void championThatWasTakenBackIsNotPromotedByTheSameRetrainingAgain() throws IOException {
    String[] slow = {"--network", network.toString(), "--set", SLOW, "--set", "epochs=1"};
    assertEquals(ExitStatus.DONE, retrain(slow).status());
    append(2, 60);
    String[] fast = {
      "--set", FAST, "--set", "epochs=15", "--set", "batchSize=8", "--largest-fall", "1"
    };
    assertEquals(ExitStatus.DONE, retrain(fast).status());
    assertEquals(ExitStatus.DONE, registry("rollback").status());
    JobCall again = retrain(fast);
    assertEquals(ExitStatus.NOT_BETTER, again.status(), again.out() + again.err());
    assertTrue(again.out().contains("version 2 before, which was the champion"), again.out());
    assertEquals(1, JobCall.json(json()).get("champion").intValue());
  }

  @Test
  void versionThatWasAddedButNotPromotedIsPromotedByTheNextCall() throws IOException {
    String[] first = {"--network", network.toString(), "--set", FAST, "--set", "epochs=2"};
    assertEquals(ExitStatus.DONE, retrain(first).status());
    Files.delete(registry.resolve("promotions/1.json"));
    JobCall next = retrain(first);
    assertEquals(ExitStatus.DONE, next.status(), next.err());
    assertTrue(next.out().contains("promoted: version 1 is the champion"), next.out());
    assertFalse(Files.exists(registry.resolve("versions/2")), "it was not trained again");
  }

  @Test
  void largerValidationShareThanTheChampionsIsRefused() throws IOException {
    assertEquals(
        ExitStatus.DONE,
        retrain("--network", network.toString(), "--set", SLOW, "--set", "epochs=1").status());
    append(2, 30);
    JobCall call = retrain("--set", "validationFraction=0.5");
    assertEquals(ExitStatus.WRONG_INPUT, call.status());
    assertTrue(call.err().contains("set validationFraction=0.3"), call.err());
    assertEquals(
        ExitStatus.WRONG_INPUT, retrain("--network", network.toString()).status(), "no scratch");
  }

  @Test
  void whileAnotherRetrainingHoldsTheLockOneHasNothingToDo() throws IOException {
    assertEquals(ExitStatus.DONE, retrain(first()).status());
    append(2, 30);
    Storage storage = new Storage(new Configuration());
    try (RunLock lock = RunLock.take(storage, storage.path(registry.toString()))) {
      JobCall busy = retrain();
      assertEquals(ExitStatus.BUSY, busy.status(), busy.err());
      assertResult("BUSY", "is in use by another run");
      assertTrue(lock.isHeld());
    }
    assertFalse(Files.exists(registry.resolve("versions/2")));
  }

  /** As Spark's masters repeat what exits otherwise. */
  @Test
  void inTheClusterADriverThatHasDecidedExitsWithZero() throws IOException {
    assertEquals(ExitStatus.DONE, retrain(first()).status());
    System.setProperty("spark.kubernetes.submitInDriver", "true");
    JobCall nothing = retrain();
    assertEquals(ExitStatus.DONE, nothing.status(), nothing.err());
    assertResult("NOTHING_NEW", "no part is new");
    JobCall wrong = retrain("--set", "validationFraction=0.5", "--force");
    assertEquals(ExitStatus.WRONG_INPUT, wrong.status(), "nothing was decided");
  }

  private String[] first() {
    return new String[] {"--network", network.toString(), "--set", SLOW, "--set", "epochs=1"};
  }

  private void assertResult(String outcome, String reason) throws IOException {
    JsonNode result = JobCall.json(json());
    assertEquals(outcome, result.get("outcome").textValue());
    String first = result.get("reasons").get(0).textValue();
    assertTrue(first.contains(reason), first);
  }

  private void append(long seed, int images) throws IOException {
    Path source = TestData.source(folder.resolve("source" + seed), seed, images, 3);
    List<String> arguments =
        new ArrayList<>(List.of("--source", source.toString(), "--out", data.toString()));
    if (Files.exists(data)) {
      arguments.add("--append");
    }
    JobCall call = JobCall.of(new PrepareJob(), arguments.toArray(String[]::new));
    assertEquals(ExitStatus.DONE, call.status(), call.err());
  }

  private Path json() {
    return folder.resolve("result.json");
  }

  private JobCall retrain(String... more) {
    List<String> arguments =
        new ArrayList<>(
            List.of(
                "--registry",
                registry.toString(),
                "--data",
                data.toString(),
                "--json",
                json().toString()));
    boolean first = List.of(more).contains("--network") && more.length > 2;
    if (first) {
      arguments.addAll(List.of("--set", "validationFraction=0.3", "--set", "shards=2"));
    }
    arguments.addAll(List.of(more));
    return JobCall.of(new RetrainJob(), arguments.toArray(String[]::new));
  }

  private JobCall registry(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--registry", registry.toString()));
    return JobCall.of(new RegistryJob(), all.toArray(String[]::new));
  }
}
