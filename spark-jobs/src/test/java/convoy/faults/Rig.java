package convoy.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import convoy.dataprep.Prepare;
import convoy.dataprep.PrepareOptions;
import convoy.job.JobCall;
import convoy.job.ScratchFolder;
import convoy.job.TrainJob;
import convoy.launch.LocalCluster;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.util.ShutdownHookManager;

/**
 * What all fault tests run on, started by the first of them and ended with their JVM: an HDFS, a
 * standalone Spark of two workers that are two hosts to it, a data set, and the weights that a
 * training without a fault ends with.
 */
final class Rig {
  /** So slow that there is time for a fault in each round. */
  private static final String NETWORK =
      """
      name: slow
      input: {height: 32, width: 32, channels: 3}
      layers:
        - scaling: {deviation: 255}
        - convolution: {filters: 32, kernel: 3, padding: same}
        - relu
        - convolution: {filters: 48, kernel: 3, padding: same}
        - relu
        - maxPooling: {window: 2}
        - flatten
        - dense: {units: 16}
        - relu
        - dense: {units: 3}
      """;

  /** Of four shards with twelve or thirteen steps each an epoch. */
  private static final int IMAGES = 240;

  static final int ROUNDS_PER_EPOCH = 3;
  private static final List<String> SETTINGS =
      List.of("batchSize=4", "validationFraction=0.2", "averaging.everySteps=5");
  private static final int EPOCHS = 3;

  private static final List<String> HOSTS = List.of("127.0.0.1", "127.0.0.2");
  private static final int CORES = 2;
  private static final int PRIORITY = 60;

  private static final class Holder {
    static final Rig RIG = start();

    private static Rig start() {
      try {
        return new Rig();
      } catch (IOException e) {
        throw new ExceptionInInitializerError(e);
      }
    }
  }

  private final ScratchFolder scratch;
  private final Hdfs hdfs;
  private final String data;
  private final String network;
  private final Path reference;
  private LocalCluster cluster;

  private Rig() throws IOException {
    scratch = ScratchFolder.open(Path.of("target").toAbsolutePath());
    hdfs = Hdfs.start(scratch.folder("hdfs"));
    scratch.closeAtExit();
    ShutdownHookManager.get().addShutdownHook(this::close, PRIORITY, 1, TimeUnit.MINUTES);
    Path local = scratch.folder("local");
    network = Files.writeString(local.resolve("slow.yaml"), NETWORK).toString();
    data = hdfs.uri("/data");
    String source = TestData.source(local.resolve("source"), 7, IMAGES, 9).toString();
    new Prepare(TestSpark.local(2)).run(PrepareOptions.defaults(source, data));
    TestSpark.stop();
    reference = local.resolve("reference");
    done(train(reference.toString(), EPOCHS, "--set", "keepCheckpoints=" + EPOCHS));
  }

  /** The one of this JVM. */
  static Rig get() {
    return Holder.RIG;
  }

  private void close() {
    TestSpark.stop();
    if (cluster != null) {
      cluster.close();
    }
    hdfs.close();
  }

  Hdfs hdfs() {
    return hdfs;
  }

  /** A cluster whose workers all run. */
  LocalCluster cluster() throws IOException {
    if (cluster != null && !cluster.workers().stream().allMatch(ProcessHandle::isAlive)) {
      cluster.close();
      cluster = null;
    }
    if (cluster == null) {
      cluster = LocalCluster.start(TestSpark.HOME, scratch.folder("cluster"), HOSTS, CORES, "2g");
    }
    return cluster;
  }

  /** The executors of the worker on a host. */
  List<ProcessHandle> executors(String host) {
    return cluster.workers().get(HOSTS.indexOf(host)).children().toList();
  }

  /** The arguments of a training, without those of where it runs. */
  List<String> training(String out, int epochs, String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("--data", data, "--network", network, "--out", out));
    SETTINGS.forEach(setting -> arguments.addAll(List.of("--set", setting)));
    arguments.addAll(List.of("--set", "epochs=" + epochs));
    arguments.addAll(List.of(more));
    return arguments;
  }

  /** Lets the next trainings whose driver is in this JVM run on the cluster. */
  void useCluster(Map<String, String> settings) throws IOException {
    Map<String, String> all = new HashMap<>(clusterSettings());
    all.put("spark.extraListeners", FaultListener.class.getName());
    all.putAll(settings);
    TestSpark.use(cluster(), all);
  }

  private static Map<String, String> clusterSettings() {
    Map<String, String> settings = new HashMap<>();
    settings.put("spark.executor.memory", "600m");
    settings.put("spark.executor.instances", Integer.toString(HOSTS.size()));
    Hdfs.CLIENT.forEach((key, value) -> settings.put("spark.hadoop." + key, value));
    return settings;
  }

  /** Spark's settings by which writing HDFS files of matching paths is held in the middle. */
  static Map<String, String> blocking(String file) {
    String classes = Path.of("target/test-classes").toAbsolutePath().toString();
    return Map.of(
        "spark.driver.extraClassPath",
        classes,
        "spark.executor.extraClassPath",
        classes,
        "spark.hadoop.fs.hdfs.impl",
        BlockingHdfs.class.getName(),
        "spark.hadoop." + BlockingHdfs.KEY,
        file);
  }

  /** Trains with the driver in this JVM. */
  JobCall train(String out, int epochs, String... more) {
    return JobCall.of(new TrainJob(), training(out, epochs, more).toArray(String[]::new));
  }

  /** Starts a training whose driver is a process of its own, on the cluster. */
  ConvoyProcess start(
      String shell, Map<String, String> settings, String out, int epochs, String... more)
      throws IOException {
    List<String> arguments = new ArrayList<>(List.of("train", "--master", cluster().masterUrl()));
    arguments.addAll(training(out, epochs, more));
    Map<String, String> all = new HashMap<>(clusterSettings());
    all.put("spark.driver.memory", "600m");
    // It computes nothing itself, and starts in less time without the JIT's second compiler.
    all.put("spark.driver.extraJavaOptions", "-XX:TieredStopAtLevel=1");
    all.put("spark.ui.liveUpdate.period", "0");
    all.putAll(settings);
    return ConvoyProcess.start(shell, scratch.folder("processes"), all, arguments);
  }

  /** Checks that a command did its work. */
  static void done(JobCall call) {
    assertEquals(0, call.status(), call.err());
  }

  /**
   * Checks that a run ended with the bits of one without a fault, and that nothing else is left.
   *
   * @param run a path of HDFS, or a local path with its scheme
   */
  void assertWhole(String run, int epochs) throws IOException {
    String state = "/checkpoints/" + epochs * ROUNDS_PER_EPOCH + "/state.json";
    assertEquals(
        hdfs.json("file:" + reference + state).path("weightsDigest"),
        hdfs.json(run + state).path("weightsDigest"));
    for (String name : hdfs.names(run)) {
      assertFalse(name.startsWith(".") || name.equals("run.lock"), "there is still " + name);
    }
    for (String round : hdfs.names(run + "/checkpoints")) {
      assertTrue(hdfs.names(run + "/checkpoints/" + round).contains("manifest.json"), round);
    }
  }
}
