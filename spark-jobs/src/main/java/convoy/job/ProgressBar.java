package convoy.job;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.SparkStatusTracker;

/**
 * One line at the bottom of a terminal that says what Spark is doing, redrawn twice a second: the
 * stage's name, its tasks done of all, and for how long. Draws nothing where nobody watches.
 */
final class ProgressBar implements AutoCloseable {
  private static final int WIDTH = 20;
  private static final long REDRAW_MILLIS = 500;
  private static final String CLEAR_LINE = "\r\033[K";

  private final SparkStatusTracker tracker;
  private final PrintStream terminal;
  private final ScheduledExecutorService timer;
  private int stage = -1;
  private long stageBegan;
  private boolean drawn;

  /** The bar for the jobs of {@code context}, on stderr if that is a terminal. */
  ProgressBar(SparkContext context) {
    tracker = context.statusTracker();
    terminal = System.err;
    timer =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "convoy-progress");
              thread.setDaemon(true);
              return thread;
            });
    if (Terminal.attached()) {
      timer.scheduleWithFixedDelay(this::draw, REDRAW_MILLIS, REDRAW_MILLIS, TimeUnit.MILLISECONDS);
    }
  }

  private synchronized void draw() {
    int[] active = tracker.getActiveStageIds();
    if (active.length == 0) {
      return;
    }
    int newest = active[0];
    for (int id : active) {
      newest = Math.max(newest, id);
    }
    if (tracker.getStageInfo(newest).isEmpty()) {
      return;
    }
    SparkStageInfo info = tracker.getStageInfo(newest).get();
    if (newest != stage) {
      stage = newest;
      stageBegan = System.nanoTime();
    }
    // Repeated and speculative tasks may complete more often than there are partitions.
    int done = Math.min(info.numCompletedTasks(), info.numTasks());
    int filled = info.numTasks() == 0 ? 0 : WIDTH * done / info.numTasks();
    terminal.printf(
        Locale.ROOT,
        "%s%s [%s%s] %d of %d tasks, %d s",
        CLEAR_LINE,
        info.name(),
        "=".repeat(filled),
        " ".repeat(WIDTH - filled),
        done,
        info.numTasks(),
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - stageBegan));
    terminal.flush();
    drawn = true;
  }

  /** Prints a line of the result above the bar. */
  synchronized void println(String line) {
    clear();
    System.out.println(line);
  }

  private void clear() {
    if (drawn) {
      terminal.print(CLEAR_LINE);
      terminal.flush();
      drawn = false;
    }
  }

  /** Removes the bar. */
  @Override
  public synchronized void close() {
    timer.shutdownNow();
    clear();
  }
}
