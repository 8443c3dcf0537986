package convoy.faults;

import java.io.IOException;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/** Slows processes down, as neighbours on a busy machine do: they stand still most of the time. */
final class Straggler implements AutoCloseable {
  private static final int PERIOD_MILLIS = 500;
  private static final int STOPPED_MILLIS = 470;

  private final List<ProcessHandle> processes;
  private final ScheduledExecutorService clock = Executors.newSingleThreadScheduledExecutor();

  /** Slows {@code processes} down until {@link #close}. */
  Straggler(List<ProcessHandle> processes) {
    this.processes = List.copyOf(processes);
    clock.scheduleAtFixedRate(() -> signal("-STOP"), 0, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
    clock.scheduleAtFixedRate(
        () -> signal("-CONT"), STOPPED_MILLIS, PERIOD_MILLIS, TimeUnit.MILLISECONDS);
  }

  private void signal(String name) {
    for (ProcessHandle process : processes) {
      try {
        new ProcessBuilder("kill", name, Long.toString(process.pid())).start().waitFor();
      } catch (IOException e) {
        throw new IllegalStateException("no kill", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** Lets them run at full speed again. */
  @Override
  public void close() {
    clock.shutdown();
    try {
      if (!clock.awaitTermination(1, TimeUnit.MINUTES)) {
        throw new IllegalStateException("the clock still ticks after a minute");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    signal("-CONT");
  }
}
