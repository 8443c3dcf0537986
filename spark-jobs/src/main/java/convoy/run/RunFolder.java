package convoy.run;

import convoy.engine.checkpoint.Checkpoint;
import convoy.engine.checkpoint.DamagedCheckpointException;
import convoy.engine.checkpoint.Manifest;
import convoy.engine.checkpoint.Model;
import convoy.engine.training.TrainingConfig;
import convoy.storage.NumberedNames;
import convoy.storage.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The folder of one training run: immutable checkpoints in {@code checkpoints/<round>}, {@code
 * latest.json} and {@code best.json} that name one of them, {@code config.yaml}, {@code
 * origin.json} where it began with a trained model's weights, {@code rounds.jsonl}, and the lock of
 * the run that is writing.
 *
 * <p>A checkpoint exists once its manifest does. It is written under its own name, so a folder
 * without a manifest is what an interrupted run left, and is removed by the next.
 */
public final class RunFolder {
  private static final Logger LOG = LoggerFactory.getLogger(RunFolder.class);
  private static final String CHECKPOINTS = "checkpoints";
  private static final String LATEST = "latest.json";
  private static final String BEST = "best.json";
  private static final String CONFIG = "config.yaml";
  private static final String ORIGIN = "origin.json";
  private static final List<String> OWN_FILES =
      List.of(LATEST, BEST, CONFIG, ORIGIN, RoundLog.FILE, CHECKPOINTS);
  private static final int LIMIT_BYTES = 1 << 16;
  private static final int ORIGIN_LIMIT_BYTES = 1 << 24;

  /**
   * The content of latest.json and best.json.
   *
   * @param checkpoint the checkpoint's folder, relative to the run's
   * @param round whose weights it holds
   */
  record Pointer(String checkpoint, long round) {}

  private final Storage storage;
  private final Path folder;

  /** The run in {@code folder}, which need not exist yet. */
  public RunFolder(Storage storage, Path folder) {
    this.storage = storage;
    this.folder = folder;
  }

  /** Where it lies. */
  public Path folder() {
    return folder;
  }

  /** Takes the lock, see {@link RunLock#take}; a folder made for a lock that fails is removed. */
  public RunLock lock() throws IOException {
    try {
      return RunLock.take(storage, folder);
    } catch (IOException e) {
      removeIfEmpty();
      throw e;
    }
  }

  /**
   * Checks that the folder is one, or can become one.
   *
   * @throws IllegalArgumentException if not; see {@link Storage#checkFolder}
   */
  public void checkIsFolder() throws IOException {
    storage.checkFolder(folder);
  }

  /**
   * Checks that whatever lies in the folder is, or was put beside, what a run has written.
   *
   * @throws IllegalArgumentException if it holds other visible files alone, as a data set does
   */
  public void checkIsNotForeign() throws IOException {
    if (!storage.exists(folder)) {
      return;
    }
    List<String> names =
        storage.list(folder).stream()
            .map(file -> file.getPath().getName())
            .filter(name -> !name.startsWith(".") && !name.equals(RunLock.FILE))
            .toList();
    if (!names.isEmpty() && names.stream().noneMatch(OWN_FILES::contains)) {
      throw new IllegalArgumentException(
          folder
              + " exists already and is no run (it holds "
              + names.get(0)
              + "): choose another folder");
    }
  }

  /** Whether there is anything in the folder but a lock. */
  public boolean isOccupied() throws IOException {
    if (!storage.exists(folder)) {
      return false;
    }
    for (FileStatus file : storage.list(folder)) {
      if (!file.getPath().getName().equals(RunLock.FILE)) {
        return true;
      }
    }
    return false;
  }

  /** Removes what runs have written here, and nothing else. */
  public void clear() throws IOException {
    for (String name : OWN_FILES) {
      storage.delete(new Path(folder, name));
    }
  }

  /** Whether a checkpoint has been committed, be it damaged since or not. */
  public boolean hasCheckpoint() throws IOException {
    return !rounds().isEmpty();
  }

  /** Removes what a run that ended before its first checkpoint has left, which is of no use. */
  public void removeIfNothingIsCommitted(RunLock lock) throws IOException {
    if (lock.isHeld() && !hasCheckpoint()) {
      clear();
    }
  }

  /** Removes the folder if nothing is in it. */
  public void removeIfEmpty() throws IOException {
    if (storage.exists(folder) && storage.list(folder).isEmpty()) {
      storage.delete(folder);
    }
  }

  /** Saves the resolved configuration for people to read. */
  public void saveConfig(TrainingConfig config) throws IOException {
    storage.writeAtomically(
        new Path(folder, CONFIG), config.toYaml().getBytes(StandardCharsets.UTF_8));
  }

  /** Saves which model's weights the run begins with; nothing if it begins with new ones. */
  public void saveOrigin(Optional<Origin> origin) throws IOException {
    Path file = new Path(folder, ORIGIN);
    if (origin.isPresent()) {
      storage.writeJson(file, origin.get());
    } else {
      storage.delete(file);
    }
  }

  /**
   * Which model's weights the run began with, if not with new ones.
   *
   * @throws IllegalArgumentException if the file that tells is damaged
   */
  public Optional<Origin> origin() throws IOException {
    Path file = new Path(folder, ORIGIN);
    return storage.exists(file)
        ? Optional.of(storage.readJson(file, Origin.class, ORIGIN_LIMIT_BYTES))
        : Optional.empty();
  }

  /**
   * The newest checkpoint, if there is one.
   *
   * @throws DamagedCheckpointException if it is damaged; also names the newest good one
   */
  public Optional<Checkpoint> newest() throws IOException {
    List<Long> rounds = rounds();
    if (rounds.isEmpty()) {
      return Optional.empty();
    }
    long newest = rounds.get(0);
    try {
      return Optional.of(Checkpoint.read(files(newest)));
    } catch (DamagedCheckpointException e) {
      Optional<Long> good = newestGoodBut(newest);
      throw new DamagedCheckpointException(
          e.file(),
          e.reason()
              + "; "
              + advice(good)
              + (good.isEmpty() ? "" : ": remove " + checkpoint(newest) + " to go on from there"));
    }
  }

  /**
   * Removes the newest checkpoints up to the first that is good, so that a resume goes on from it;
   * all where none is.
   *
   * @throws InUseException if a run is under way
   */
  public void removeNewestDamaged() throws IOException {
    if (!hasCheckpoint()) {
      return;
    }
    try (RunLock lock = lock()) {
      for (long round : rounds()) {
        Optional<String> damage = damage(round);
        if (damage.isEmpty()) {
          return;
        }
        LOG.warn("{} is removed, as it is damaged: {}", checkpoint(round), damage.get());
        storage.delete(checkpoint(round));
      }
    }
  }

  private Optional<Long> newestGoodBut(long damaged) throws IOException {
    for (long round : rounds()) {
      Optional<String> damage = round == damaged ? Optional.of("") : damage(round);
      if (damage.isEmpty()) {
        return Optional.of(round);
      }
    }
    return Optional.empty();
  }

  private String advice(Optional<Long> good) {
    return good.isEmpty()
        ? "there is no good checkpoint in " + folder
        : "the newest good checkpoint is " + checkpoint(good.get());
  }

  /** What is wrong with a checkpoint, if anything is. */
  private Optional<String> damage(long round) throws IOException {
    try {
      Checkpoint.read(files(round));
      return Optional.empty();
    } catch (DamagedCheckpointException e) {
      return Optional.of(e.getMessage());
    }
  }

  /** The log of the rounds of a run that goes on after {@code round}; see {@link RoundLog#open}. */
  public RoundLog roundLog(long round) throws IOException {
    return RoundLog.open(storage, folder, round);
  }

  /** Removes checkpoints that were never finished. */
  public void removeUnfinished() throws IOException {
    for (long round : roundFolders()) {
      if (!holds(round)) {
        storage.delete(checkpoint(round));
      }
    }
  }

  /** Whether the checkpoint of {@code round} is there, and committed. */
  public boolean holds(long round) throws IOException {
    return Manifest.isIn(files(round));
  }

  /**
   * Commits a checkpoint, names it the latest, names the best as its state says, and removes all
   * but the newest {@code keep} and the best.
   *
   * @throws IOException if it can't be written; earlier checkpoints stay
   */
  public void commit(Checkpoint checkpoint, int keep) throws IOException {
    long round = checkpoint.state().progress().round();
    try {
      checkpoint.write(files(round));
    } catch (IOException e) {
      throw unwritable(checkpoint(round), e);
    }
    Optional<Long> best = checkpoint.state().best().map(found -> found.round());
    point(round, best);
    List<Long> rounds = rounds();
    for (long old : rounds.subList(Math.min(keep, rounds.size()), rounds.size())) {
      if (best.isEmpty() || best.get() != old) {
        remove(old);
      }
    }
  }

  /** Removes a checkpoint of before; the new one is committed, so what stays is no fault. */
  private void remove(long round) {
    try {
      storage.delete(new Path(checkpoint(round), Manifest.NAME));
      storage.delete(checkpoint(round));
    } catch (IOException e) {
      LOG.warn("{} stays: {}", checkpoint(round), Storage.firstLine(e));
    }
  }

  /**
   * Names the latest checkpoint and the best one, where they are not yet: a driver that was killed
   * may not have come to it.
   */
  public void point(long latest, Optional<Long> best) throws IOException {
    point(LATEST, latest);
    if (best.isPresent()) {
      point(BEST, best.get());
    } else {
      storage.delete(new Path(folder, BEST));
    }
  }

  private void point(String name, long round) throws IOException {
    Path file = new Path(folder, name);
    if (!storage.exists(file) || !names(file, pointer(round))) {
      storage.writeJson(file, pointer(round));
    }
  }

  private boolean names(Path file, Pointer pointer) throws IOException {
    try {
      return storage.readJson(file, Pointer.class, LIMIT_BYTES).equals(pointer);
    } catch (IllegalArgumentException e) {
      LOG.warn("{} is damaged, and written anew: {}", file, e.getMessage());
      return false;
    }
  }

  /** What a run ends with that can't write a file or folder of its own. */
  static IOException unwritable(Path path, IOException cause) {
    return new IOException(
        path
            + " can't be written: "
            + Storage.firstLine(cause)
            + "; earlier checkpoints stay: mend that, and resume",
        cause);
  }

  /**
   * The model at a URI: of a run its best checkpoint, or the latest if none is best, or that very
   * checkpoint.
   *
   * @throws IllegalArgumentException if there is neither
   * @throws DamagedCheckpointException if it is damaged; names the file
   */
  public static Model model(Storage storage, String uri) throws IOException {
    Path path = storage.path(uri);
    RunFolder run = new RunFolder(storage, path);
    for (String name : List.of(BEST, LATEST)) {
      Path file = new Path(path, name);
      if (storage.exists(file)) {
        Pointer pointer = storage.readJson(file, Pointer.class, LIMIT_BYTES);
        return run.model(pointer.round());
      }
    }
    StoredCheckpointFolder files = new StoredCheckpointFolder(storage, path);
    if (!Manifest.isIn(files)) {
      throw new IllegalArgumentException(
          path + ": no model here (neither a run's latest.json nor a checkpoint's manifest.json)");
    }
    return Checkpoint.readModel(files);
  }

  private Model model(long round) throws IOException {
    try {
      return Checkpoint.readModel(files(round));
    } catch (DamagedCheckpointException e) {
      throw new DamagedCheckpointException(
          e.file(), e.reason() + "; " + advice(newestGoodBut(round)));
    }
  }

  /** Rounds of the committed checkpoints, newest first. */
  private List<Long> rounds() throws IOException {
    List<Long> rounds = new ArrayList<>();
    for (long round : roundFolders()) {
      if (holds(round)) {
        rounds.add(round);
      }
    }
    return rounds;
  }

  private List<Long> roundFolders() throws IOException {
    List<Long> rounds =
        new ArrayList<>(NumberedNames.in(storage, new Path(folder, CHECKPOINTS), ""));
    Collections.reverse(rounds);
    return rounds;
  }

  private static Pointer pointer(long round) {
    return new Pointer(CHECKPOINTS + "/" + round, round);
  }

  /** The folder of the checkpoint after {@code round}, whether it is there or not. */
  public Path checkpoint(long round) {
    return new Path(folder, CHECKPOINTS + "/" + round);
  }

  private StoredCheckpointFolder files(long round) {
    return new StoredCheckpointFolder(storage, checkpoint(round));
  }
}
