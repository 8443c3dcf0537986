package convoy.faults;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * Holds a round in its middle for as long as a test wants, however fast the machine is: one task,
 * in whatever process it runs, waits at its start. Spoken of in files, as processes share no more.
 */
final class Gate {
  /** The setting of Spark that names the folder. */
  static final String KEY = "spark.convoy.test.gate";

  private static final int POLL_MILLIS = 10;
  private static final long LIMIT_NANOS = TimeUnit.MINUTES.toNanos(2);

  /** Holds the description of the round that is not let through. */
  private final Path closed;

  /** Is there once a task has come to the closed gate. */
  private final Path reached;

  Gate(Path folder) {
    closed = folder.resolve("closed");
    reached = folder.resolve("reached");
  }

  /** Holds one task of the next round of that description. */
  void close(String round) throws IOException {
    Files.deleteIfExists(reached);
    Files.writeString(closed, round);
  }

  /** Lets all through. */
  void open() throws IOException {
    Files.deleteIfExists(closed);
  }

  /** Whether a task waits, or has waited since the gate was closed. */
  boolean isReached() {
    return Files.exists(reached);
  }

  /** Waits until a task waits. */
  void awaitReached() {
    long end = System.nanoTime() + LIMIT_NANOS;
    while (!isReached()) {
      if (System.nanoTime() > end) {
        throw new AssertionError("no task has come to the gate");
      }
      pause();
    }
  }

  /** What a task of a round does at its start; the first of a closed round waits here. */
  void pass(String round) throws IOException {
    if (!isClosedFor(round)) {
      return;
    }
    try {
      Files.createFile(reached);
    } catch (FileAlreadyExistsException e) {
      return;
    }
    while (isClosedFor(round) && !Thread.currentThread().isInterrupted()) {
      pause();
    }
  }

  private boolean isClosedFor(String round) throws IOException {
    try {
      return Files.readString(closed).equals(round);
    } catch (NoSuchFileException e) {
      return false;
    }
  }

  private static void pause() {
    try {
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
