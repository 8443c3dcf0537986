package convoy.faults;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import convoy.dataprep.ImageDataset;
import convoy.dataprep.Prepare;
import convoy.dataprep.PrepareOptions;
import convoy.engine.network.NetworkSpec;
import convoy.engine.training.TrainingConfig;
import convoy.job.JobCall;
import convoy.job.ScratchFolder;
import convoy.job.TrainJob;
import convoy.launch.LocalCluster;
import convoy.run.RunFolder;
import convoy.storage.Storage;
import convoy.training.EpochReport;
import convoy.training.TestRun;
import convoy.training.TrainingRequest.Existing;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.util.ShutdownHookManager;
import org.apache.spark.sql.SparkSession;

/**
 * What all fault tests run on, started by the first of them and ended with their JVM: an HDFS, a
 * standalone Spark of two workers that are two hosts to it, a data set, and the weights that a
 * training without a fault ends with.
 */
final class Rig {
  /** With half a megabyte of weights, and next to nothing to compute. */
  private static final String NETWORK =
      """
      name: tiny
      input: {height: 32, width: 32, channels: 3}
      layers:
        - scaling: {deviation: 255}
        - convolution: {filters: 4, kernel: 4, stride: 4}
        - relu
        - flatten
        - dense: {units: 512}
        - relu
        - dense: {units: 3}
      """;

  /** Of four shards with twelve or thirteen steps each an epoch. */
  private static final int IMAGES = 240;

  private static final int ROUNDS_PER_EPOCH = 3;
  private static final List<String> SETTINGS =
      List.of("batchSize=4", "validationFraction=0.2", "averaging.everySteps=5");
  private static final int EPOCHS = 3;

  /** For processes that live for seconds: the JIT's second compiler takes more than it gives. */
  private static final String QUICK_START = "-XX:TieredStopAtLevel=1";

  private static final List<String> HOSTS = List.of("127.0.0.1", "127.0.0.2");

  /** Of an executor; a worker has as many again, for the executors of a process. */
  private static final int CORES = 2;

  private static final int WORKER_CORES = 2 * CORES;

  /** Before the scratch folder goes, in which all of it lies. */
  private static final int PRIORITY = 60;

  private static final class Holder {
    static final Rig RIG = start();

    private static Rig start() {
      try {
        return new Rig();
      } catch (Exception e) {
        throw new ExceptionInInitializerError(e);
      }
    }
  }

  private final ScratchFolder scratch;
  private final Hdfs hdfs;
  private final String data;
  private final String network;
  private final TestRun run;
  private final Path reference;
  private final Gate gate;
  private LocalCluster cluster;

  private Rig() throws Exception {
    scratch = ScratchFolder.open(Path.of("target").toAbsolutePath());
    hdfs = Hdfs.start(scratch.folder("hdfs"));
    scratch.closeAtExit();
    ShutdownHookManager.get().addShutdownHook(this::close, PRIORITY, 1, TimeUnit.MINUTES);
    Path local = scratch.folder("local");
    gate = new Gate(Path.of(gateFolder()));
    network = Files.writeString(local.resolve("tiny.yaml"), NETWORK).toString();
    data = hdfs.uri("/data");
    String source = TestData.source(local.resolve("source"), 7, IMAGES, 9).toString();
    ImageDataset dataset =
        new Prepare(TestSpark.local(2)).run(PrepareOptions.defaults(source, data)).dataset();
    TrainingConfig config = TrainingConfig.DEFAULT.with(SETTINGS.toArray(String[]::new));
    run = new TestRun(dataset, NetworkSpec.fromYaml("tiny.yaml", NETWORK), config);
    reference = local.resolve("reference");
    run.with("epochs=" + EPOCHS, "keepCheckpoints=" + EPOCHS).in(TestSpark.local(2), reference);
    TestSpark.stop();
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

  /** The file of the network that is trained. */
  String network() {
    return network;
  }

  /** That of all trainings on the cluster. */
  Gate gate() {
    return gate;
  }

  /** A cluster whose workers all run. */
  LocalCluster cluster() throws IOException {
    if (cluster != null && !cluster.workers().stream().allMatch(ProcessHandle::isAlive)) {
      TestSpark.stop();
      cluster.close();
      cluster = null;
    }
    if (cluster == null) {
      cluster =
          LocalCluster.start(TestSpark.HOME, scratch.folder("cluster"), HOSTS, WORKER_CORES, "2g");
    }
    return cluster;
  }

  /** The worker on a host. */
  ProcessHandle worker(String host) {
    return cluster.workers().get(HOSTS.indexOf(host));
  }

  /** The executors of the worker on a host. */
  List<ProcessHandle> executors(String host) {
    return worker(host).children().toList();
  }

  /** Has {@code fault} happen while a task of a round waits, whose driver is in this JVM. */
  void holdRound(String round, FaultListener.Fault fault) throws IOException {
    gate.close(round);
    FaultListener.plan(
        round + ": train",
        task -> {
          gate.awaitReached();
          fault.happen(task);
        });
  }

  /** The session on the cluster that the tests share. */
  SparkSession session() throws IOException {
    LocalCluster workers = cluster();
    Optional<SparkSession> running = TestSpark.running();
    if (running.isPresent()) {
      return running.get();
    }
    Map<String, String> all = new HashMap<>(clusterSettings());
    all.put("spark.extraListeners", FaultListener.class.getName());
    // After what a fault takes; without a wait for the executor that has the shard in its memory.
    all.put("spark.speculation", "true");
    all.put("spark.speculation.interval", "50ms");
    all.put("spark.speculation.minTaskRuntime", "10s");
    all.put("spark.locality.wait", "0");
    // Memory for a few megabytes of blocks, which a test can fill.
    all.put("spark.memory.fraction", "0.03");
    return TestSpark.on(workers, all);
  }

  private String gateFolder() throws IOException {
    return scratch.folder("gate").toString();
  }

  private Map<String, String> clusterSettings() throws IOException {
    Map<String, String> settings = new HashMap<>();
    String classes = Path.of("target/test-classes").toAbsolutePath().toString();
    settings.put("spark.driver.extraClassPath", classes);
    settings.put("spark.executor.extraClassPath", classes);
    settings.put("spark.plugins", GatePlugin.class.getName());
    settings.put(Gate.KEY, gateFolder());
    settings.put("spark.executor.memory", "600m");
    settings.put("spark.executor.extraJavaOptions", QUICK_START);
    settings.put("spark.executor.cores", Integer.toString(CORES));
    settings.put("spark.executor.instances", Integer.toString(HOSTS.size()));
    settings.put("spark.cores.max", Integer.toString(CORES * HOSTS.size()));
    Hdfs.CLIENT.forEach((key, value) -> settings.put("spark.hadoop." + key, value));
    return settings;
  }

  /** Trains with the driver in this JVM; returns the epochs that it trained. */
  List<Integer> train(String out, int epochs, Existing existing) throws Exception {
    SparkSession spark = session();
    Storage storage = new Storage(spark.sparkContext().hadoopConfiguration());
    RunFolder folder = new RunFolder(storage, storage.path(out));
    TestRun.Outcome outcome = run.with("epochs=" + epochs).in(spark, folder, existing);
    return outcome.epochs().stream().map(EpochReport::epoch).toList();
  }

  /** The arguments of a training, without those of where it runs. */
  private List<String> training(String out, int epochs, String... more) {
    List<String> arguments = new ArrayList<>(List.of("--network", network, "--out", out));
    arguments.addAll(settings(epochs));
    arguments.addAll(List.of(more));
    return arguments;
  }

  private List<String> settings(int epochs) {
    List<String> arguments = new ArrayList<>(List.of("--data", data, "--set", "epochs=" + epochs));
    SETTINGS.forEach(setting -> arguments.addAll(List.of("--set", setting)));
    return arguments;
  }

  /** Trains as {@code bin/convoy train} does, but in this JVM; ends the session. */
  JobCall call(String out, int epochs, String... more) {
    return JobCall.of(new TrainJob(), training(out, epochs, more).toArray(String[]::new));
  }

  /** Starts a training whose driver is a process of its own, on the cluster. */
  ConvoyProcess start(String shell, String out, int epochs, String... more) throws IOException {
    return start(shell, "train", training(out, epochs, more));
  }

  /**
   * Starts a retraining in the same way.
   *
   * @param more options, as {@code --network} for the first model, which {@link #network} names
   */
  ConvoyProcess startRetraining(String registry, String... more) throws IOException {
    List<String> arguments = new ArrayList<>(List.of("--registry", registry));
    arguments.addAll(settings(EPOCHS));
    arguments.addAll(List.of(more));
    return start(":", "retrain", arguments);
  }

  private ConvoyProcess start(String shell, String command, List<String> options)
      throws IOException {
    List<String> arguments = new ArrayList<>(List.of(command, "--master", cluster().masterUrl()));
    arguments.addAll(options);
    Map<String, String> all = new HashMap<>(clusterSettings());
    all.put("spark.driver.memory", "600m");
    all.put("spark.driver.extraJavaOptions", QUICK_START);
    all.put("spark.ui.enabled", "false");
    all.put("spark.hadoop.fs.hdfs.impl", GatedHdfs.class.getName());
    all.put("spark.hadoop." + Gate.KEY, gateFolder());
    return ConvoyProcess.start(shell, scratch.folder("processes"), all, arguments);
  }

  /**
   * Checks that a run ended with the bits of one without a fault, that its rounds are told of once
   * each, and that nothing else is left.
   *
   * @param run a path of HDFS, or a local path with its scheme
   */
  void assertWhole(String run, int epochs) throws IOException {
    assertEquals(
        digests("file:" + reference).subList(0, epochs * ROUNDS_PER_EPOCH),
        digests(run),
        "by the rounds");
    String state = "/checkpoints/" + epochs * ROUNDS_PER_EPOCH + "/state.json";
    assertEquals(
        hdfs.json("file:" + reference + state).required("weightsDigest"),
        hdfs.json(run + state).required("weightsDigest"));
    for (String name : hdfs.names(run)) {
      assertFalse(name.startsWith(".") || name.equals("run.lock"), "there is still " + name);
    }
    for (String round : hdfs.names(run + "/checkpoints")) {
      assertTrue(hdfs.names(run + "/checkpoints/" + round).contains("manifest.json"), round);
    }
  }

  /** Whether the training without a fault came by these weights, at the end of an epoch. */
  boolean isReference(String weightsDigest) throws IOException {
    for (int epoch = 1; epoch <= EPOCHS; epoch++) {
      String state = "/checkpoints/" + epoch * ROUNDS_PER_EPOCH + "/state.json";
      JsonNode there = hdfs.json("file:" + reference + state);
      if (there.required("weightsDigest").textValue().equals(weightsDigest)) {
        return true;
      }
    }
    return false;
  }

  /** What each round of a run led to. */
  private List<String> digests(String run) throws IOException {
    return hdfs.jsonLines(run + "/rounds.jsonl").stream()
        .map(round -> round.required("round") + " " + round.required("weightsDigest"))
        .toList();
  }
}
