package convoy.launch;

import com.sun.management.OperatingSystemMXBean;
import convoy.job.Terminal;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import java.util.TreeMap;
import org.apache.spark.launcher.JavaModuleOptions;

/** One call of spark-submit: for which job, on which Spark, with which settings. */
record Submission(
    Installation installation, String mainClass, SparkSettings settings, List<String> arguments) {
  static final String DEPLOY_MODE = "spark.submit.deployMode";

  private static final String LOCAL_MASTER = "local[*,4]";
  private static final String DRIVER_FLAGS = "spark.driver.defaultJavaOptions";
  private static final String MORE_DRIVER_FLAGS = "spark.driver.extraJavaOptions";
  private static final String EXECUTOR_FLAGS = "spark.executor.defaultJavaOptions";
  private static final String MORE_EXECUTOR_FLAGS = "spark.executor.extraJavaOptions";

  /** From here on Java warns of the memory access through Unsafe that Spark is built on. */
  private static final int JAVA_WITH_UNSAFE_WARNING = 23;

  /**
   * Composes the call for {@code mainClass}.
   *
   * @throws IllegalArgumentException if the options do not fit where Spark runs
   */
  static Submission of(Installation installation, String mainClass, LaunchOptions options)
      throws IOException {
    Map<String, String> ours = new TreeMap<>(SparkSettings.read(installation.convoyConf()));
    Map<String, String> theirs = SparkSettings.read(installation.sparkConf());
    // The assembled Spark has our file as its own; the heaps in it still have to fit the machine.
    theirs.remove(Heaps.DRIVER_KEY, ours.get(Heaps.DRIVER_KEY));
    theirs.remove(Heaps.EXECUTOR_KEY, ours.get(Heaps.EXECUTOR_KEY));
    Map<String, String> asked = options.settings();
    String master =
        asked.getOrDefault("spark.master", theirs.getOrDefault("spark.master", LOCAL_MASTER));
    if (options.localCluster().isEmpty()) {
      options.checkMaster(master);
    }
    Heaps heaps = fitted(Heaps.of(ours), options, master);

    ours.put("spark.master", LOCAL_MASTER);
    ours.put(Heaps.DRIVER_KEY, heaps.driver() + "m");
    ours.put(Heaps.EXECUTOR_KEY, heaps.executor() + "m");
    options
        .localCluster()
        .ifPresent(
            size -> {
              asked.put("spark.executor.instances", Integer.toString(size.workers()));
              asked.put(DEPLOY_MODE, "client");
              asked.putIfAbsent("spark.executor.cores", Integer.toString(size.cores()));
            });
    SparkSettings settings = SparkSettings.merge(ours, theirs, asked);
    Submission submission =
        new Submission(installation, mainClass, settings, options.jobArguments())
            .withOneCollector(options.localCluster().isPresent());
    return submission.hasDriverHere()
        ? submission.withFlags(
            DRIVER_FLAGS, driverFlags(installation, options.jobArguments().contains("--verbose")))
        : submission.withFlagsForACluster();
  }

  /**
   * The same without our collector for the driver and for executors, where the flags of the user or
   * of the environment choose one.
   */
  private Submission withOneCollector(boolean executorsHere) {
    String driver = settings.value(MORE_DRIVER_FLAGS);
    String executors = settings.value(MORE_EXECUTOR_FLAGS);
    String inherited = installation.javaFlags();
    return withOneCollector(DRIVER_FLAGS, hasDriverHere() ? driver + " " + inherited : driver)
        .withOneCollector(EXECUTOR_FLAGS, executorsHere ? executors + " " + inherited : executors);
  }

  private Submission withOneCollector(String key, String others) {
    if (!CollectorChoice.isIn(others)) {
      return this;
    }
    String flags = CollectorChoice.withoutOurs(settings.value(key));
    return new Submission(installation, mainClass, settings.with(key, flags), arguments);
  }

  /**
   * The same with all flags of the driver, Java's own among them, where every cluster looks for
   * them: a standalone master, which starts a driver by them alone, passes the default ones on as a
   * property.
   */
  private Submission withFlagsForACluster() {
    String flags = JavaModuleOptions.defaultModuleOptions() + " " + settings.value(DRIVER_FLAGS);
    String all = (flags.strip() + " " + settings.value(MORE_DRIVER_FLAGS)).strip();
    return new Submission(
        installation, mainClass, settings.with(MORE_DRIVER_FLAGS, all), arguments);
  }

  /** The same on a local cluster: its master, and where its executors put temporary files. */
  Submission on(String masterUrl, Path temporary) {
    return new Submission(
            installation, mainClass, settings.with("spark.master", masterUrl), arguments)
        .withFlags(EXECUTOR_FLAGS, temporaryFlag(temporary));
  }

  /** The same with the folder where its driver, which must be here, puts temporary files. */
  Submission withTemporary(Path temporary) {
    return withFlags(DRIVER_FLAGS, temporaryFlag(temporary));
  }

  private static String temporaryFlag(Path folder) {
    return "\"-Djava.io.tmpdir=" + folder + "\"";
  }

  private Submission withFlags(String key, String flags) {
    String all = (settings.value(key) + " " + flags).strip();
    return new Submission(installation, mainClass, settings.with(key, all), arguments);
  }

  /** Whether the driver runs on this machine, and not in the cluster. */
  boolean hasDriverHere() {
    return !settings.value(DEPLOY_MODE).equals("cluster");
  }

  /** Whether driver and executors are all on this machine. */
  boolean isLocal() {
    return LaunchOptions.isLocal(settings.value("spark.master"));
  }

  boolean isOnKubernetes() {
    return settings.value("spark.master").startsWith("k8s://");
  }

  /** The words of the command. */
  List<String> command() {
    List<String> words = new ArrayList<>();
    words.add(installation.sparkSubmit().toString());
    words.addAll(List.of("--class", mainClass));
    settings.toPass().forEach((key, value) -> words.addAll(List.of("--conf", key + "=" + value)));
    words.add(installation.jar().toString());
    words.addAll(arguments);
    return words;
  }

  /** What this machine can give of {@code wanted}; executors elsewhere get all of it. */
  private static Heaps fitted(Heaps wanted, LaunchOptions options, String master) {
    long machine =
        ManagementFactory.getPlatformMXBean(OperatingSystemMXBean.class).getTotalMemorySize() >> 20;
    Optional<ClusterSize> size = options.localCluster();
    if (size.isPresent()) {
      return wanted.localCluster(machine, size.get().workers());
    }
    return LaunchOptions.isLocal(master) ? wanted.local(machine) : wanted;
  }

  private static String driverFlags(Installation installation, boolean verbose) {
    StringJoiner flags = new StringJoiner(" ");
    if (!Files.exists(installation.sparkConf().resolve(Installation.LOG_SETTINGS))) {
      flags.add(
          "-Dlog4j2.configurationFile="
              + installation.convoyConf().resolve(Installation.LOG_SETTINGS).toUri());
    }
    if (verbose) {
      flags.add("-Dconvoy.log=full");
    } else if (Terminal.attached()) {
      flags.add("-Dconvoy.level=warn");
    }
    if (Runtime.version().feature() >= JAVA_WITH_UNSAFE_WARNING) {
      flags.add("--sun-misc-unsafe-memory-access=allow");
    }
    return flags.toString();
  }
}
