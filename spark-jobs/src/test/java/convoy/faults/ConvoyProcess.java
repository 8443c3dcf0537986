package convoy.faults;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.Proxy;
import java.net.ServerSocket;
import java.net.URI;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;

/** A command of bin/convoy that runs in processes of its own: the launcher, and its driver. */
final class ConvoyProcess implements AutoCloseable {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path COMMAND = Path.of("../bin/convoy").toAbsolutePath().normalize();
  private static final int LIMIT_SECONDS = 240;
  private static final int POLL_MILLIS = 30;

  private final Process launcher;
  private final Path output;
  private final int uiPort;

  private ConvoyProcess(Process launcher, Path output, int uiPort) {
    this.launcher = launcher;
    this.output = output;
    this.uiPort = uiPort;
  }

  /**
   * Starts a command.
   *
   * @param shell what a shell does before, in the same process, as {@code ulimit -f 100}
   * @param folder for output and temporary files
   * @param settings Spark's
   */
  static ConvoyProcess start(
      String shell, Path folder, Map<String, String> settings, List<String> arguments)
      throws IOException {
    Files.createDirectories(folder);
    int uiPort = freePort();
    List<String> words = new ArrayList<>(List.of("sh", "-c", shell + "; exec \"$@\"", "sh"));
    words.add(COMMAND.toString());
    words.addAll(arguments);
    settings.forEach((key, value) -> words.addAll(List.of("--spark-conf", key + "=" + value)));
    words.addAll(List.of("--spark-conf", "spark.ui.port=" + uiPort));
    Path output = Files.createTempFile(folder, "output-", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(output.toFile());
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("SPARK_"));
    environment.put("SPARK_LOCAL_IP", "127.0.0.1");
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + folder);
    return new ConvoyProcess(builder.start(), output, uiPort);
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      return socket.getLocalPort();
    }
  }

  /** A condition of the world outside. */
  @FunctionalInterface
  interface Condition {
    boolean holds() throws IOException;
  }

  /** Waits until something can be seen that this command brings about. */
  void await(String what, Condition condition) throws Exception {
    long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(LIMIT_SECONDS);
    while (!condition.holds()) {
      if (!launcher.isAlive() || System.nanoTime() > end) {
        throw new AssertionError("no " + what + ", but:\n" + output());
      }
      TimeUnit.MILLISECONDS.sleep(POLL_MILLIS);
    }
  }

  /** Waits until tasks of a stage are running whose name matches, by Spark's REST API. */
  void awaitTasksOf(Pattern stage) throws Exception {
    await("tasks of a stage " + stage, () -> hasTasksOf(stage));
  }

  private boolean hasTasksOf(Pattern name) throws IOException {
    String applications = "http://127.0.0.1:" + uiPort + "/api/v1/applications";
    for (JsonNode application : get(applications)) {
      String stages = "/" + application.path("id").asText() + "/stages?status=active";
      for (JsonNode stage : get(applications + stages)) {
        if (name.matcher(stage.path("name").asText()).matches()
            && stage.path("numActiveTasks").asInt() > 0) {
          return true;
        }
      }
    }
    return false;
  }

  /** An answer of the REST API; none as long as there is nobody to answer. */
  private static JsonNode get(String url) {
    try {
      URLConnection connection = URI.create(url).toURL().openConnection(Proxy.NO_PROXY);
      connection.setConnectTimeout(2_000);
      connection.setReadTimeout(10_000);
      try (InputStream stream = connection.getInputStream()) {
        return JSON.readTree(stream);
      }
    } catch (IOException e) {
      return JSON.createArrayNode();
    }
  }

  /** The process of the driver, once there is one. */
  ProcessHandle driver() {
    return launcher
        .descendants()
        .filter(process -> process.info().commandLine().orElse("").contains("deploy.SparkSubmit"))
        .findFirst()
        .orElseThrow(() -> new AssertionError("there is no driver"));
  }

  ProcessHandle launcher() {
    return launcher.toHandle();
  }

  /** The exit status of the launcher, when it has ended. */
  int status() throws InterruptedException, IOException {
    if (!launcher.waitFor(LIMIT_SECONDS, TimeUnit.SECONDS)) {
      throw new AssertionError("it does not end:\n" + output());
    }
    return launcher.exitValue();
  }

  /** All that was printed. */
  String output() throws IOException {
    return Files.readString(output);
  }

  /** Ends all of it, if it has not ended. */
  @Override
  public void close() {
    List<ProcessHandle> processes = new ArrayList<>(launcher.descendants().toList());
    processes.add(launcher.toHandle());
    processes.forEach(ProcessHandle::destroyForcibly);
  }
}
