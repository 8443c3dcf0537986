package convoy.job;

import convoy.engine.settings.NearestName;
import convoy.registry.Promotion;
import convoy.registry.Registry;
import convoy.registry.Version;
import convoy.storage.Storage;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Shows a registry of models, and changes its champion. */
@Command(
    name = "registry",
    description = "Show a registry of models, check it, or change its champion.")
public final class RegistryJob implements Job {
  private static final List<String> ACTIONS =
      List.of("list", "show", "promote", "rollback", "verify");

  @Parameters(
      index = "0",
      paramLabel = "ACTION",
      description = {
        "list: versions and promotions; show: one version (default: the champion); promote: make a",
        "version the champion; rollback: make the champion before this one champion again; verify:",
        "check all files against their hashes."
      })
  private String action;

  @Option(
      names = "--registry",
      required = true,
      paramLabel = "URI",
      description = "Its folder, on HDFS or a local file system.")
  private String uri;

  @Option(names = "--version", paramLabel = "N", description = "The version to show or to promote.")
  private Optional<Long> version = Optional.empty();

  @Option(names = "--reason", paramLabel = "TEXT", description = "Why, for those who come later.")
  private Optional<String> reason = Optional.empty();

  /** The keys of {@code --json} of list. */
  record Listing(long champion, List<Version> versions, List<Promotion> promotions) {}

  /** What verify has found; its components are the keys of {@code --json}. */
  record Checked(Registry.Check check) implements ExitingResult {
    @Override
    public int exitStatus() {
      return check.wrong().isEmpty() ? ExitStatus.DONE : ExitStatus.WRONG_INPUT;
    }

    @Override
    public Object json() {
      return check;
    }
  }

  @Override
  public Object run() throws Exception {
    if (!ACTIONS.contains(action)) {
      throw new IllegalArgumentException(NearestName.message("action", action, ACTIONS));
    }
    if (version.isPresent() && !List.of("show", "promote").contains(action)) {
      throw new IllegalArgumentException("--version is of show and promote, not of " + action);
    }
    if (reason.isPresent() && !List.of("promote", "rollback").contains(action)) {
      throw new IllegalArgumentException("--reason is of promote and rollback, not of " + action);
    }
    Storage storage = JobStorage.open();
    Registry registry = Registry.open(storage, uri);
    if (!registry.exists()) {
      throw new IllegalArgumentException(registry.folder() + ": no registry here");
    }
    return switch (action) {
      case "list" -> list(registry);
      case "show" -> show(registry);
      case "promote" -> promote(registry);
      case "rollback" -> rollback(registry);
      default -> verify(registry);
    };
  }

  private static Listing list(Registry registry) throws Exception {
    Listing listing =
        new Listing(
            registry.champion().map(Promotion::version).orElse(0L),
            registry.versions(),
            registry.promotions());
    TextTable versions = new TextTable(0);
    versions.add("version", "parent", "network", "added", "accuracy", "champion");
    for (Version found : listing.versions()) {
      versions.add(
          Long.toString(found.version()),
          found.parent() == 0 ? "-" : Long.toString(found.parent()),
          found.network(),
          found.created(),
          accuracy(found),
          found.version() == listing.champion() ? "*" : "");
    }
    versions.lines().forEach(System.out::println);
    TextTable promotions = new TextTable(0);
    promotions.add("promotion", "version", "kind", "made", "reason");
    for (Promotion promotion : listing.promotions()) {
      promotions.add(
          Long.toString(promotion.number()),
          Long.toString(promotion.version()),
          promotion.kind().name().toLowerCase(Locale.ROOT),
          promotion.created(),
          promotion.reason());
    }
    System.out.println();
    promotions.lines().forEach(System.out::println);
    return listing;
  }

  private static String accuracy(Version version) {
    if (!version.metrics().has("accuracy")) {
      return "-";
    }
    double accuracy = version.metrics().get("accuracy").doubleValue();
    return String.format(Locale.ROOT, "%.2f%%", 100 * accuracy);
  }

  private Version show(Registry registry) throws Exception {
    long number = version.isPresent() ? version.get() : champion(registry).version();
    Version found = registry.version(number);
    System.out.println(new String(Storage.json(found), StandardCharsets.UTF_8));
    return found;
  }

  private static Promotion champion(Registry registry) throws Exception {
    return registry
        .champion()
        .orElseThrow(
            () -> new IllegalArgumentException(registry.folder() + " has no champion yet"));
  }

  private Promotion promote(Registry registry) throws Exception {
    if (version.isEmpty()) {
      throw new IllegalArgumentException("promote wants --version N");
    }
    Optional<Promotion> seen = registry.champion();
    if (seen.isPresent() && seen.get().version() == version.get()) {
      throw new IllegalArgumentException("version " + version.get() + " is the champion already");
    }
    return done(registry.promote(seen, version.get(), Promotion.Kind.PROMOTION, why()));
  }

  private Promotion rollback(Registry registry) throws Exception {
    Promotion seen = champion(registry);
    long before = registry.before(seen);
    return done(registry.promote(Optional.of(seen), before, Promotion.Kind.ROLLBACK, why()));
  }

  private String why() {
    return reason.orElse("by hand");
  }

  /**
   * Tells of a promotion.
   *
   * @throws IllegalStateException if it was not made, as there has been another one
   */
  static Promotion done(Optional<Promotion> promotion) {
    Promotion made =
        promotion.orElseThrow(
            () ->
                new IllegalStateException(
                    "another promotion was made meanwhile: look at it, and try again"));
    System.out.println("version " + made.version() + " is the champion");
    return made;
  }

  private static Checked verify(Registry registry) throws Exception {
    Registry.Check check = registry.verify();
    check.wrong().forEach(System.out::println);
    System.out.println(
        check.versions()
            + " versions, "
            + (check.wrong().isEmpty()
                ? "all as they were written"
                : "faults: " + check.wrong().size()));
    return new Checked(check);
  }

  /** Runs the job as a process. */
  public static void main(String[] arguments) {
    JobRunner.main(new RegistryJob(), arguments);
  }
}
