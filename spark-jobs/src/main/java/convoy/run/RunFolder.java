package convoy.run;

import convoy.engine.checkpoint.Checkpoint;
import convoy.engine.checkpoint.DamagedCheckpointException;
import convoy.engine.checkpoint.Manifest;
import convoy.engine.checkpoint.Model;
import convoy.engine.training.TrainingConfig;
import convoy.storage.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.apache.hadoop.fs.FileStatus;
import org.apache.hadoop.fs.Path;

/**
 * The folder of one training run: its {@link RunCheckpoints}, {@code config.yaml}, {@code
 * origin.json} where it began with a trained model's weights, {@code rounds.jsonl}, and the lock of
 * the run that is writing.
 */
public final class RunFolder {
  private static final String CONFIG = "config.yaml";
  private static final String ORIGIN = "origin.json";
  private static final List<String> OWN_FILES =
      Stream.concat(RunCheckpoints.FILES.stream(), Stream.of(CONFIG, ORIGIN, RoundLog.FILE))
          .toList();
  private static final int ORIGIN_LIMIT_BYTES = 1 << 24;

  private final Storage storage;
  private final Path folder;
  private final RunCheckpoints checkpoints;

  /** The run in {@code folder}, which need not exist yet. */
  public RunFolder(Storage storage, Path folder) {
    this.storage = storage;
    this.folder = folder;
    checkpoints = new RunCheckpoints(storage, folder);
  }

  /** Where it lies. */
  public Path folder() {
    return folder;
  }

  /** Its checkpoints. */
  public RunCheckpoints checkpoints() {
    return checkpoints;
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

  /** The names of what is here that a run writes. */
  public Set<String> ownFiles() throws IOException {
    Set<String> found = new HashSet<>();
    for (String name : OWN_FILES) {
      if (storage.exists(new Path(folder, name))) {
        found.add(name);
      }
    }
    return found;
  }

  /**
   * Removes what a run that ended before its first checkpoint has left, which is of no use.
   *
   * @param before what was here before it and is not its own, as a config.yaml that a user put here
   */
  public void removeIfNothingIsCommitted(RunLock lock, Set<String> before) throws IOException {
    if (lock.isHeld() && !checkpoints.any()) {
      for (String name : OWN_FILES) {
        if (!before.contains(name)) {
          storage.delete(new Path(folder, name));
        }
      }
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
   * Removes what is damaged and would keep a run from its end: the newest checkpoints up to the
   * first that is good, all where none is, the best one, and the log of the rounds.
   *
   * @throws InUseException if a run is under way
   */
  public void removeDamaged() throws IOException {
    if (!isOccupied()) {
      return;
    }
    RunLock lock = lock();
    try {
      RoundLog.removeIfAltered(storage, folder, checkpoints.removeDamaged());
    } finally {
      lock.close();
    }
  }

  /** The log of the rounds of a run that goes on after {@code round}; see {@link RoundLog#open}. */
  public RoundLog roundLog(long round) throws IOException {
    return RoundLog.open(storage, folder, round);
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
    Optional<Model> model = new RunFolder(storage, path).checkpoints().model();
    if (model.isPresent()) {
      return model.get();
    }
    StoredCheckpointFolder files = new StoredCheckpointFolder(storage, path);
    if (!Manifest.isIn(files)) {
      throw new IllegalArgumentException(
          path + ": no model here (neither a run's latest.json nor a checkpoint's manifest.json)");
    }
    return Checkpoint.readModel(files);
  }
}
