package convoy.registry;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import convoy.dataprep.ContentHash;
import convoy.dataprep.ImageDataset;
import convoy.dataprep.Prepare;
import convoy.dataprep.PrepareOptions;
import convoy.dataprep.Split;
import convoy.engine.training.TrainingConfig;
import convoy.registry.Promotion.Kind;
import convoy.registry.RetrainingResult.Outcome;
import convoy.run.RunLock;
import convoy.storage.Storage;
import convoy.training.EpochReport;
import convoy.training.StoppedException;
import convoy.training.TrainingProgress;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What a retraining trains, and what becomes of it if something happens meanwhile. */
class RetrainingTest {
  private static final double HELD_OUT = 0.3;
  private static final int OLD_IMAGES = 90;
  private static final int NEW_IMAGES = 60;

  /** So little that the weights stay the same. */
  private static final String STILL = "optimizer={sgd: {learningRate: 1e-30}}";

  /** Enough for a better model. */
  private static final String[] LEARNING = {
    "optimizer={adam: {learningRate: 0.01}}", "epochs=15", "batchSize=8"
  };

  @TempDir private static Path shared;

  private static SparkSession spark;
  private static ImageDataset before;
  private static ImageDataset grown;

  @TempDir private Path folder;

  private Storage storage;
  private Registry registry;

  @BeforeAll
  static void prepare() throws IOException {
    spark = TestSpark.local(2);
    before = TestData.dataset(spark, shared.resolve("before"), 1, OLD_IMAGES, 3);
    TestData.dataset(spark, shared.resolve("grown"), 1, OLD_IMAGES, 3);
    Path more = TestData.source(shared.resolve("more"), 2, NEW_IMAGES, 3);
    String data = shared.resolve("grown/dataset").toString();
    PrepareOptions append =
        PrepareOptions.defaults(more.toString(), data).withExisting(PrepareOptions.Existing.APPEND);
    grown = new Prepare(spark).run(append).dataset();
  }

  @BeforeEach
  void open() throws IOException {
    storage = new Storage(new Configuration());
    registry = Registry.open(storage, folder.resolve("registry").toString());
  }

  @Test
  void stoppedOneGoesOnAndComesToTheSameWeights() throws Exception {
    Registry other = Registry.open(storage, folder.resolve("other").toString());
    RetrainingOptions options = options(1, 1, "epochs=3");
    Version whole = challenger(retraining(other, before, options).run(told(epoch -> {})));
    assertEquals(0, whole.training().resumedAfterRound());

    Retraining stopped = retraining(registry, before, options);
    Consumer<EpochReport> stop =
        report -> assertTrue(report.epoch() > 1 || stopped.stop(), "it is being trained");
    assertThrows(StoppedException.class, () -> stopped.run(told(stop)));
    assertEquals(Optional.empty(), registry.champion());
    assertEquals(1, registry.runs().size());

    List<Integer> epochs = new ArrayList<>();
    RetrainingResult result =
        retraining(registry, before, options).run(told(report -> epochs.add(report.epoch())));
    assertEquals(Outcome.PROMOTED, result.outcome());
    assertEquals(List.of(2, 3), epochs);
    assertEquals(1, challenger(result).training().resumedAfterRound());
    assertEquals(whole.weightsDigest(), challenger(result).weightsDigest());
    assertEquals(List.of(), registry.runs());
  }

  /** Nobody may be there to remove what a broken disk has left. */
  @ParameterizedTest
  @ValueSource(ints = {1, 2})
  void stoppedOneGoesOnFromItsNewestGoodCheckpoint(int damaged) throws Exception {
    RetrainingOptions options = options(1, 1, "epochs=3");
    Retraining stopped = retraining(registry, before, options);
    Consumer<EpochReport> stop =
        report -> assertTrue(report.epoch() != 2 || stopped.stop(), "it is being trained");
    assertThrows(StoppedException.class, () -> stopped.run(told(stop)));
    Path checkpoints = Path.of(registry.runs().get(0).toUri()).resolve("checkpoints");
    for (int round = 2; round > 2 - damaged; round--) {
      Files.write(checkpoints.resolve(round + "/weights.safetensors"), new byte[10]);
    }

    List<Integer> epochs = new ArrayList<>();
    RetrainingResult result =
        retraining(registry, before, options).run(told(report -> epochs.add(report.epoch())));
    assertEquals(Outcome.PROMOTED, result.outcome());
    assertEquals(damaged == 1 ? List.of(2, 3) : List.of(1, 2, 3), epochs);
    assertEquals(2 - damaged, challenger(result).training().resumedAfterRound());
    assertEquals(List.of(), registry.runs());
  }

  /** The first epoch's, as nothing is learnt; and the log, whose end is missing. */
  @ParameterizedTest
  @ValueSource(ints = {2, 3})
  void stoppedOneGoesOnWithoutItsBestCheckpointWhereThatIsDamaged(int last) throws Exception {
    RetrainingOptions options = options(1, 1, STILL, "epochs=" + last);
    Retraining stopped = retraining(registry, before, options);
    Consumer<EpochReport> stop =
        report -> assertTrue(report.epoch() != 2 || stopped.stop(), "it is being trained");
    assertThrows(StoppedException.class, () -> stopped.run(told(stop)));
    Path run = Path.of(registry.runs().get(0).toUri());
    assertTrue(Files.readString(run.resolve("best.json")).contains("checkpoints/1"));
    Files.write(run.resolve("checkpoints/1/weights.safetensors"), new byte[10]);
    Files.writeString(run.resolve("rounds.jsonl"), "{\"round\" : 1}\n{\"round\" :");

    List<Integer> epochs = new ArrayList<>();
    RetrainingResult result =
        retraining(registry, before, options).run(told(report -> epochs.add(report.epoch())));
    assertEquals(Outcome.PROMOTED, result.outcome());
    assertEquals(last == 2 ? List.of() : List.of(3), epochs);
    assertEquals(2, challenger(result).training().resumedAfterRound());
    assertEquals(List.of(), registry.runs());
  }

  @Test
  void challengerBeginsWithTheChampionsWeightsOnTheSharesOfTheParts() throws Exception {
    first();
    long oldHeldOut = heldOut(before), newHeldOut = heldOut(grown) - oldHeldOut;
    List<Long> images = new ArrayList<>();
    Version warm = trained(images, options(0, 1, STILL, "epochs=1"));
    assertEquals("champion", warm.training().start());
    assertEquals(List.of("parts/2"), warm.training().newParts());
    assertEquals(NEW_IMAGES - newHeldOut, images.get(0));
    assertArrayEquals(weights(1), weights(warm.version()), 1e-20f);
    assertEquals(heldOut(grown), warm.metrics().get("images").longValue());
    assertEquals(heldOut(grown), warm.championMetrics().get("images").longValue());
    assertEquals(warm.championMetrics(), warm.metrics(), "they are the same model");

    Version half = trained(images, options(0.5, 1, STILL, "epochs=1"));
    long old = images.get(1) - (NEW_IMAGES - newHeldOut);
    assertTrue(old > 0 && old < OLD_IMAGES - oldHeldOut, old + " of the old ones");
    assertEquals(0.5, half.training().oldShare());

    Version all = trained(images, options(1, 1, STILL, "epochs=1"));
    assertEquals(OLD_IMAGES + NEW_IMAGES - heldOut(grown), images.get(2));
    assertEquals(1, all.parent());
  }

  /** Trains a challenger of one epoch, and adds how many images it has seen to {@code images}. */
  private Version trained(List<Long> images, RetrainingOptions options) throws Exception {
    Retraining retraining = retraining(registry, grown, options);
    return challenger(retraining.run(told(report -> images.add(report.metrics().images()))));
  }

  private static long heldOut(ImageDataset dataset) {
    long count = 0;
    for (Row row : dataset.rows(spark, Split.TRAIN).collectAsList()) {
      String name = TestData.CLASSES.get(row.<Integer>getAs("label"));
      byte[] hash = ContentHash.of(name, dataset.imageSize(), row.getAs("image"));
      count += ContentHash.isValidation(hash, HELD_OUT) ? 1 : 0;
    }
    assertTrue(count > 0);
    return count;
  }

  @Test
  void oneThatIsOvertakenDoesNotPromote() throws Exception {
    first();
    long second = TestVersions.add(registry, 8, 1);
    Consumer<EpochReport> overtaking =
        report -> {
          if (report.epoch() == 1) {
            promote(second);
          }
        };
    RetrainingOptions options = options(1, 1, LEARNING);
    Retraining late = retraining(registry, grown, options);
    RetrainingResult result = late.run(told(overtaking));
    assertEquals(Outcome.OVERTAKEN, result.outcome());
    assertEquals(second, result.champion());
    String reason = result.reasons().get(0);
    assertTrue(reason.contains("another promotion was made meanwhile, version 3 stays"), reason);
    assertEquals(second, registry.champion().orElseThrow().version());
    assertEquals(2, registry.promotions().size());
    assertTrue(registry.version(3).training().decision().promote());
    assertFalse(Files.exists(folder.resolve("registry/run.lock")));
  }

  private void promote(long version) {
    try {
      Optional<Promotion> seen = registry.champion();
      registry.promote(seen, version, Kind.PROMOTION, "by hand").orElseThrow();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /**
   * As when one sleeps so long that the registry's lock expires, and that of its run, or not: the
   * other one is a whole retraining.
   */
  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void ofTwoAtOnceOneAlonePromotes(boolean runExpired) throws Exception {
    first();
    RetrainingOptions longer =
        options(1, 1, "optimizer={adam: {learningRate: 0.01}}", "epochs=16", "batchSize=8");
    List<RetrainingResult> others = new ArrayList<>();
    Consumer<EpochReport> other =
        report -> {
          if (others.isEmpty()) {
            others.add(afterItsLockExpired(longer, runExpired));
          }
        };
    Retraining late = retraining(registry, grown, options(1, 1, LEARNING));
    if (runExpired) {
      // With the promotion its run was removed, at which it ends.
      assertThrows(IllegalStateException.class, () -> late.run(told(other)));
    } else {
      assertEquals(Outcome.OVERTAKEN, late.run(told(other)).outcome());
      assertTrue(registry.version(3).training().decision().promote());
    }
    assertEquals(Outcome.PROMOTED, others.get(0).outcome());
    assertEquals(2, others.get(0).champion());
    assertEquals(2, registry.promotions().size());
    assertEquals(2, registry.champion().orElseThrow().version());
    assertEquals(runExpired ? 2 : 3, registry.versions().size());
  }

  private RetrainingResult afterItsLockExpired(RetrainingOptions options, boolean runExpired) {
    try {
      Files.delete(folder.resolve("registry/run.lock"));
      if (runExpired) {
        Files.delete(Path.of(registry.runs().get(0).toUri()).resolve("run.lock"));
      }
      return retraining(registry, grown, options).run(told(report -> {}));
    } catch (IOException | InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  /** As after a long pause: it decides all the same, and leaves what may be its successor's. */
  @Test
  void oneWhoseLockWasTakenOverLeavesTheFolderOfItsRun() throws Exception {
    Path lock = folder.resolve("registry/run.lock");
    List<RunLock> successor = new ArrayList<>();
    Consumer<EpochReport> takingOver =
        report -> {
          try {
            if (successor.isEmpty()) {
              Files.delete(lock);
              successor.add(RunLock.take(storage, registry.folder()));
            }
          } catch (IOException e) {
            throw new AssertionError(e);
          }
        };
    RetrainingResult result =
        retraining(registry, before, options(1, 1, "epochs=2")).run(told(takingOver));
    assertEquals(Outcome.PROMOTED, result.outcome());
    assertEquals(1, registry.runs().size());
    assertTrue(successor.get(0).isHeld());
    successor.get(0).close();
  }

  @Test
  void cardTellsPeopleWhatTheVersionIs() throws Exception {
    first();
    Version version =
        challenger(retraining(registry, grown, options(0.5, 1, LEARNING)).run(told(r -> {})));
    String card = Files.readString(folder.resolve("registry/versions/2/lineage.md"));
    for (String part :
        List.of(
            "# Version 2: tiny\n",
            "- begun " + version.begun() + ", added " + version.created(),
            "- challenger of version 1, trained from champion\n",
            "- weights `" + version.weightsDigest() + "`",
            "convoy ",
            "spark " + spark.version(),
            "java " + Runtime.version(),
            "fingerprint `" + grown.fingerprint() + "`",
            "| parts/1 | `" + grown.parts().get(0).fingerprint() + "` | no | 0.5 |",
            "| parts/2 | `" + grown.parts().get(1).fingerprint() + "` | yes | 1.0 |",
            version.training().decision().promote() ? "Promote." : "Keep the champion.",
            "- " + version.training().decision().reasons().get(0) + "\n",
            "images " + heldOut(grown) + ", loss " + version.metrics().get("loss").asText(),
            "The champion: images " + heldOut(grown),
            "\"batchSize\" : 8")) {
      assertTrue(card.contains(part), () -> part + " is not in\n" + card);
    }
  }

  /** A champion that has learnt nothing. */
  private void first() throws Exception {
    RetrainingResult result =
        retraining(registry, before, options(1, 1, STILL, "epochs=1")).run(told(report -> {}));
    assertEquals(Outcome.PROMOTED, result.outcome());
  }

  private float[] weights(long version) throws IOException {
    return registry.model(version).parameters().values();
  }

  private static Version challenger(RetrainingResult result) {
    assertFalse(result.reused());
    return result.challenger().orElseThrow();
  }

  private Retraining retraining(Registry into, ImageDataset data, RetrainingOptions options)
      throws IOException {
    return new Retraining(spark, storage, into, data, options);
  }

  private RetrainingOptions options(double oldShare, double newShare, String... settings)
      throws IOException {
    boolean first = registry.champion().isEmpty();
    return new RetrainingOptions(
        first ? Optional.of(TestData.network()) : Optional.empty(),
        champion -> champion.with("validationFraction=" + HELD_OUT, "shards=2").with(settings),
        false,
        oldShare,
        newShare,
        new PromotionRule(0, 0.05, 1),
        false);
  }

  private static Function<TrainingConfig, TrainingProgress> told(Consumer<EpochReport> epochDone) {
    return config -> epochDone::accept;
  }
}
