package convoy.run;

import convoy.storage.ProcessIdentity;
import convoy.storage.Storage;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.Path;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a second run out of a run's folder: a file that names its owner and is written anew every
 * {@value #RENEW_SECONDS} s. A lock whose owner is gone is taken over: at once if the owner was a
 * process of this host that no longer runs, else when it was not renewed for {@value
 * #EXPIRE_SECONDS} s by the file system's clock.
 */
public final class RunLock implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RunLock.class);
  static final String FILE = "run.lock";
  private static final int RENEW_SECONDS = 10;
  private static final Duration RENEW = Duration.ofSeconds(RENEW_SECONDS);
  private static final int EXPIRE_SECONDS = 60;
  private static final int LIMIT_BYTES = 1 << 16;

  /** How often it is tried to take a lock that others give up or take meanwhile. */
  private static final int TRIES = 3;

  /**
   * Who holds a lock.
   *
   * @param id of this very holding
   * @param process the driver's
   */
  record Owner(String id, ProcessIdentity process) {}

  private final Storage storage;
  private final Path file;
  private final Owner owner;
  private final ScheduledExecutorService renewal;

  private RunLock(Storage storage, Path file, Owner owner, Duration renew) {
    this.storage = storage;
    this.file = file;
    this.owner = owner;
    ScheduledThreadPoolExecutor timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "convoy-run-lock");
              thread.setDaemon(true);
              return thread;
            });
    timer.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    timer.scheduleWithFixedDelay(
        this::renew, renew.toMillis(), renew.toMillis(), TimeUnit.MILLISECONDS);
    renewal = timer;
  }

  /**
   * Takes the lock of the run in {@code folder}.
   *
   * @throws InUseException if another run holds it; names the holder
   */
  public static RunLock take(Storage storage, Path folder) throws IOException {
    return take(storage, folder, RENEW);
  }

  /** As above, written anew every {@code renew}. */
  static RunLock take(Storage storage, Path folder, Duration renew) throws IOException {
    Path file = new Path(folder, FILE);
    Owner owner = new Owner(UUID.randomUUID().toString(), ProcessIdentity.here());
    byte[] content = Storage.json(owner);
    for (int i = 0; i < TRIES; i++) {
      if (storage.createExclusively(file, content)) {
        return new RunLock(storage, file, owner, renew);
      }
      try {
        deleteIfGone(storage, folder, file);
      } catch (FileNotFoundException e) {
        LOG.info("{} was given up meanwhile", file);
      }
    }
    throw new InUseException(folder + " has just been taken by another run: wait for it");
  }

  /**
   * Deletes the lock of a run that is gone.
   *
   * @throws InUseException if it is not
   * @throws FileNotFoundException if the lock was given up meanwhile
   */
  private static void deleteIfGone(Storage storage, Path folder, Path file) throws IOException {
    Optional<Owner> holder = holder(storage, file);
    String name =
        holder
            .map(found -> found.process().toString())
            .orElse("unknown, since the lock can't be read");
    if (holder.isEmpty() || !holder.get().process().hasEnded()) {
      Duration age = age(storage, folder, file);
      if (age.toSeconds() < EXPIRE_SECONDS) {
        throw new InUseException(
            folder
                + " is in use by another run ("
                + name
                + ", last seen "
                + age.toSeconds()
                + " s ago): wait for it, or try again in "
                + (EXPIRE_SECONDS - age.toSeconds())
                + " s if it is dead");
      }
    }
    // Another one may have taken it over while this one looked.
    if (holder(storage, file).equals(holder)) {
      LOG.warn("taking over the lock of a run that is gone: {}", name);
      storage.delete(file);
    }
  }

  /** Who holds a lock; empty if its file is no lock, as when its writer died in the middle. */
  private static Optional<Owner> holder(Storage storage, Path file) throws IOException {
    try {
      return Optional.of(storage.readJson(file, Owner.class, LIMIT_BYTES));
    } catch (IllegalArgumentException e) {
      LOG.warn("{}", e.getMessage());
      return Optional.empty();
    }
  }

  /** How long ago the lock was renewed, by the clock of the file system that keeps it. */
  private static Duration age(Storage storage, Path folder, Path file) throws IOException {
    long then = storage.fileSystem(file).getFileStatus(file).getModificationTime();
    Path probe = Storage.temporary(new Path(folder, "clock"));
    try {
      storage.writeAtomically(probe, new byte[0]);
      long now = storage.fileSystem(probe).getFileStatus(probe).getModificationTime();
      return Duration.ofMillis(Math.max(0, now - then));
    } catch (FileNotFoundException e) {
      // Removed by the holder, as its run begins: it lives.
      return Duration.ZERO;
    } finally {
      storage.discard(probe);
    }
  }

  private synchronized void renew() {
    if (renewal.isShutdown()) {
      return;
    }
    try {
      if (isHeld()) {
        storage.writeJson(file, owner);
      } else {
        LOG.error("{} was taken over by another run", file);
      }
    } catch (IOException | RuntimeException e) {
      LOG.warn("{} could not be renewed: {}", file, e.getMessage());
    }
  }

  /**
   * Deletes the temporary files that killed processes have left in the folder, between two
   * renewals: those write there too. Nobody else may.
   */
  public synchronized void deleteTemporaries() throws IOException {
    storage.deleteTemporaries(file.getParent());
  }

  /** Whether this run still holds the lock. */
  public boolean isHeld() throws IOException {
    try {
      return holder(storage, file).equals(Optional.of(owner));
    } catch (FileNotFoundException e) {
      return false;
    }
  }

  /**
   * Checks that this run still holds the lock.
   *
   * @throws IllegalStateException if not
   */
  public void checkHeld() throws IOException {
    if (!isHeld()) {
      throw new IllegalStateException(
          file.getParent() + " was taken over by another run: this one ends");
    }
  }

  /**
   * Gives the lock up, unless another run has it by now. Where its file can't be deleted it
   * expires, which undoes nothing of what the run has done.
   */
  @Override
  public synchronized void close() {
    renewal.shutdown();
    try {
      if (isHeld()) {
        storage.delete(file);
      }
    } catch (IOException e) {
      LOG.warn("{} stays until it expires: {}", file, Storage.firstLine(e));
    }
  }
}
