package convoy.job;

import java.io.PrintStream;
import java.util.Locale;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import org.apache.spark.SparkContext;
import org.apache.spark.SparkStageInfo;
import org.apache.spark.SparkStatusTracker;
import org.slf4j.LoggerFactory;

/**
 * One line at the bottom of a terminal that says what Spark is doing, redrawn twice a second: the
 * stage's tasks done of all, for how long, and its name. Draws nothing where nobody watches, or
 * where Spark's own messages would run through it.
 */
final class ProgressBar implements AutoCloseable {
  private static final int WIDTH = 20;
  private static final long REDRAW_MILLIS = 500;
  private static final String CLEAR_LINE = "\r\033[K";

  /** Without wrapping, a terminal keeps a line that is wider than itself on one line. */
  private static final String NO_WRAP = "\033[?7l";

  private static final String WRAP = "\033[?7h";

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
    if (Terminal.attached() && !LoggerFactory.getLogger(SparkContext.class).isInfoEnabled()) {
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
        "%s%s[%s%s] %d of %d tasks, %d s  %s%s",
        CLEAR_LINE,
        NO_WRAP,
        "=".repeat(filled),
        " ".repeat(WIDTH - filled),
        done,
        info.numTasks(),
        TimeUnit.NANOSECONDS.toSeconds(System.nanoTime() - stageBegan),
        info.name(),
        WRAP);
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
