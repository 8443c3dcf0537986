package convoy.run;

import convoy.engine.checkpoint.Checkpoint;
import convoy.engine.checkpoint.DamagedCheckpointException;
import convoy.engine.checkpoint.Manifest;
import convoy.engine.checkpoint.Model;
import convoy.engine.checkpoint.RunState;
import convoy.storage.NumberedNames;
import convoy.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The checkpoints of a run's folder: {@code checkpoints/<round>}, never changed, and {@code
 * latest.json} and {@code best.json}, which name one of them.
 *
 * <p>A checkpoint exists once its manifest does. It is written under its own name, so a folder
 * without a manifest is what an interrupted run left, and is removed by the next.
 */
public final class RunCheckpoints {
  private static final Logger LOG = LoggerFactory.getLogger(RunCheckpoints.class);
  private static final String CHECKPOINTS = "checkpoints";
  private static final String LATEST = "latest.json";
  private static final String BEST = "best.json";
  private static final int LIMIT_BYTES = 1 << 16;

  /** All that lies in the run's folder. */
  static final List<String> FILES = List.of(LATEST, BEST, CHECKPOINTS);

  /**
   * The content of latest.json and best.json.
   *
   * @param checkpoint the checkpoint's folder, relative to the run's
   * @param round whose weights it holds
   */
  record Pointer(String checkpoint, long round) {}

  private final Storage storage;
  private final Path folder;

  RunCheckpoints(Storage storage, Path folder) {
    this.storage = storage;
    this.folder = folder;
  }

  /** Whether a checkpoint has been committed, be it damaged since or not. */
  public boolean any() throws IOException {
    return !rounds().isEmpty();
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
              + (good.isEmpty() ? "" : ": remove " + folder(newest) + " to go on from there"));
    }
  }

  /**
   * Removes the newest ones up to the first that is good, all where none is, and the best one by
   * that if it is damaged.
   *
   * @return the round that a resume goes on after, 0 if none is good
   */
  long removeDamaged() throws IOException {
    for (long round : rounds()) {
      try {
        Checkpoint newest = Checkpoint.read(files(round));
        Optional<RunState.Best> best = newest.state().best();
        if (best.isPresent() && holds(best.get().round())) {
          removeIfDamaged(best.get().round());
        }
        return round;
      } catch (DamagedCheckpointException e) {
        removeDamaged(round, e);
      }
    }
    return 0;
  }

  private void removeIfDamaged(long round) throws IOException {
    try {
      Checkpoint.readModel(files(round));
    } catch (DamagedCheckpointException e) {
      removeDamaged(round, e);
    }
  }

  private void removeDamaged(long round, DamagedCheckpointException damage) throws IOException {
    LOG.warn("{} is removed, as it is damaged: {}", folder(round), damage.getMessage());
    storage.delete(folder(round));
  }

  private Optional<Long> newestGoodBut(long damaged) throws IOException {
    for (long round : rounds()) {
      if (round != damaged && isGood(round)) {
        return Optional.of(round);
      }
    }
    return Optional.empty();
  }

  private String advice(Optional<Long> good) {
    return good.isEmpty()
        ? "there is no good checkpoint in " + folder
        : "the newest good checkpoint is " + folder(good.get());
  }

  private boolean isGood(long round) throws IOException {
    try {
      Checkpoint.read(files(round));
      return true;
    } catch (DamagedCheckpointException e) {
      return false;
    }
  }

  /** Removes checkpoints that were never finished. */
  public void removeUnfinished() throws IOException {
    for (long round : roundFolders()) {
      if (!holds(round)) {
        storage.delete(folder(round));
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
   * @param lock of the run, which another one may take over while this writes
   * @throws IllegalStateException if it did
   * @throws IOException if it can't be written; earlier checkpoints stay
   */
  public void commit(Checkpoint checkpoint, int keep, RunLock lock) throws IOException {
    long round = checkpoint.state().progress().round();
    try {
      checkpoint.write(new LockedCheckpointFolder(files(round), lock));
    } catch (IOException e) {
      throw RunFolder.unwritable(folder(round), e);
    }
    Optional<Long> best = checkpoint.state().best().map(found -> found.round());
    lock.checkHeld();
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
      storage.delete(new Path(folder(round), Manifest.NAME));
      storage.delete(folder(round));
    } catch (IOException e) {
      LOG.warn("{} stays: {}", folder(round), Storage.firstLine(e));
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

  /**
   * The model of the best one, or of the latest if none is best; empty where none is named.
   *
   * @throws DamagedCheckpointException if it is damaged; names the file
   */
  public Optional<Model> model() throws IOException {
    for (String name : List.of(BEST, LATEST)) {
      Path file = new Path(folder, name);
      if (storage.exists(file)) {
        return Optional.of(named(file));
      }
    }
    return Optional.empty();
  }

  /** The model that a pointer names, which a training under way may move and remove what it was. */
  private Model named(Path file) throws IOException {
    Pointer pointer = storage.readJson(file, Pointer.class, LIMIT_BYTES);
    while (true) {
      try {
        return model(pointer.round());
      } catch (IOException e) { // damaged, or gone between its manifest and the rest
        Pointer now = storage.readJson(file, Pointer.class, LIMIT_BYTES);
        if (now.equals(pointer)) {
          throw e;
        }
        pointer = now;
      }
    }
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
  public Path folder(long round) {
    return new Path(folder, CHECKPOINTS + "/" + round);
  }

  private StoredCheckpointFolder files(long round) {
    return new StoredCheckpointFolder(storage, folder(round));
  }
}
