package convoy.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.faults.Hdfs;
import convoy.registry.Promotion.Kind;
import convoy.storage.Storage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A registry on a real HDFS, with a crash at each step, and with many at once. */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class RegistryOnHdfsIT {
  /** A file that is written whole takes four: create, close, rename, delete. */
  private static final long LEAST_STEPS = 20;

  @TempDir private static Path shared;

  private static Hdfs hdfs;

  @BeforeAll
  static void start() throws IOException {
    hdfs = Hdfs.start(shared);
  }

  @AfterEach
  void recover() {
    CrashingHdfs.recover();
  }

  @AfterAll
  static void stop() {
    hdfs.close();
  }

  @Test
  void aCrashAtAnyStepLeavesAChampionAndTheNextGoesOn() throws IOException {
    int kept = 0, replaced = 0;
    for (long steps = 0; ; steps++) {
      Registry registry = open("/crashes/" + steps);
      Promotion champion = promoted(registry, 1, Optional.empty());
      boolean crashed = crashes(registry, champion, steps);
      CrashingHdfs.recover();
      assertEquals(List.of(), registry.verify(), "after " + steps + " steps");
      Promotion found = registry.champion().orElseThrow();
      assertEquals(found.number(), registry.promotions().size());
      if (!crashed) {
        assertEquals(2, found.number());
        assertTrue(steps >= LEAST_STEPS, steps + " steps");
        assertTrue(kept > replaced && replaced > 0, kept + " kept, " + replaced + " replaced");
        return;
      }
      if (found.equals(champion)) {
        kept++;
      } else {
        // The crash came behind the promotion, which is whole.
        assertEquals(2, found.number());
        replaced++;
      }
      assertEquals(found.number() + 1, promoted(registry, 3, Optional.of(found)).number());
    }
  }

  private static Promotion promoted(Registry registry, long seed, Optional<Promotion> champion)
      throws IOException {
    long version = TestVersions.add(registry, seed, champion.map(Promotion::version).orElse(0L));
    return registry.promote(champion, version, Kind.PROMOTION, "better").orElseThrow();
  }

  /** Adds and promotes a version in a process that ends after {@code steps}. */
  private static boolean crashes(Registry registry, Promotion champion, long steps) {
    CrashingHdfs.crashAfter(steps);
    try {
      long version = TestVersions.add(registry, 2, champion.version());
      registry.promote(Optional.of(champion), version, Kind.PROMOTION, "crashing").orElseThrow();
      return false;
    } catch (IOException e) {
      return true;
    }
  }

  @Test
  void ofManyAtOnceOneIsPromotedAndEachVersionHasItsOwnNumber() throws Exception {
    Contention.assertOneOfManyIsPromoted(open("/contention"));
  }

  private static Registry open(String path) throws IOException {
    // Another name of the same host, as Hadoop keeps one client for each.
    String uri = hdfs.uri(path).replace("//localhost:", "//127.0.0.1:");
    return Registry.open(new Storage(CrashingHdfs.configuration()), uri);
  }
}
