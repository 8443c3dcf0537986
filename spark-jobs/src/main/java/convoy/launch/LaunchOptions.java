package convoy.launch;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;

/** The options of bin/convoy that say how Spark runs a command, apart from the command's own. */
@Command(name = "convoy", sortOptions = false)
final class LaunchOptions {
  private static final Pattern MEMORY = Pattern.compile("[1-9]\\d*[kmgtKMGT][bB]?");
  private static final Pattern LOCAL_MASTER = Pattern.compile("local(\\[.*])?");
  private static final Pattern MASTER =
      Pattern.compile(
          "local(\\[([1-9]\\d*|\\*)(,\\s*[1-9]\\d*)?])?|local-cluster\\[.*]"
              + "|spark://.+|k8s://.+|yarn");

  @Option(
      names = "--master",
      paramLabel = "URL",
      description = "Where Spark runs; default: local[*,4], this machine, all cores.")
  private Optional<String> master = Optional.empty();

  @Option(
      names = "--local-cluster",
      paramLabel = "N[,CORES]",
      converter = ClusterSize.Reader.class,
      description =
          "Start a standalone Spark of N workers on this machine for the time of the command.")
  private Optional<ClusterSize> localCluster = Optional.empty();

  @Option(
      names = "--executors",
      paramLabel = "N",
      description = "How many executors to ask the cluster for.")
  private Optional<Integer> executors = Optional.empty();

  @Option(
      names = "--driver-memory",
      paramLabel = "SIZE",
      description = "Heap of the driver, as 2g; in local mode it holds the replicas too.")
  private Optional<String> driverMemory = Optional.empty();

  @Option(
      names = "--executor-memory",
      paramLabel = "SIZE",
      description = "Heap of each executor, as 3g.")
  private Optional<String> executorMemory = Optional.empty();

  @Option(
      names = "--driver-java-options",
      paramLabel = "FLAGS",
      description = "Further flags of the driver's JVM.")
  private Optional<String> driverJavaOptions = Optional.empty();

  @Option(
      names = "--executor-java-options",
      paramLabel = "FLAGS",
      description = "Further flags of the executors' JVMs.")
  private Optional<String> executorJavaOptions = Optional.empty();

  @Option(
      names = "--deploy-mode",
      paramLabel = "MODE",
      description = "Where the driver runs: client (here, the default) or cluster.")
  private Optional<String> deployMode = Optional.empty();

  @Option(
      names = "--spark-conf",
      paramLabel = "KEY=VALUE",
      description = "A setting of Spark; may be repeated.")
  private Map<String, String> sparkConf = new LinkedHashMap<>();

  private List<String> jobArguments = List.of();

  private LaunchOptions() {}

  /**
   * Takes the launch options out of a command line; the rest belongs to the job.
   *
   * @param jobOptions the job's own options; a launch option of the same name is not taken
   * @throws IllegalArgumentException if a value is wrong or two options exclude each other
   */
  static LaunchOptions parse(List<String> arguments, Set<String> jobOptions) {
    LaunchOptions options = new LaunchOptions();
    CommandLine line = commandLine(options, jobOptions);
    line.setUnmatchedArgumentsAllowed(true).setExpandAtFiles(false);
    try {
      line.parseArgs(arguments.toArray(new String[0]));
    } catch (ParameterException e) {
      throw new IllegalArgumentException(e.getMessage(), e);
    }
    options.jobArguments = List.copyOf(line.getUnmatchedArguments());
    options.check();
    return options;
  }

  /** Of {@code options}, those that a job does not have itself. */
  private static CommandLine commandLine(LaunchOptions options, Set<String> jobOptions) {
    CommandLine line = new CommandLine(options);
    CommandSpec spec = line.getCommandSpec();
    for (OptionSpec option : List.copyOf(spec.options())) {
      if (jobOptions.contains(option.longestName())) {
        spec.remove(option);
      }
    }
    return line;
  }

  /** The names of all launch options beside those of a job. */
  static Set<String> names(Set<String> jobOptions) {
    return commandLine(new LaunchOptions(), jobOptions).getCommandSpec().optionsMap().keySet();
  }

  /** The options beside those of a job as {@code --help} lists them. */
  static String usage(Set<String> jobOptions) {
    return commandLine(new LaunchOptions(), jobOptions).getHelp().optionList();
  }

  /** The local cluster to start, if one was asked for. */
  Optional<ClusterSize> localCluster() {
    return localCluster;
  }

  /**
   * These options, with a local cluster unless they say where Spark runs.
   *
   * @throws IllegalArgumentException if the local cluster gets executors of another number, or a
   *     driver elsewhere
   */
  LaunchOptions orLocalCluster(ClusterSize size) {
    if (master.isEmpty() && localCluster.isEmpty() && !sparkConf.containsKey("spark.master")) {
      localCluster = Optional.of(size);
      checkLocalCluster();
    }
    return this;
  }

  /**
   * Checks what depends on where Spark runs.
   *
   * @throws IllegalArgumentException if executors are asked for that {@code master} has not
   */
  void checkMaster(String master) {
    refuse(
        executors.isPresent() && isLocal(master),
        "--executors: there are none with a local master; take --local-cluster or a cluster");
  }

  /** What is left for the job, in order. */
  List<String> jobArguments() {
    return jobArguments;
  }

  /** The options as Spark's settings. */
  Map<String, String> settings() {
    Map<String, String> settings = new TreeMap<>(sparkConf);
    master.ifPresent(value -> settings.put("spark.master", value));
    executors.ifPresent(value -> settings.put("spark.executor.instances", value.toString()));
    driverMemory.ifPresent(value -> settings.put("spark.driver.memory", value));
    executorMemory.ifPresent(value -> settings.put("spark.executor.memory", value));
    driverJavaOptions.ifPresent(value -> settings.put("spark.driver.extraJavaOptions", value));
    executorJavaOptions.ifPresent(value -> settings.put("spark.executor.extraJavaOptions", value));
    deployMode.ifPresent(value -> settings.put(Submission.DEPLOY_MODE, value));
    return settings;
  }

  static boolean isLocal(String master) {
    return LOCAL_MASTER.matcher(master).matches();
  }

  private void check() {
    if (localCluster.isPresent()) {
      refuse(master.isPresent(), "--local-cluster and --master exclude each other; take one");
      checkLocalCluster();
    }
    executors.ifPresent(
        value -> refuse(value < 1, "--executors: got " + value + ", wanted 1 or more"));
    deployMode.ifPresent(
        value ->
            refuse(
                !Set.of("client", "cluster").contains(value),
                "--deploy-mode: got '" + value + "', wanted client or cluster"));
    master.ifPresent(
        value ->
            refuse(
                !MASTER.matcher(value).matches(),
                "--master: got '"
                    + value
                    + "', wanted local[CORES], spark://HOST:PORT, k8s://URL or yarn"));
    driverMemory.ifPresent(value -> checkMemory("--driver-memory", value));
    executorMemory.ifPresent(value -> checkMemory("--executor-memory", value));
    sparkConf
        .keySet()
        .forEach(
            key ->
                refuse(
                    !key.startsWith("spark."),
                    "--spark-conf: got the key '" + key + "', wanted one that starts with spark."));
  }

  private void checkLocalCluster() {
    refuse(
        executors.isPresent(),
        "a local cluster has executors of its own; say --local-cluster N in place of --executors");
    refuse(
        !settings().getOrDefault(Submission.DEPLOY_MODE, "client").equals("client"),
        "a local cluster ends with the command; it needs --deploy-mode client");
  }

  private static void checkMemory(String option, String value) {
    refuse(
        !MEMORY.matcher(value).matches(),
        option + ": got '" + value + "', wanted a number with k, m, g or t as in 3g");
  }

  private static void refuse(boolean wrong, String message) {
    if (wrong) {
      throw new IllegalArgumentException(message);
    }
  }
}
