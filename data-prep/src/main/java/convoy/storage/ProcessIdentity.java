package convoy.storage;

import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A process, told apart from later ones with the same number and from those of other hosts and
 * containers; whoever owns a file can be told by it after the process has ended.
 *
 * @param host the name of its host
 * @param namespace on Linux the number of the namespace that its own number is of: containers that
 *     share the name of a host have others; -1 if unknown
 * @param pid its number there
 * @param started when it started: on Linux in the system's ticks since it booted, elsewhere in
 *     milliseconds since 1970; -1 if unknown
 */
public record ProcessIdentity(String host, long namespace, long pid, long started) {
  /** Where the start stands in what Linux tells of a process behind its name, counted from 0. */
  private static final int STARTED_FIELD = 19;

  /** How Linux names this process's namespace of numbers. */
  private static final Pattern NAMESPACE = Pattern.compile("pid:\\[(\\d+)]");

  /** This process. */
  public static ProcessIdentity here() throws IOException {
    return of(ProcessHandle.current());
  }

  /** A process that this one sees. */
  public static ProcessIdentity of(ProcessHandle process) throws IOException {
    return new ProcessIdentity(hostHere(), namespaceHere(), process.pid(), started(process));
  }

  private static String hostHere() throws IOException {
    return InetAddress.getLocalHost().getHostName();
  }

  private static long namespaceHere() {
    try {
      Path link = Files.readSymbolicLink(Path.of("/proc/self/ns/pid"));
      Matcher name = NAMESPACE.matcher(link.toString());
      return name.matches() ? Long.parseLong(name.group(1)) : -1;
    } catch (IOException e) {
      return -1;
    }
  }

  /** Whether it was a process of this host and container that does not run any more. */
  public boolean hasEnded() throws IOException {
    if (!host.equals(hostHere()) || namespace != namespaceHere()) {
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
