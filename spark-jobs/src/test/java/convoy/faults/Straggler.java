package convoy.faults;

import java.io.IOException;
import java.io.UncheckedIOException;

/** Slows a process of this machine down to a small part of its speed, until it is closed. */
final class Straggler implements AutoCloseable {
  /** Nine tenths of the time it stands still; it answers, late. */
  private static final String SLOW =
      "while kill -STOP $0 && sleep 0.45 && kill -CONT $0; do sleep 0.05; done";

  private final Process shell;
  private final String pid;

  private Straggler(Process shell, String pid) {
    this.shell = shell;
    this.pid = pid;
  }

  static Straggler of(ProcessHandle process) {
    String pid = Long.toString(process.pid());
    try {
      return new Straggler(new ProcessBuilder("sh", "-c", SLOW, pid).start(), pid);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public void close() throws IOException {
    shell.destroyForcibly().onExit().join();
    new ProcessBuilder("kill", "-CONT", pid).start().onExit().join();
  }
}
