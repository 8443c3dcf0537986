package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import convoy.dataprep.Fingerprint;
import convoy.registry.RetrainingResult;
import convoy.registry.RetrainingResult.Outcome;
import convoy.run.RunLock;
import convoy.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

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

    // As when the driver dies after its promotion.
    String run = JobCall.json(json()).get("card").get("training").get("run").textValue();
    Path own = Files.createDirectories(registry.resolve("retraining").resolve(run));
    JobCall nothing = retrain();
    assertEquals(ExitStatus.NOTHING_NEW, nothing.status(), nothing.err());
    assertResult("NOTHING_NEW", "no part is new to version 1, the champion since ");
    assertFalse(Files.exists(own), "its version is there");

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
    assertEquals(2, result.get("promotion").intValue());
    assertFalse(result.get("reused").booleanValue() || result.get("forced").booleanValue());
    assertEquals(1, result.get("card").get("training").get("rule").get("largestFall").asInt());
    assertAnswersAreThoseOfTheMeasures(result.get("card"));
    String fingerprint = JobCall.json(data.resolve("dataset.json")).get("fingerprint").textValue();
    assertEquals(fingerprint, result.get("data").textValue());

    assertFalse(
        Files.exists(registry.resolve("retraining/interrupted-once")),
        "begun against another champion");

    append(3, 30);
    Path lately = Files.createDirectories(registry.resolve("retraining/interrupted-lately"));
    Path before = Files.createDirectories(registry.resolve("retraining/interrupted-before"));
    Files.setLastModifiedTime(before, FileTime.from(Instant.now().minus(8, ChronoUnit.DAYS)));
    String[] worse = {
      "--from", "scratch", "--set", SLOW, "--set", "epochs=1", "--old-share", "0.5"
    };
    JobCall notBetter = retrain(worse);
    assertEquals(ExitStatus.NOT_BETTER, notBetter.status(), notBetter.out() + notBetter.err());
    assertTrue(notBetter.out().contains("version 2 stays the champion"), notBetter.out());
    assertResult("NOT_BETTER", "accuracy ");
    JsonNode training = JobCall.json(json()).get("card").get("training");
    assertEquals("scratch", training.get("start").textValue());
    assertEquals(0.5, training.get("oldShare").doubleValue());
    assertEquals(1, training.get("newShare").doubleValue());
    assertTrue(Files.exists(registry.resolve("versions/3/lineage.md")));
    assertTrue(Files.exists(lately), "its command may go on");
    assertFalse(Files.exists(before), "nobody has gone on for a week");
    Files.delete(lately);

    JobCall again = retrain(worse);
    assertEquals(ExitStatus.NOT_BETTER, again.status(), again.err());
    assertFalse(Files.exists(registry.resolve("versions/4")), "it was tried before");
    assertTrue(JobCall.json(json()).get("reused").booleanValue());

    JobCall back = registry("rollback", "--reason", "complaints");
    assertEquals(ExitStatus.DONE, back.status(), back.err());
    assertTrue(back.out().contains("version 1 is the champion"), back.out());
    assertRegistryIsShownAndChangedByHand();
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

  private static void assertAnswersAreThoseOfTheMeasures(JsonNode card) {
    JsonNode answers = card.get("answers");
    long gained = answers.get("onlySecond").longValue() - answers.get("onlyFirst").longValue();
    JsonNode now = card.get("metrics"), before = card.get("championMetrics");
    double gain = now.get("accuracy").doubleValue() - before.get("accuracy").doubleValue();
    assertEquals(gain * now.get("images").longValue(), gained, 1e-9);
    assertTrue(gained > 0);
    String p = String.format(Locale.ROOT, "p = %.3g", answers.get("pValue").doubleValue());
    String reasons = card.get("training").get("decision").get("reasons").toString();
    assertTrue(reasons.contains(p), () -> p + " is not in " + reasons);
  }

  /** Of three versions, the first of which came back after the second. */
  private void assertRegistryIsShownAndChangedByHand() throws IOException {
    JobCall list = registry("list", "--json", json().toString());
    assertEquals(ExitStatus.DONE, list.status(), list.err());
    List<String> lines = list.out().lines().map(String::strip).toList();
    assertTrue(lines.get(0).matches("version +parent +network +added +accuracy +champion"));
    assertTrue(lines.get(1).matches("1 +- +tiny +20\\S+Z +\\d+\\.\\d\\d% +\\*"), lines.get(1));
    assertTrue(lines.get(3).matches("3 +2 +tiny +20\\S+Z +\\d+\\.\\d\\d%"), lines.get(3));
    assertTrue(lines.get(8).matches("3 +1 +rollback +20\\S+Z +complaints"), lines.get(8));
    assertEquals(9, lines.size());
    JsonNode listing = JobCall.json(json());
    assertEquals(1, listing.get("champion").intValue());
    assertEquals(3, listing.get("versions").size());
    assertEquals("ROLLBACK", listing.get("promotions").get(2).get("kind").textValue());

    JobCall show = registry("show", "--version", "2", "--json", json().toString());
    assertEquals(ExitStatus.DONE, show.status(), show.err());
    JsonNode card = JobCall.json(registry.resolve("versions/2/version.json"));
    assertEquals(card, new ObjectMapper().readTree(show.out()));
    assertEquals(card, JobCall.json(json()));
    JsonNode champion = new ObjectMapper().readTree(registry("show").out());
    assertEquals(1, champion.get("version").intValue());

    JobCall promoted = registry("promote", "--version", "2", "--reason", "after all");
    assertEquals(ExitStatus.DONE, promoted.status(), promoted.err());
    JsonNode promotion = JobCall.json(registry.resolve("promotions/4.json"));
    assertEquals(3, promotion.get("parent").intValue());
    assertEquals(2, promotion.get("version").intValue());
    assertEquals("after all", promotion.get("reason").textValue());
    assertWrong("version 2 is the champion already", "promote", "--version", "2");
    assertWrong("promote wants --version N", "promote");
    assertWrong("has no version 4", "promote", "--version", "4");
    assertWrong("has no version 4", "show", "--version", "4");
    assertWrong("--version is of show and promote", "rollback", "--version", "1");
    assertWrong("did you mean list?", "lost");
    assertWrong("--reason is of promote and rollback", "verify", "--reason", "none");
    JobCall elsewhere = JobCall.of(new RegistryJob(), "verify", "--registry", folder + "/typo");
    assertEquals(ExitStatus.WRONG_INPUT, elsewhere.status());
    assertTrue(elsewhere.err().contains("typo: no registry here"), elsewhere.err());
    JobCall empty = JobCall.of(new RegistryJob(), "verify", "--registry", folder.toString());
    assertTrue(empty.err().contains(folder + ": no registry here"), empty.err());
  }

  private void assertWrong(String reason, String... arguments) {
    JobCall call = registry(arguments);
    assertEquals(ExitStatus.WRONG_INPUT, call.status());
    assertTrue(call.err().contains(reason), call.err());
    assertEquals(1, call.err().lines().count(), call.err());
  }

  @Test
  void ruleIsThatOfTheCommandLine() throws IOException {
    assertEquals(ExitStatus.DONE, retrain(first()).status());
    String[] fast = {
      "--force", "--set", FAST, "--set", "epochs=15", "--set", "batchSize=8", "--largest-fall", "1"
    };
    JobCall margin = retrain(and(fast, "--margin", "0.99"));
    assertEquals(ExitStatus.NOT_BETTER, margin.status(), margin.err());
    assertResult("NOT_BETTER", "points, wanted at least 99.00");
    JobCall significance = retrain(and(fast, "--significance", "1e-100"));
    assertEquals(ExitStatus.NOT_BETTER, significance.status(), significance.err());
    assertResult("NOT_BETTER", "wanted at most 1.00e-100");
    JobCall promoted = retrain(fast);
    assertEquals(ExitStatus.DONE, promoted.status(), promoted.out() + promoted.err());
    JsonNode result = JobCall.json(json());
    assertEquals(4, result.get("card").get("version").intValue());
    assertTrue(result.get("forced").booleanValue());
  }

  /** What the file does not name is at its default, and not as the champion has it. */
  @Test
  void aFileTakesThePlaceOfTheChampionsSettings() throws IOException {
    assertEquals(ExitStatus.DONE, retrain(and(first(), "--set", "batchSize=8")).status());
    Path file =
        Files.writeString(
            folder.resolve("c.yaml"),
            "epochs: 1\nvalidationFraction: 0.3\noptimizer: {adam: {learningRate: 0.0000001}}\n");
    JobCall call = retrain("--force", "--config", file.toString(), "--new-share", "0.5");
    assertEquals(ExitStatus.NOT_BETTER, call.status(), call.err());
    JsonNode training = JobCall.json(json()).get("card").get("training");
    assertEquals("champion", training.get("start").textValue());
    assertEquals(32, training.get("config").get("batchSize").intValue());
    assertEquals(0.5, training.get("newShare").doubleValue());
    JobCall kept = retrain("--force", "--set", SLOW, "--set", "epochs=1");
    assertEquals(ExitStatus.NOT_BETTER, kept.status(), kept.err());
    training = JobCall.json(json()).get("card").get("training");
    assertEquals(8, training.get("config").get("batchSize").intValue(), "the champion's");
  }

  private static String[] and(String[] arguments, String... more) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of(more));
    return all.toArray(String[]::new);
  }

  @Test
  void divergedOneIs3AndDecidesNothing() {
    String wild = "optimizer={sgd: {learningRate: 1e30}}";
    JobCall call = retrain("--network", network.toString(), "--set", wild, "--set", "epochs=9");
    assertEquals(ExitStatus.DIVERGED, call.status(), call.err());
    assertFalse(Files.exists(json()));
    assertFalse(Files.exists(registry.resolve("promotions")));
  }

  @Test
  void stoppedOneIs75AndLetsGoOfTheRegistry() throws Exception {
    RetrainJob job = new RetrainJob();
    ScheduledExecutorService stopping = Executors.newSingleThreadScheduledExecutor();
    JobCall call;
    try {
      stopping.scheduleWithFixedDelay(job::stop, 10, 10, TimeUnit.MILLISECONDS);
      call = retrain(job, and(first(), "--set", "epochs=1000000"));
    } finally {
      stopping.shutdownNow();
    }
    assertEquals(ExitStatus.STOPPED, call.status(), call.err());
    assertTrue(call.err().contains("the same command goes on"), call.err());
    assertFalse(Files.exists(registry.resolve("run.lock")));
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
    JsonNode result = JobCall.json(json());
    assertEquals(1, result.get("champion").intValue());
    assertEquals(3, result.get("promotion").intValue());
    assertTrue(result.get("reused").booleanValue());

    Files.write(registry.resolve("versions/2/weights.safetensors"), new byte[10]);
    JobCall damaged = retrain(fast);
    assertEquals(ExitStatus.NOT_BETTER, damaged.status(), damaged.out() + damaged.err());
    assertFalse(Files.exists(registry.resolve("versions/3")), "it was made before");
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
  void withoutAHeldOutImageNothingIsTrained() throws IOException {
    JobCall call = retrain(and(first(), "--set", "validationFraction=0.000001"));
    assertEquals(ExitStatus.WRONG_INPUT, call.status(), call.out());
    assertTrue(call.err().contains("no image is held out by validationFraction 1.0E-6"));
    assertEquals(1, call.err().lines().count(), call.err());
    assertFalse(call.out().contains("epoch"), call.out());
    assertFalse(Files.exists(registry.resolve("retraining")));
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

  @ParameterizedTest
  @CsvSource({
    "PROMOTED, 0, 0",
    "NOTHING_NEW, 10, 0",
    "NOT_BETTER, 11, 0",
    "BUSY, 12, 0",
    // It is to be run again, by whoever does that.
    "OVERTAKEN, 1, 1",
  })
  void statusTellsSchedulersTheOutcome(Outcome outcome, int client, int cluster) {
    RetrainingResult result =
        new RetrainingResult(
            outcome,
            "2026-01-01T00:00:00Z",
            2,
            2,
            1,
            Fingerprint.ZERO,
            List.of(),
            List.of("why"),
            false,
            false,
            Optional.empty());
    assertEquals(client, new RetrainJob.Result(result, true).exitStatus());
    assertEquals(cluster, new RetrainJob.Result(result, false).exitStatus());
  }

  @Test
  void promotionByHandThatComesTooLateIsAFailureToTryAgain() {
    Exception late =
        assertThrows(IllegalStateException.class, () -> RegistryJob.done(Optional.empty()));
    assertTrue(late.getMessage().endsWith("look at it, and try again"), late.getMessage());
    assertEquals(ExitStatus.FAILED, Failure.of(late, Set.of()).status());
  }

  /** As Spark's masters repeat what exits otherwise. */
  @Test
  void inTheClusterADriverThatHasDecidedExitsWithZero() throws IOException {
    assertEquals(ExitStatus.DONE, retrain(first()).status());
    for (String key : List.of("spark.submit.deployMode", "spark.kubernetes.submitInDriver")) {
      TestSpark.useLocal(2);
      System.setProperty(key, key.equals("spark.submit.deployMode") ? "cluster" : "true");
      JobCall nothing = retrain();
      assertEquals(ExitStatus.DONE, nothing.status(), nothing.err());
      assertResult("NOTHING_NEW", "no part is new to version 1, the champion since ");
      Files.delete(json());
    }
    JobCall notBetter = retrain("--force", "--set", SLOW, "--margin", "0.99");
    assertEquals(ExitStatus.DONE, notBetter.status(), notBetter.err());
    assertResult("NOT_BETTER", "points, wanted at least 99.00");
    Storage storage = new Storage(new Configuration());
    try (RunLock lock = RunLock.take(storage, storage.path(registry.toString()))) {
      assertEquals(ExitStatus.DONE, retrain("--force").status());
      assertResult("BUSY", "is in use by another run");
      assertTrue(lock.isHeld());
    }
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
    return retrain(new RetrainJob(), more);
  }

  private JobCall retrain(RetrainJob job, String... more) {
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
    return JobCall.of(job, arguments.toArray(String[]::new));
  }

  private JobCall registry(String... arguments) {
    List<String> all = new ArrayList<>(List.of(arguments));
    all.addAll(List.of("--registry", registry.toString()));
    return JobCall.of(new RegistryJob(), all.toArray(String[]::new));
  }
}
