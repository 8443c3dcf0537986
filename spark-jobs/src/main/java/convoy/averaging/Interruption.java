package convoy.averaging;

import java.io.IOException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.SparkContext;

/**
 * Ends a training in good order when the process is told to end (Ctrl-C, SIGTERM): cancels its
 * tasks, and holds Spark's own shutdown back until the run's lock is given up.
 */
final class Interruption implements AutoCloseable {
  /** Before Spark stops its context (50) and Hadoop closes its file systems (10). */
  private static final int PRIORITY = 100;

  private static final int LIMIT_SECONDS = 15;
  private static final int CANCEL_MILLIS = 100;

  /** Work that may fail as training does. */
  @FunctionalInterface
  interface Work<T> {
    T run() throws IOException, InterruptedException;
  }

  private final SparkContext context;
  private final Path folder;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Runnable hook = this::interrupt;
  private volatile boolean interrupted;

  Interruption(SparkContext context, Path folder) {
    this.context = context;
    this.folder = folder;
    ShutdownHookManager.get().addShutdownHook(hook, PRIORITY, LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  private void interrupt() {
    interrupted = true;
    try {
      // Again and again: a job may be submitted between two cancellations.
      for (int i = 0; i < LIMIT_SECONDS * 1000 / CANCEL_MILLIS; i++) {
        if (!context.isStopped()) {
          context.cancelAllJobs();
        }
        if (ended.await(CANCEL_MILLIS, TimeUnit.MILLISECONDS)) {
          return;
        }
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Whether the process was told to end. */
  boolean isInterrupted() {
    return interrupted;
  }

  /**
   * Runs {@code work}.
   *
   * @throws CancellationException instead of what the cancelled tasks cause, after an interruption
   */
  <T> T translate(Work<T> work) throws IOException, InterruptedException {
    try {
      return work.run();
    } catch (Exception e) {
      if (!interrupted) {
        throw e;
      }
      CancellationException cancelled =
          new CancellationException(
              "interrupted; "
                  + folder
                  + " keeps its checkpoints: go on, or begin again, with --resume");
      cancelled.initCause(e);
      throw cancelled;
    }
  }

  @Override
  public void close() {
    ended.countDown();
    // While the JVM shuts down no hook can be removed, and this one has nothing left to wait for.
    if (!ShutdownHookManager.get().isShutdownInProgress()) {
      ShutdownHookManager.get().removeShutdownHook(hook);
    }
  }
}
