package convoy.training;

import convoy.training.TrainingRequest.Existing;
import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.fs.Path;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.SparkContext;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Ends a training in good order from another thread.
 *
 * <p>{@link #stop} gives the round that is under way so many seconds to be finished and committed,
 * and cancels it if it takes longer, at once if that can be foreseen. When the process shuts down
 * meanwhile or without it, the tasks are cancelled at once, and Spark's own shutdown is held back
 * until the run's lock is given up.
 */
final class Interruption implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(Interruption.class);

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
  private final Existing existing;
  private final int stopWithin;
  private final CountDownLatch ended = new CountDownLatch(1);
  private final Runnable hook = this::shutDown;
  private volatile boolean stopping;
  private volatile boolean cancelling;
  private boolean replaced;

  /** Until when the work under way is expected to last; before the first round nothing is kept. */
  private double expectedEnd = Double.POSITIVE_INFINITY;

  /**
   * Watches over a training in {@code folder} until {@link #close}.
   *
   * @param existing what it was to do with a run that was there
   * @param stopWithin seconds that a round may take to be finished and committed after a stop
   */
  Interruption(SparkContext context, Path folder, Existing existing, int stopWithin) {
    this.context = context;
    this.folder = folder;
    this.existing = existing;
    this.stopWithin = stopWithin;
    ShutdownHookManager.get().addShutdownHook(hook, PRIORITY, LIMIT_SECONDS, TimeUnit.SECONDS);
  }

  /** Says that work begins which is worth finishing, and for how long it is expected to last. */
  synchronized void begin(double expectedSeconds) {
    expectedEnd = now() + expectedSeconds;
  }

  /** Says that the run which was in the folder is no more. */
  void replaced() {
    replaced = true;
  }

  /** Whether {@link #replaced} was said. */
  boolean hasReplaced() {
    return replaced;
  }

  /** Asks for the end of the training and returns; false if it has ended already. */
  boolean stop() {
    double patience;
    synchronized (this) {
      if (ended.getCount() == 0) {
        return false;
      }
      if (stopping) {
        return true;
      }
      stopping = true;
      patience = expectedEnd - now() <= stopWithin ? stopWithin : 0;
    }
    if (patience > 0) {
      LOG.warn("stopping: the round may take {} s more; a second signal cancels it", stopWithin);
    } else {
      LOG.warn("stopping: what is under way is cancelled, as it takes more than {} s", stopWithin);
    }
    Thread watch = new Thread(() -> cancelAfter(patience), "convoy-stop");
    watch.setDaemon(true);
    watch.start();
    return true;
  }

  private void cancelAfter(double seconds) {
    try {
      if (!ended.await(Math.round(1000 * seconds), TimeUnit.MILLISECONDS)) {
        cancel(Long.MAX_VALUE);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void shutDown() {
    try {
      cancel(LIMIT_SECONDS * 1000 / CANCEL_MILLIS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /** Cancels again and again, as a job may be submitted between two cancellations. */
  private void cancel(long times) throws InterruptedException {
    cancelling = true;
    for (long i = 0; i < times; i++) {
      if (!context.isStopped()) {
        context.cancelAllJobs();
      }
      if (ended.await(CANCEL_MILLIS, TimeUnit.MILLISECONDS)) {
        return;
      }
    }
  }

  /** Whether the training is to end after the round that is under way. */
  boolean isStopping() {
    return stopping;
  }

  /** Whether what is under way is to end now. */
  boolean isCancelling() {
    return cancelling;
  }

  /**
   * Runs {@code work}.
   *
   * @throws StoppedException instead of what the cancelled tasks cause
   */
  <T> T translate(Work<T> work) throws IOException, InterruptedException {
    try {
      return work.run();
    } catch (StoppedException e) {
      throw e;
    } catch (Exception e) {
      if (!cancelling) {
        throw e;
      }
      StoppedException stopped =
          new StoppedException(
              existing == Existing.OVERWRITE && !replaced
                  ? "stopped before " + folder + " was replaced; the same command begins anew"
                  : "stopped in the middle of its work; "
                      + folder
                      + " keeps its checkpoints: "
                      + existing.goOn());
      stopped.initCause(e);
      throw stopped;
    }
  }

  private static double now() {
    return System.nanoTime() / 1e9;
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
