package convoy.faults;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Holds a training in the middle of something for as long as a test wants, however fast the machine
 * is: the first who comes to the closed gate, in whatever process, waits there. Spoken of in files,
 * as processes share no more.
 */
final class Gate {
  /** The setting that names the folder. */
  static final String KEY = "spark.convoy.test.gate";

  private static final int POLL_MILLIS = 10;
  private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(4);

  /** Holds the regular expression of what is not let through. */
  private final Path closed;

  /** Is there once somebody has come to the closed gate. */
  private final Path reached;

  Gate(Path folder) {
    closed = folder.resolve("closed");
    reached = folder.resolve("reached");
  }

  /** Holds the first whose name matches a regular expression. */
  void close(String names) throws IOException {
    Files.deleteIfExists(reached);
    Files.writeString(closed, names);
  }

  /** Lets all through. */
  void open() throws IOException {
    Files.deleteIfExists(closed);
  }

  /** Whether somebody waits, or has waited since the gate was closed. */
  boolean isReached() {
    return Files.exists(reached);
  }

  /** Waits until somebody waits. */
  void awaitReached() throws IOException {
    long end = System.nanoTime() + LIMIT_NANOS;
    while (!isReached()) {
      pause(end);
    }
  }

  /**
   * Returns when the gate is open, or at once for all but the first who comes.
   *
   * @param name of a round, or of a file that is being written
   * @throws IOException if it stays closed, or when interrupted
   */
  void pass(String name) throws IOException {
    if (!isClosedFor(name)) {
      return;
    }
    try {
      Files.createFile(reached);
    } catch (FileAlreadyExistsException e) {
      return;
    }
    long end = System.nanoTime() + LIMIT_NANOS;
    while (isClosedFor(name)) {
      pause(end);
    }
  }

  /** Whether somebody of that name would wait. */
  boolean isClosedFor(String name) throws IOException {
    try {
      return name.matches(Files.readString(closed));
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static void pause(long end) throws IOException {
    if (System.nanoTime() > end) {
      throw new IOException("waited for too long at the gate");
    }
    try {
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted at the gate", e);
    }
  }
}
