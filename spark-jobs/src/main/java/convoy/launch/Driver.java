package convoy.launch;

import convoy.job.EndSignals;
import convoy.job.ExitStatus;
import convoy.job.JobRunner;
import convoy.job.ScratchFolder;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.HashMap;
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
  private static final String ADDRESS_VARIABLE = "SPARK_LOCAL_IP";
  private static final String SCRATCH_VARIABLE = "SPARK_LOCAL_DIRS";
  private static final String SCRATCH_KEY = "spark.local.dir";
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
      if (!submission.hasDriverHere()) {
        return submit(submission, Map.of());
      }
      try (ScratchFolder scratch =
          ScratchFolder.open(parentOfScratch(submission.settings(), System.getenv()))) {
        return runHere(scratch);
      }
    } finally {
      cleaned.countDown();
    }
  }

  /** Where the user wants Spark's scratch, the first place of several. */
  private static Path parentOfScratch(SparkSettings settings, Map<String, String> environment) {
    String wanted = environment.getOrDefault(SCRATCH_VARIABLE, settings.value(SCRATCH_KEY));
    return Path.of(wanted.isEmpty() ? System.getProperty("java.io.tmpdir") : wanted.split(",")[0])
        .toAbsolutePath();
  }

  private int runHere(ScratchFolder scratch) throws IOException {
    Submission call = submission.withTemporary(scratch.folder("temporary"));
    Map<String, String> environment = new HashMap<>();
    if (!call.isOnKubernetes()) { // which would mount the driver's folder in the executors' pods
      environment.put(SCRATCH_VARIABLE, scratch.folder("spark").toString());
    }
    Optional<ClusterSize> size = options.localCluster();
    if (size.isPresent() || call.isLocal()) {
      environment.put(
          ADDRESS_VARIABLE, System.getenv().getOrDefault(ADDRESS_VARIABLE, LocalCluster.HOST));
    }
    if (size.isEmpty()) {
      return submit(call, environment);
    }
    System.err.println("starting a standalone Spark on loopback: " + size.get());
    try (LocalCluster cluster =
        LocalCluster.start(
            submission.installation().sparkHome(),
            scratch.folder("cluster"),
            Collections.nCopies(size.get().workers(), LocalCluster.HOST),
            size.get().cores(),
            submission.settings().value("spark.executor.memory"))) {
      return submit(call.on(cluster.masterUrl(), scratch.folder("temporary")), environment);
    }
  }

  private int submit(Submission call, Map<String, String> environment) throws IOException {
    List<String> command = call.command();
    if (call.arguments().contains("--verbose")) {
      System.err.println(String.join(" ", command));
    }
    ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
    builder.environment().putAll(environment);
    if (call.hasDriverHere()) { // one in the cluster outlives this process
      builder
          .environment()
          .put(JobRunner.LAUNCHER_VARIABLE, Long.toString(ProcessHandle.current().pid()));
    }
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
