package convoy.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.averaging.StoredCheckpointFolder;
import convoy.engine.checkpoint.Checkpoint;
import convoy.engine.checkpoint.DamagedCheckpointException;
import convoy.engine.checkpoint.Manifest;
import convoy.engine.checkpoint.Model;
import convoy.engine.checkpoint.WeightsDigest;
import convoy.engine.training.TrainingConfig;
import convoy.storage.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

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
  private static final String VERSIONS = "versions";
  private static final String PROMOTIONS = "promotions";
  private static final String CLAIM = "claim";
  private static final String RUNS = "retraining";
  private static final int LIMIT_BYTES = 1 << 20;
  private static final long UNFINISHED_MILLIS = Duration.ofDays(1).toMillis();

  private final Storage storage;
  private final Path folder;

  private Registry(Storage storage, Path folder) {
    this.storage = storage;
    this.folder = folder;
  }

  /**
   * The registry at a URI, which need not exist yet.
   *
   * @throws IllegalArgumentException if it lies on another file system than HDFS or a local one
   */
  public static Registry open(Storage storage, String uri) throws IOException {
    Path folder = storage.path(uri);
    if (!storage.createsExclusively(folder)) {
      throw new IllegalArgumentException(
          folder
              + ": a registry wants HDFS or a local file system, where one process alone can make a"
              + " file");
    }
    storage.checkFolder(folder);
    return new Registry(storage, folder);
  }

  /** Where it lies. */
  public Path folder() {
    return folder;
  }

  /** The versions that are complete, the oldest first. */
  public List<Version> versions() throws IOException {
    List<Version> versions = new ArrayList<>();
    for (long number : numbers(VERSIONS, "")) {
      if (Manifest.isIn(files(number))) {
        versions.add(version(number));
      }
    }
    return versions;
  }

  /**
   * What is known of a version.
   *
   * @throws IllegalArgumentException if there is no such version
   */
  public Version version(long number) throws IOException {
    checkExists(number);
    Path file = new Path(versionFolder(number), Version.NAME);
    Version version = storage.readJson(file, Version.class, LIMIT_BYTES);
    if (version.version() != number) {
      throw new IllegalArgumentException(file + " is of version " + version.version());
    }
    return version;
  }

  /**
   * The model of a version, its files checked.
   *
   * @throws IllegalArgumentException if there is no such version
   * @throws DamagedCheckpointException naming the file that is missing, truncated or altered
   */
  public Model model(long number) throws IOException {
    checkExists(number);
    return Checkpoint.readModel(files(number));
  }

  private void checkExists(long number) throws IOException {
    if (number < 1 || !Manifest.isIn(files(number))) {
      throw new IllegalArgumentException(folder + " has no version " + number);
    }
  }

  /** The folder of a version, which is a model for all that reads one. */
  public Path versionFolder(long number) {
    return new Path(folder, VERSIONS + "/" + number);
  }

  /**
   * Adds a version, with its card as version.json and, for people, as lineage.md; it is there once
   * this returns.
   *
   * @param parent the champion that it was trained to replace, or 0
   */
  public Version add(
      Model model,
      long parent,
      Version.Data data,
      Version.Training training,
      ObjectNode metrics,
      ObjectNode software)
      throws IOException {
    long number = claim();
    Version version =
        new Version(
            Version.FORMAT_VERSION,
            number,
            parent,
            now(),
            model.network().name(),
            WeightsDigest.of(model.parameters()),
            data,
            training,
            metrics,
            software);
    Map<String, byte[]> cards = new LinkedHashMap<>();
    cards.put(Version.NAME, Storage.json(version));
    cards.put(LineageCard.NAME, LineageCard.markdown(version).getBytes(StandardCharsets.UTF_8));
    Checkpoint.writeModel(files(number), model, cards);
    return version;
  }

  /** The version that retraining {@code run} has made, if it has. */
  public Optional<Version> madeBy(String run) throws IOException {
    return versions().stream().filter(version -> version.training().run().equals(run)).findFirst();
  }

  /** Where retraining {@code run} keeps what it has done until its version is added. */
  public Path runFolder(String run) {
    return new Path(folder, RUNS + "/" + run);
  }

  /** The folders of the retrainings that have kept something to go on from. */
  List<Path> runs() throws IOException {
    Path runs = new Path(folder, RUNS);
    return storage.isFolder(runs)
        ? storage.list(runs).stream().map(FileStatus::getPath).toList()
        : List.of();
  }

  /**
   * Removes the files of versions that crashes have left unfinished; their numbers stay taken. Only
   * of those that were claimed over a day ago, since nothing but the manifest tells a version that
   * is being written from one that never will be finished; and of none that was promoted, as it
   * once had a manifest.
   */
  void removeUnfinished() throws IOException {
    long before = System.currentTimeMillis() - UNFINISHED_MILLIS;
    List<Long> promoted = promotions().stream().map(Promotion::version).toList();
    for (long number : numbers(VERSIONS, "")) {
      List<FileStatus> found = storage.list(versionFolder(number));
      List<String> names = found.stream().map(file -> file.getPath().getName()).toList();
      if (names.contains(CLAIM)
          && !names.contains(Manifest.NAME)
          && !promoted.contains(number)
          && found.stream().allMatch(file -> file.getModificationTime() < before)) {
        for (FileStatus file : found) {
          if (!file.getPath().getName().equals(CLAIM)) {
            storage.delete(file.getPath());
          }
        }
      }
    }
  }

  /** Takes the next number, which nobody else gets; one whose version never came stays unused. */
  private long claim() throws IOException {
    List<Long> taken = numbers(VERSIONS, "");
    long number = taken.isEmpty() ? 1 : taken.get(taken.size() - 1) + 1;
    while (!storage.createExclusively(new Path(versionFolder(number), CLAIM), new byte[0])) {
      number++;
    }
    return number;
  }

  /** All promotions, the first one first. */
  public List<Promotion> promotions() throws IOException {
    List<Promotion> promotions = new ArrayList<>();
    for (long number : numbers(PROMOTIONS, ".json")) {
      promotions.add(promotion(number));
    }
    return promotions;
  }

  private Promotion promotion(long number) throws IOException {
    Path file = promotionFile(number);
    Promotion promotion = storage.readJson(file, Promotion.class, LIMIT_BYTES);
    if (promotion.number() != number) {
      throw new IllegalArgumentException(file + " is promotion " + promotion.number());
    }
    return promotion;
  }

  /** The highest promotion, whose version is the champion; empty before the first one. */
  public Optional<Promotion> champion() throws IOException {
    List<Long> numbers = numbers(PROMOTIONS, ".json");
    return numbers.isEmpty()
        ? Optional.empty()
        : Optional.of(promotion(numbers.get(numbers.size() - 1)));
  }

  /** Whether a version is the champion, or was. */
  public boolean wasChampion(long version) throws IOException {
    return promotions().stream().anyMatch(promotion -> promotion.version() == version);
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
   * @throws IllegalArgumentException if there is no such version
   */
  public Optional<Promotion> promote(
      Optional<Promotion> seen, long version, Promotion.Kind kind, String reason)
      throws IOException {
    checkExists(version);
    long parent = seen.map(Promotion::number).orElse(0L);
    Promotion promotion = new Promotion(parent + 1, parent, version, kind, reason, now());
    boolean done =
        storage.createExclusively(promotionFile(promotion.number()), Storage.json(promotion));
    return done ? Optional.of(promotion) : Optional.empty();
  }

  /**
   * The version that was the champion before {@code champion}: that of the promotion before it,
   * rollbacks and what they took back left out.
   *
   * @throws IllegalArgumentException if there was none
   */
  public long before(Promotion champion) throws IOException {
    List<Long> line = new ArrayList<>();
    for (Promotion promotion : promotions()) {
      if (promotion.number() > champion.number()) {
        break;
      }
      if (promotion.kind() == Promotion.Kind.ROLLBACK) {
        int back = line.lastIndexOf(promotion.version());
        if (back >= 0) {
          line.subList(back + 1, line.size()).clear();
          continue;
        }
      }
      line.add(promotion.version());
    }
    if (line.size() < 2) {
      throw new IllegalArgumentException(
          folder + ": before version " + champion.version() + " there was no champion");
    }
    return line.get(line.size() - 2);
  }

  /**
   * Checks every version's files against their hashes, and that each promotion names one.
   *
   * @return what is wrong, a line each; empty if all is well
   */
  public List<String> verify() throws IOException {
    List<String> wrong = new ArrayList<>();
    for (long number : numbers(VERSIONS, "")) {
      if (!Manifest.isIn(files(number))) {
        continue;
      }
      try {
        Manifest manifest = Manifest.read(files(number));
        manifest.verify(
            files(number), manifest.files().stream().map(Manifest.Entry::name).toList());
        String digest = WeightsDigest.of(model(number).parameters());
        if (!digest.equals(version(number).weightsDigest())) {
          wrong.add("version " + number + ": the weights' digest is " + digest);
        }
      } catch (DamagedCheckpointException | IllegalArgumentException e) {
        wrong.add("version " + number + ": " + e.getMessage());
      }
    }
    long expected = 1;
    for (long number : numbers(PROMOTIONS, ".json")) {
      try {
        checkExists(promotion(number).version());
      } catch (IllegalArgumentException e) {
        wrong.add("promotion " + number + ": " + e.getMessage());
      }
      if (number != expected) {
        wrong.add("promotion " + expected + " is missing");
      }
      expected = number + 1;
    }
    return wrong;
  }

  private StoredCheckpointFolder files(long number) {
    return new StoredCheckpointFolder(storage, versionFolder(number));
  }

  private Path promotionFile(long number) {
    return new Path(folder, PROMOTIONS + "/" + number + ".json");
  }

  /** The numbers that name files or folders, rising. */
  private List<Long> numbers(String below, String ending) throws IOException {
    Path path = new Path(folder, below);
    if (!storage.exists(path)) {
      return List.of();
    }
    return storage.list(path).stream()
        .map(file -> file.getPath().getName())
        .filter(name -> name.matches("[1-9][0-9]{0,17}" + ending.replace(".", "\\.")))
        .map(name -> Long.parseLong(name.substring(0, name.length() - ending.length())))
        .sorted()
        .toList();
  }

  private static String now() {
    return Instant.now().truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
