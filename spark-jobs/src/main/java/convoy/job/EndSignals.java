package convoy.job;

import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.service.launcher.IrqHandler;

/**
 * Tells a process that it shall end, by Ctrl-C or SIGTERM, in place of Java's own answer, which is
 * to shut down. Signals that the process was started to ignore stay ignored.
 */
public final class EndSignals {
  private static final List<String> NAMES = List.of("INT", "TERM");
  private static final int SIGNALLED = 128;

  /** Ctrl-C reaches a driver twice: from the terminal, and from the launcher that had it too. */
  private static final long SAME_NANOS = TimeUnit.SECONDS.toNanos(1);

  /** Who is told. */
  @FunctionalInterface
  public interface Listener {
    /**
     * The process shall end; called on a thread of its own.
     *
     * @param again whether it has been told before, which is asked for by the impatient
     * @param status what the process would have exited with
     */
    void toldToEnd(boolean again, int status);
  }

  private final Listener listener;
  private boolean told;
  private long toldNanos;

  private EndSignals(Listener listener) {
    this.listener = listener;
  }

  /** Has {@code listener} told from now on. */
  public static void tell(Listener listener) {
    EndSignals signals = new EndSignals(listener);
    for (String name : NAMES) {
      new IrqHandler(name, signal -> signals.receive(signal.getNumber())).bind();
    }
  }

  private void receive(int number) {
    boolean again;
    synchronized (this) {
      long now = System.nanoTime();
      again = told;
      if (told && now - toldNanos < SAME_NANOS) {
        return;
      }
      told = true;
      toldNanos = now;
    }
    listener.toldToEnd(again, SIGNALLED + number);
  }
}
