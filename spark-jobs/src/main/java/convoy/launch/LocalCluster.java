package convoy.launch;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A real standalone Spark on this machine's loopback: a master and workers as processes of their
 * own, on free ports.
 *
 * <p>Ctrl-C in a terminal does not reach these processes, so that a driver can cancel its tasks and
 * keep its last commit; {@link #close} ends them, and they end by themselves when the JVM that
 * started them is gone.
 */
public final class LocalCluster implements AutoCloseable {
  /** Where the master is, and workers unless something else is wanted. */
  static final String HOST = "127.0.0.1";

  private static final Duration START_LIMIT = Duration.ofSeconds(60);
  private static final Duration STOP_LIMIT = Duration.ofSeconds(10);

  private final String masterUrl;
  private final ClusterMember master;
  private final List<ClusterMember> workers;

  private LocalCluster(String masterUrl, ClusterMember master, List<ClusterMember> workers) {
    this.masterUrl = masterUrl;
    this.master = master;
    this.workers = List.copyOf(workers);
  }

  /**
   * Starts a master and workers, and waits until all workers have registered.
   *
   * @param sparkHome a Spark distribution, or the Spark that the build assembles
   * @param folder for logs, work and scratch; the caller removes it
   * @param hosts the address of each worker, all on this machine's loopback; Spark takes different
   *     ones for different machines
   * @param coresPerWorker cores that a worker offers; several workers may share a processor's
   * @param memoryPerWorker what a worker offers to executors, as "3g"; reserves nothing
   * @throws IOException if a process ends too early or the workers do not register in time
   */
  public static LocalCluster start(
      Path sparkHome, Path folder, List<String> hosts, int coresPerWorker, String memoryPerWorker)
      throws IOException {
    if (hosts.isEmpty() || coresPerWorker < 1) {
      throw new IllegalArgumentException(
          "a cluster of "
              + hosts.size()
              + " workers with "
              + coresPerWorker
              + " cores; wanted at least one of each");
    }
    Files.createDirectories(folder);
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
      for (int i = 0; i < hosts.size(); i++) {
        started.add(command.startWorker(hosts.get(i), i + 1, coresPerWorker, memoryPerWorker, url));
      }
      status.await(hosts.size(), started, START_LIMIT);
      return new LocalCluster(url, master, started.subList(1, started.size()));
    } catch (IOException | RuntimeException e) {
      stop(started);
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

  /** Ends executors, workers and master. */
  @Override
  public void close() {
    List<ClusterMember> members = new ArrayList<>(workers);
    members.add(0, master);
    stop(members);
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
    CompletableFuture.allOf(
            executors.stream().map(ProcessHandle::onExit).toArray(CompletableFuture[]::new))
        .orTimeout(STOP_LIMIT.toSeconds(), TimeUnit.SECONDS)
        .exceptionally(late -> null)
        .join();
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(HOST))) {
      return socket.getLocalPort();
    }
  }
}
