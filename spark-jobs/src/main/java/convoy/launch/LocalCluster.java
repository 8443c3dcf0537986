package convoy.launch;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/**
 * A real standalone Spark on this machine's loopback: a master and workers as processes of their
 * own, on free ports, with their work in a temporary folder.
 *
 * <p>Ctrl-C in a terminal does not reach these processes, so that a driver can cancel its tasks and
 * keep its last commit; {@link #close} ends them, and they end by themselves when the JVM that
 * started them is gone.
 */
public final class LocalCluster implements AutoCloseable {
  private static final String HOST = "127.0.0.1";
  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  private final String masterUrl;
  private final Path folder;
  private final ClusterMember master;
  private final List<ClusterMember> workers;

  private LocalCluster(
      String masterUrl, Path folder, ClusterMember master, List<ClusterMember> workers) {
    this.masterUrl = masterUrl;
    this.folder = folder;
    this.master = master;
    this.workers = List.copyOf(workers);
  }

  /**
   * Starts a master and workers, and waits until all workers have registered.
   *
   * @param sparkHome a Spark distribution, or the Spark that the build assembles
   * @param coresPerWorker cores that a worker offers; several workers may share a processor's
   * @param memoryPerWorker what a worker offers to executors, as "3g"; reserves nothing
   * @throws IOException if a process ends too early or the workers do not register in time
   */
  public static LocalCluster start(
      Path sparkHome, int workers, int coresPerWorker, String memoryPerWorker) throws IOException {
    if (workers < 1 || coresPerWorker < 1) {
      throw new IllegalArgumentException(
          "a cluster of "
              + workers
              + " workers with "
              + coresPerWorker
              + " cores; wanted at least one of each");
    }
    Path folder = Files.createTempDirectory("convoy-cluster-");
    List<ClusterMember> started = new ArrayList<>();
    try {
      ClusterCommand command = new ClusterCommand(sparkHome, folder);
      int port = freePort();
      int uiPort = freePort();
      String url = "spark://" + HOST + ":" + port;
      ClusterMember master = command.startMaster(HOST, port, uiPort);
      started.add(master);
      MasterStatus status = new MasterStatus(HOST, uiPort, url);
      status.await(0, started, START_LIMIT);
      for (int i = 1; i <= workers; i++) {
        started.add(command.startWorker(HOST, i, coresPerWorker, memoryPerWorker, url));
      }
      status.await(workers, started, START_LIMIT);
      return new LocalCluster(url, folder, master, started.subList(1, started.size()));
    } catch (IOException | RuntimeException e) {
      stop(started);
      delete(folder);
      throw e;
    }
  }

  /** What {@code --master} takes. */
  public String masterUrl() {
    return masterUrl;
  }

  /**
   * The worker processes, in the order in which they were started; their children are executors.
   */
  public List<ProcessHandle> workers() {
    return workers.stream().map(ClusterMember::handle).toList();
  }

  /** The temporary folder; what a driver writes there goes with the cluster. */
  public Path folder() {
    return folder;
  }

  /** Ends executors, workers and master, and removes the temporary folder. */
  @Override
  public void close() {
    List<ClusterMember> members = new ArrayList<>(workers);
    members.add(0, master);
    stop(members);
    delete(folder);
  }

  /** Workers first: they end their executors, and do not wait for a new master meanwhile. */
  private static void stop(List<ClusterMember> members) {
    List<ClusterMember> lastFirst = new ArrayList<>(members);
    Collections.reverse(lastFirst);
    List<ProcessHandle> executors =
        lastFirst.stream().flatMap(member -> member.handle().descendants()).toList();
    lastFirst.forEach(ClusterMember::end);
    lastFirst.forEach(member -> member.awaitEnd(STOP_LIMIT));
    executors.forEach(ProcessHandle::destroyForcibly);
  }

  private static void delete(Path folder) {
    if (!Files.exists(folder)) {
      return;
    }
    try (Stream<Path> found = Files.walk(folder)) {
      for (Path path : found.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | UncheckedIOException e) {
      System.err.println("the temporary folder " + folder + " could not be removed: " + e);
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
      return socket.getLocalPort();
    }
  }
}
