package convoy.registry;

import convoy.storage.Storage;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/** Adds and promotes versions until it is killed, a line for each; a process of its own. */
final class Promoter {
  /** What a line begins with that tells of a promotion; its version follows. */
  static final String PROMOTED = "promoted ";

  private Promoter() {}

  public static void main(String[] arguments) throws IOException {
    Registry registry = Registry.open(new Storage(new Configuration()), arguments[0]);
    for (long seed = ProcessHandle.current().pid(); ; seed++) {
      Optional<Promotion> seen = registry.champion();
      long version = TestVersions.add(registry, seed, seen.map(Promotion::version).orElse(0L));
      Optional<Promotion> made =
          registry.promote(seen, version, Promotion.Kind.PROMOTION, "by " + seed);
      System.out.println(made.isPresent() ? PROMOTED + version : "too late");
    }
  }
}
