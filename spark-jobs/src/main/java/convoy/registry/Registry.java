package convoy.registry;

import convoy.engine.checkpoint.DamagedCheckpointException;
import convoy.engine.checkpoint.Model;
import convoy.engine.training.TrainingConfig;
import convoy.storage.Storage;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.LongFunction;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A folder of models: {@code versions/<n>/} (network.yaml, weights.safetensors, version.json,
 * lineage.md and, written last, manifest.json; never changed) and {@code promotions/<n>.json}.
 *
 * <p>Promotion is compare-and-set: who has seen promotion n as the highest makes file n + 1, which
 * one process alone can do. So of two that decided upon the same champion one fails, whatever
 * clocks and leases say, and a crash at any point leaves the champion as it was. Therefore a
 * registry lies on HDFS or on a local file system.
 */
public final class Registry {
  private static final Logger LOG = LoggerFactory.getLogger(Registry.class);
  private static final String VERSIONS = "versions";
  private static final String PROMOTIONS = "promotions";
  private static final String RUNS = "retraining";
  private static final long UNFINISHED_MILLIS = Duration.ofDays(1).toMillis();
  private static final long ABANDONED_MILLIS = Duration.ofDays(7).toMillis();

  private final Storage storage;
  private final Path folder;
  private final Versions versions;
  private final Promotions promotions;

  private Registry(Storage storage, Path folder) {
    this.storage = storage;
    this.folder = folder;
    versions = new Versions(storage, new Path(folder, VERSIONS));
    promotions = new Promotions(storage, new Path(folder, PROMOTIONS));
  }

  /**
   * The registry at a URI, which need not exist yet.
   *
   * @throws IllegalArgumentException if it lies on another file system than HDFS or a local one, or
   *     is a file
   */
  public static Registry open(Storage storage, String uri) throws IOException {
    Path folder = storage.path(uri);
    if (!storage.createsExclusively(folder)) {
      throw new IllegalArgumentException(
          folder
              + ": a registry wants HDFS or a local file system, where one process alone can make a"
              + " file");
    }
    if (storage.exists(folder) && !storage.isFolder(folder)) {
      throw new IllegalArgumentException(folder + " is a file, wanted the folder of a registry");
    }
    return new Registry(storage, folder);
  }

  /**
   * Checks, before long work, that a promotion can be made here. Makes the folder.
   *
   * @throws IllegalArgumentException if it lies on a local file system without hard links, or can't
   *     be written to
   */
  public void checkPromotes() throws IOException {
    storage.checkFolder(folder);
    if (!storage.createsWhole(folder)) {
      throw new IllegalArgumentException(
          folder
              + ": a registry wants a local file system with hard links, by which a file comes to"
              + " be whole");
    }
  }

  /** Whether anything has been kept here, so that this is no other folder or an empty one. */
  public boolean exists() throws IOException {
    for (String kept : List.of(VERSIONS, PROMOTIONS, RUNS)) {
      if (storage.isFolder(new Path(folder, kept))) {
        return true;
      }
    }
    return false;
  }

  /** Where it lies. */
  public Path folder() {
    return folder;
  }

  /**
   * The versions that are complete, the oldest first. One whose card can't be read is left out with
   * a warning; {@link #verify} says what is wrong with it.
   */
  public List<Version> versions() throws IOException {
    return versions.readable();
  }

  /**
   * What is known of a version.
   *
   * @throws IllegalArgumentException if there is no such version
   */
  public Version version(long number) throws IOException {
    return versions.read(number);
  }

  /** Where a version lies, whether it is there or not. */
  Path versionFolder(long number) {
    return versions.folder(number);
  }

  /**
   * The model of a version, its files checked.
   *
   * @throws IllegalArgumentException if there is no such version
   * @throws DamagedCheckpointException naming the file that is missing, truncated or altered
   */
  public Model model(long number) throws IOException {
    return versions.model(number);
  }

  /**
   * Adds a version, with its card as version.json and, for people, as lineage.md; it is there once
   * this returns.
   *
   * @param card makes what is to be known of it from its number
   */
  public Version add(Model model, LongFunction<Version> card) throws IOException {
    return versions.add(model, card);
  }

  /**
   * The version that retraining {@code run} has made, so that it need not train again: one that was
   * the champion, if any was, else one that is not to be promoted, or whose files are whole.
   *
   * @throws IllegalArgumentException if a promotion can't be read, which may be its own
   */
  Optional<Version> madeBy(String run) throws IOException {
    List<Version> made =
        versions.readable().stream().filter(one -> one.training().run().equals(run)).toList();
    for (Version version : made) {
      if (version.training().decision().promote() && wasChampion(version.version())) {
        return Optional.of(version);
      }
    }
    for (Version version : made) {
      if (!version.training().decision().promote()) {
        return Optional.of(version);
      }
      Optional<String> fault = versions.fault(version.version());
      if (fault.isEmpty()) {
        return Optional.of(version);
      }
      LOG.warn("version {} is left out: {}", version.version(), fault.get());
    }
    return Optional.empty();
  }

  /** Where retraining {@code run} keeps what it has done until its version is added. */
  public Path runFolder(String run) {
    return new Path(folder, RUNS + "/" + run);
  }

  /** The folders of the retrainings that have kept something to go on from. */
  List<Path> runs() throws IOException {
    return runsBefore(Long.MAX_VALUE);
  }

  /** Those whose version was made and need not be made again. */
  List<Path> finishedRuns() throws IOException {
    List<Path> finished = new ArrayList<>();
    for (Path run : runs()) {
      if (madeBy(run.getName()).isPresent()) {
        finished.add(run);
      }
    }
    return finished;
  }

  /** Those that nobody has gone on with for a week. */
  List<Path> abandonedRuns() throws IOException {
    return runsBefore(System.currentTimeMillis() - ABANDONED_MILLIS);
  }

  /** Every checkpoint changes its run's folder, as it is named there as the latest. */
  private List<Path> runsBefore(long millis) throws IOException {
    Path runs = new Path(folder, RUNS);
    if (!storage.isFolder(runs)) {
      return List.of();
    }
    return storage.list(runs).stream()
        .filter(run -> run.isDirectory() && run.getModificationTime() < millis)
        .map(FileStatus::getPath)
        .toList();
  }

  /**
   * Removes what crashes have left: temporary files, and the files of versions that were not
   * finished; their numbers stay taken. Of versions only those that were claimed over a day ago,
   * since nothing but the manifest tells a version that is being written from one that never will
   * be finished; and none that was promoted, as it once had a manifest. Temporary files are of that
   * age, too.
   */
  void removeUnfinished() throws IOException {
    long before = System.currentTimeMillis() - UNFINISHED_MILLIS;
    storage.deleteTemporaries(folder, before);
    promotions.removeTemporaries(before);
    Set<Long> promoted = new HashSet<>();
    promotions.all().forEach(promotion -> promoted.add(promotion.version()));
    versions.removeUnfinished(before, promoted);
  }

  /** The promotions, the first one first. One that can't be read is left out with a warning. */
  public List<Promotion> promotions() throws IOException {
    return promotions.readable();
  }

  /** The highest promotion, whose version is the champion; empty before the first one. */
  public Optional<Promotion> champion() throws IOException {
    return promotions.highest();
  }

  /**
   * The version that was the champion before {@code champion}: that of the promotion before it,
   * rollbacks and what they took back left out.
   *
   * @throws IllegalArgumentException if there was none
   */
  public long before(Promotion champion) throws IOException {
    return promotions
        .before(champion)
        .orElseThrow(
            () ->
                new IllegalArgumentException(
                    folder + ": before version " + champion.version() + " there was no champion"));
  }

  /**
   * Whether a version is the champion, or was.
   *
   * @throws IllegalArgumentException if a promotion can't be read, which may be its own
   */
  boolean wasChampion(long version) throws IOException {
    return promotions.all().stream().anyMatch(promotion -> promotion.version() == version);
  }

  /** The settings that the champion was trained with; the defaults where there is none. */
  public TrainingConfig championSettings() throws IOException {
    Optional<Promotion> champion = champion();
    return champion.isEmpty()
        ? TrainingConfig.DEFAULT
        : version(champion.get().version()).training().settings();
  }

  /**
   * Makes a version the champion, if {@code seen} still is the highest promotion.
   *
   * @param seen what {@link #champion} gave when it was decided
   * @return the promotion, or nothing if there has been another one since
   * @throws IllegalArgumentException if there is no such version, or its files are not whole
   */
  public Optional<Promotion> promote(
      Optional<Promotion> seen, long version, Promotion.Kind kind, String reason)
      throws IOException {
    versions.checkExists(version);
    Optional<String> fault = versions.fault(version);
    if (fault.isPresent()) {
      throw new IllegalArgumentException("version " + version + ": " + fault.get());
    }
    checkPromotes();
    long parent = seen.map(Promotion::number).orElse(0L);
    Promotion promotion = new Promotion(parent + 1, parent, version, kind, reason, now());
    return promotions.add(promotion) ? Optional.of(promotion) : Optional.empty();
  }

  /**
   * What {@link #verify} has found.
   *
   * @param versions that were looked at
   * @param wrong a line for each fault; empty if all is well
   */
  public record Check(int versions, List<String> wrong) {
    public Check {
      wrong = List.copyOf(wrong);
    }
  }

  /**
   * Checks every version's files against their hashes, and that each promotion names one.
   *
   * @return how many versions there are, and what is wrong
   */
  public Check verify() throws IOException {
    List<String> wrong = new ArrayList<>();
    List<Long> complete = versions.complete();
    for (long number : complete) {
      versions.fault(number).ifPresent(what -> wrong.add("version " + number + ": " + what));
    }
    long expected = 1;
    for (long number : promotions.numbers()) {
      try {
        versions.checkExists(promotions.read(number).version());
      } catch (IOException | IllegalArgumentException e) {
        wrong.add("promotion " + number + ": " + Storage.firstLine(e));
      }
      if (number != expected) {
        wrong.add("promotion " + expected + " is missing");
      }
      expected = number + 1;
    }
    return new Check(complete.size(), wrong);
  }

  /** The time, to the second, as ISO 8601 in UTC. */
  static String now() {
    return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
