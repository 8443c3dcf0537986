package convoy.registry;

import convoy.registry.Promotion.Kind;
import convoy.storage.Storage;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.nio.charset.StandardCharsets;
import java.util.NoSuchElementException;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;

/**
 * For each line that it reads, the URI of a registry, adds a version there, promotes it and takes
 * it back, in a thread of its own. What {@link LocalCrashes} runs.
 */
final class StepwisePromoter {
  private StepwisePromoter() {}

  public static void main(String[] arguments) throws IOException {
    BufferedReader lines =
        new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
    for (String uri = lines.readLine(); uri != null; uri = lines.readLine()) {
      String registry = uri;
      new Thread(() -> promote(registry), registry).start();
    }
    // Those that were stopped for good.
    Runtime.getRuntime().halt(0);
  }

  private static void promote(String uri) {
    try {
      Registry registry = Registry.open(new Storage(new Configuration()), uri);
      addPromoteAndTakeBack(registry);
      done();
    } catch (NoSuchElementException e) {
      // It was overtaken.
      done();
    } catch (IOException | RuntimeException e) {
      e.printStackTrace();
      failed();
    }
  }

  /**
   * Against the champion, which comes back in the end.
   *
   * @throws NoSuchElementException if another promotion was made meanwhile
   */
  static void addPromoteAndTakeBack(Registry registry) throws IOException {
    Promotion champion = registry.champion().orElseThrow();
    long version = TestVersions.add(registry, 2, champion.version());
    Promotion made =
        registry.promote(Optional.of(champion), version, Kind.PROMOTION, "crashing").orElseThrow();
    registry
        .promote(Optional.of(made), champion.version(), Kind.ROLLBACK, "crashing")
        .orElseThrow();
  }

  // Calls that are seen from outside.

  private static void done() {}

  private static void failed() {}
}
