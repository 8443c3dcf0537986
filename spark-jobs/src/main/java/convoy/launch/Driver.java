package convoy.launch;

import convoy.job.EndSignals;
import convoy.job.ExitStatus;
import convoy.job.JobRunner;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Runs a submission to its end, with the local cluster around it where one is asked for.
 *
 * <p>When the launcher is told to end (Ctrl-C, SIGTERM), the driver is told too, and ends in its
 * own time; when it is told again, within a minute. When the launcher's process shuts down for
 * another reason, the driver gets that minute too. The cluster is stopped after the driver.
 */
final class Driver {
  private static final Duration GRACE = Duration.ofSeconds(60);
  private static final Duration CLEANING_LIMIT = GRACE.plusSeconds(30);

  private final Submission submission;
  private final LaunchOptions options;
  private final CountDownLatch cleaned = new CountDownLatch(1);
  private final AtomicReference<Process> running = new AtomicReference<>();

  Driver(Submission submission, LaunchOptions options) {
    this.submission = submission;
    this.options = options;
  }

  /** The driver's exit status. */
  int run() throws IOException {
    Thread main = Thread.currentThread();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> interrupt(main), "stops-the-driver"));
    EndSignals.tell(this::toldToEnd);
    try {
      Optional<ClusterSize> size = options.localCluster();
      if (size.isEmpty()) {
        return submit(submission, Optional.empty());
      }
      System.err.println("starting a standalone Spark on loopback: " + size.get());
      try (LocalCluster cluster = start(size.get())) {
        return submit(submission.on(cluster.masterUrl()), Optional.of(cluster));
      }
    } finally {
      cleaned.countDown();
    }
  }

  private LocalCluster start(ClusterSize size) throws IOException {
    return LocalCluster.start(
        submission.installation().sparkHome(),
        size.workers(),
        size.cores(),
        submission.settings().value("spark.executor.memory"));
  }

  private int submit(Submission call, Optional<LocalCluster> cluster) throws IOException {
    List<String> command = call.command();
    if (call.arguments().contains("--verbose")) {
      System.err.println(String.join(" ", command));
    }
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    Map<String, String> environment = builder.environment();
    environment.put(JobRunner.LAUNCHER_VARIABLE, Long.toString(ProcessHandle.current().pid()));
    if (call.isLocal() || cluster.isPresent()) {
      environment.putIfAbsent("SPARK_LOCAL_IP", "127.0.0.1");
    }
    cluster.ifPresent(
        running ->
            environment.put("SPARK_LOCAL_DIRS", running.folder().resolve("driver").toString()));
    Process process = builder.start();
    running.set(process);
    try {
      return process.waitFor();
    } catch (InterruptedException e) {
      end(process);
      return ExitStatus.FAILED;
    }
  }

  private void toldToEnd(boolean again, int status) {
    Process driver = running.get();
    if (driver == null) {
      System.exit(status);
    } else if (again) {
      end(driver);
    } else {
      driver.destroy();
    }
  }

  private static void end(Process process) {
    process.destroy();
    try {
      if (!process.waitFor(GRACE.toSeconds(), TimeUnit.SECONDS)) {
        System.err.println("the driver did not end within " + GRACE.toSeconds() + " s; killed it");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    process.destroyForcibly();
  }

  /** Runs while the JVM shuts down, which ends when this does. */
  private void interrupt(Thread main) {
    main.interrupt();
    try {
      if (!cleaned.await(CLEANING_LIMIT.toSeconds(), TimeUnit.SECONDS)) {
        System.err.println("waited " + CLEANING_LIMIT.toSeconds() + " s for driver and cluster");
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
