package convoy.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.registry.Promotion.Kind;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Registries in which a process crashes after none, one, two … of its steps. */
final class CrashAtEachStep {
  /** Files of a version and of two promotions, each written whole in several steps. */
  private static final long LEAST_STEPS = 28;

  private CrashAtEachStep() {}

  /** Makes registries. */
  interface Opening {
    /** A new one. */
    Registry open(String name) throws IOException;
  }

  /** Crashes. */
  interface Crashing {
    /**
     * Does {@link StepwisePromoter#addPromoteAndTakeBack}, in a process that ends after so many
     * steps; whether it did end.
     */
    boolean crashes(Registry registry, long steps) throws Exception;
  }

  /** Whatever the crash, there is a whole champion, and the next promotion goes on from it. */
  static void assertTheNextGoesOn(Opening opening, Crashing crashing) throws Exception {
    int[] found = new int[3];
    for (long steps = 0; ; steps++) {
      Registry registry = opening.open("crash-after-" + steps);
      Promotion before = promoted(registry, 1, Optional.empty());
      boolean crashed = crashing.crashes(registry, steps);
      assertEquals(List.of(), registry.verify(), "after " + steps + " steps");
      Promotion champion = registry.champion().orElseThrow();
      int promotions = registry.promotions().size();
      assertEquals(promotions, champion.number());
      assertEquals(promotions == 2 ? 2 : before.version(), champion.version());
      found[promotions - 1]++;
      if (!crashed) {
        assertEquals(Kind.ROLLBACK, champion.kind());
        assertTrue(steps >= LEAST_STEPS, steps + " steps");
        // Adding a version is most of it; the last crash comes behind the last promotion.
        assertTrue(found[0] > found[1] && found[1] > 2 && found[2] > 1, Arrays.toString(found));
        return;
      }
      assertEquals(promotions + 1, promoted(registry, 3, Optional.of(champion)).number());
    }
  }

  private static Promotion promoted(Registry registry, long seed, Optional<Promotion> champion)
      throws IOException {
    long version = TestVersions.add(registry, seed, champion.map(Promotion::version).orElse(0L));
    return registry.promote(champion, version, Kind.PROMOTION, "better").orElseThrow();
  }
}
