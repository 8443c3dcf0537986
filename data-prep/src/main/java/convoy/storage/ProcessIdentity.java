package convoy.storage;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * A process, told apart from later ones with the same number and from those of other hosts; whoever
 * owns a file can be told by it after the process has ended.
 *
 * @param host the name of its host
 * @param pid its number there
 * @param started when it started: on Linux in the system's ticks since it booted, elsewhere in
 *     milliseconds since 1970; -1 if unknown
 */
public record ProcessIdentity(String host, long pid, long started) {
  /** Where the start stands in what Linux tells of a process behind its name, counted from 0. */
  private static final int STARTED_FIELD = 19;

  /** This process. */
  public static ProcessIdentity here() throws IOException {
    return of(ProcessHandle.current());
  }

  /** A process of this host. */
  public static ProcessIdentity of(ProcessHandle process) throws IOException {
    return new ProcessIdentity(
        InetAddress.getLocalHost().getHostName(), process.pid(), started(process));
  }

  /** Whether it was a process of this host that does not run any more. */
  public boolean hasEnded() throws IOException {
    if (!host.equals(InetAddress.getLocalHost().getHostName())) {
      return false;
    }
    Optional<ProcessHandle> process = ProcessHandle.of(pid);
    return process.isEmpty() || started(process.get()) != started;
  }

  /**
   * Not Java's start on Linux: that is counted from the clock's time at boot, so it is another one
   * once the clock was set.
   */
  private static long started(ProcessHandle process) {
    try {
      String told = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
      // The name, in brackets, may hold anything.
      String[] fields = told.substring(told.lastIndexOf(')') + 2).split(" ");
      return Long.parseLong(fields[STARTED_FIELD]);
    } catch (IOException e) {
      return process.info().startInstant().map(Instant::toEpochMilli).orElse(-1L);
    }
  }

  /** What a user needs to find the process. */
  @Override
  public String toString() {
    return "process " + pid + " on " + host;
  }
}
