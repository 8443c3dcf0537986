package convoy.registry;

import static org.junit.jupiter.api.Assertions.assertEquals;

import convoy.registry.Promotion.Kind;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;

/** Many that add and promote versions at once. */
final class Contention {
  private static final int MANY = 8;

  private Contention() {}

  /** Of many that all saw an empty registry one is promoted, and each has a version of its own. */
  static void assertOneOfManyIsPromoted(Registry registry) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(MANY);
    try {
      List<Callable<Optional<Promotion>>> tries = new ArrayList<>();
      for (int i = 0; i < MANY; i++) {
        int seed = i;
        tries.add(
            () -> {
              long version = TestVersions.add(registry, seed, 0);
              return registry.promote(Optional.empty(), version, Kind.PROMOTION, "at once");
            });
      }
      int promoted = 0;
      for (Future<Optional<Promotion>> one : threads.invokeAll(tries)) {
        promoted += one.get().isPresent() ? 1 : 0;
      }
      assertEquals(1, promoted);
      assertEquals(1, registry.promotions().size());
      assertEquals(MANY, registry.versions().size());
    } finally {
      threads.shutdownNow();
    }
  }
}
