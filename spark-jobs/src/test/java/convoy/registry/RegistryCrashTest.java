package convoy.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.conf.Configuration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A registry on a local file system whose processes are killed. */
class RegistryCrashTest {
  private static final int ROUNDS = 5;
  private static final int CONTENDERS = 2;
  private static final long LIMIT_SECONDS = 60;

  @TempDir private Path folder;

  @Test
  void aCrashAtAnyStepLeavesAChampionAndTheNextGoesOn() throws Exception {
    Storage storage = new Storage(new Configuration());
    try (LocalCrashes crashes = new LocalCrashes()) {
      CrashAtEachStep.assertTheNextGoesOn(
          name -> Registry.open(storage, folder.resolve(name).toString()),
          (registry, steps) -> crashes.crashes(registry.folder().toString(), steps));
    }
  }

  @Test
  void ofTwoOneIsPromotedAtWhicheverStepTheOtherComes() throws Exception {
    Storage storage = new Storage(new Configuration());
    try (LocalCrashes crashes = new LocalCrashes()) {
      CrashAtEachStep.assertOneOfTwoIsPromoted(
          name -> Registry.open(storage, folder.resolve(name).toString()),
          (registry, steps, meanwhile) ->
              crashes.pauses(registry.folder().toString(), steps, meanwhile));
    }
  }

  /** In each round the two promote against each other, and go on from what the last ones left. */
  @Test
  void killedPromotersLeaveAChampionAndTheNextGoOn() throws Exception {
    Registry registry = Registry.open(new Storage(new Configuration()), registry().toString());
    int before = 0;
    for (int round = 0; round < ROUNDS; round++) {
      List<Path> told = new ArrayList<>();
      List<Process> promoters = new ArrayList<>();
      try {
        for (int i = 0; i < CONTENDERS; i++) {
          told.add(folder.resolve("told" + round + "." + i));
          promoters.add(promoter(told.get(i)));
        }
        awaitLines(told, promoters);
        TimeUnit.MILLISECONDS.sleep(20 + 37L * round);
        for (int i = 0; i < CONTENDERS; i++) {
          assertTrue(promoters.get(i).isAlive(), () -> "one ended by itself: " + told);
        }
      } finally {
        for (Process promoter : promoters) {
          promoter.destroyForcibly().waitFor();
        }
      }
      assertEquals(List.of(), registry.verify().wrong());
      List<Promotion> promotions = registry.promotions();
      assertTrue(promotions.size() > before, "nobody was promoted in round " + round);
      assertEquals(promotions.get(promotions.size() - 1), registry.champion().orElseThrow());
      Set<Long> versions = new HashSet<>();
      promotions.forEach(promotion -> versions.add(promotion.version()));
      assertEquals(promotions.size(), versions.size(), "a version was promoted twice");
      before = promotions.size();
      for (Path lines : told) {
        for (String line : Files.readAllLines(lines)) {
          if (line.startsWith(Promoter.PROMOTED)) {
            long version = Long.parseLong(line.substring(Promoter.PROMOTED.length()));
            assertTrue(versions.contains(version), line);
          }
        }
      }
    }
  }

  /** Until each has come so far as to promote, or to be too late. */
  private static void awaitLines(List<Path> told, List<Process> promoters) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    for (int i = 0; i < told.size(); i++) {
      while (Files.size(told.get(i)) == 0) {
        assertTrue(promoters.get(i).isAlive() && System.nanoTime() < end, "it never began");
        TimeUnit.MILLISECONDS.sleep(5);
      }
    }
  }

  private Process promoter(Path told) throws IOException {
    return new ProcessBuilder(
            ProcessHandle.current().info().command().orElse("java"),
            "-XX:TieredStopAtLevel=1",
            "-cp",
            System.getProperty("java.class.path"),
            Promoter.class.getName(),
            registry().toString())
        .redirectOutput(told.toFile())
        .redirectError(ProcessBuilder.Redirect.DISCARD)
        .start();
  }

  private Path registry() {
    return folder.resolve("registry");
  }
}
