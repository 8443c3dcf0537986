package convoy.storage;

import java.io.IOException;
import java.net.InetAddress;
import java.time.Instant;
import java.util.Optional;

/**
 * A process, told apart from later ones with the same number and from those of other hosts; whoever
 * owns a file can be told by it after the process has ended.
 *
 * @param host the name of its host
 * @param pid its number there
 * @param startedMillis when it started, in milliseconds since 1970; -1 if unknown
 */
public record ProcessIdentity(String host, long pid, long startedMillis) {

  /** This process. */
  public static ProcessIdentity here() throws IOException {
    return of(ProcessHandle.current());
  }

  /** A process of this host. */
  public static ProcessIdentity of(ProcessHandle process) throws IOException {
    return new ProcessIdentity(
        InetAddress.getLocalHost().getHostName(), process.pid(), startedMillis(process));
  }

  /** Whether it was a process of this host that does not run any more. */
  public boolean hasEnded() throws IOException {
    if (!host.equals(InetAddress.getLocalHost().getHostName())) {
      return false;
    }
    Optional<ProcessHandle> process = ProcessHandle.of(pid);
    return process.isEmpty() || startedMillis(process.get()) != startedMillis;
  }

  private static long startedMillis(ProcessHandle process) {
    return process.info().startInstant().map(Instant::toEpochMilli).orElse(-1L);
  }

  /** What a user needs to find the process. */
  @Override
  public String toString() {
    return "process " + pid + " on " + host;
  }
}
