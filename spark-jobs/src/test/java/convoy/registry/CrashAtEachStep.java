package convoy.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.registry.Promotion.Kind;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/** Registries in which a process crashes, or is overtaken, after none, one, two … of its steps. */
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

  /** What another process does while one is between two steps. */
  interface Meanwhile {
    void run() throws IOException;
  }

  /** Pauses. */
  interface Pausing {
    /**
     * Does {@link StepwisePromoter#addPromoteAndTakeBack}, as far as it comes, and {@code
     * meanwhile} after so many steps; whether it came to that.
     */
    boolean pauses(Registry registry, long steps, Meanwhile meanwhile) throws Exception;
  }

  /** Whenever another one promotes against the same champion, one of the two alone gets through. */
  static void assertOneOfTwoIsPromoted(Opening opening, Pausing pausing) throws Exception {
    int others = 0, own = 0;
    for (long steps = 0; ; steps++) {
      Registry registry = opening.open("contention-after-" + steps);
      Promotion before = promoted(registry, 1, Optional.empty());
      List<Promotion> other = new ArrayList<>();
      Meanwhile promoting =
          () -> {
            long version = TestVersions.add(registry, 3, 1);
            registry
                .promote(Optional.of(before), version, Kind.PROMOTION, "meanwhile")
                .ifPresent(other::add);
          };
      boolean paused = pausing.pauses(registry, steps, promoting);
      assertEquals(List.of(), registry.verify().wrong(), "after " + steps + " steps");
      List<Promotion> promotions = registry.promotions();
      if (other.isEmpty()) {
        own++;
        assertEquals("crashing", promotions.get(1).reason());
        assertEquals(Kind.ROLLBACK, promotions.get(2).kind());
        assertEquals(3, promotions.size());
      } else {
        others++;
        assertEquals(List.of(before, other.get(0)), promotions);
      }
      if (!paused) {
        assertTrue(steps >= LEAST_STEPS && others > own && own > 2, others + " and " + own);
        return;
      }
    }
  }

  /** Whatever the crash, there is a whole champion, and the next promotion goes on from it. */
  static void assertTheNextGoesOn(Opening opening, Crashing crashing) throws Exception {
    int[] found = new int[3];
    for (long steps = 0; ; steps++) {
      Registry registry = opening.open("crash-after-" + steps);
      Promotion before = promoted(registry, 1, Optional.empty());
      boolean crashed = crashing.crashes(registry, steps);
      assertEquals(List.of(), registry.verify().wrong(), "after " + steps + " steps");
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
