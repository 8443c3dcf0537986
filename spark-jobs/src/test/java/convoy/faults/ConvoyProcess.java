package convoy.faults;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/** A command of bin/convoy that runs in processes of its own: the launcher, and its driver. */
final class ConvoyProcess implements AutoCloseable {
  private static final Path COMMAND = Path.of("../bin/convoy").toAbsolutePath().normalize();
  private static final int LIMIT_SECONDS = 240;
  private static final int POLL_MILLIS = 30;

  private final Process launcher;
  private final Path output;

  private ConvoyProcess(Process launcher, Path output) {
    this.launcher = launcher;
    this.output = output;
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
    List<String> words = new ArrayList<>(List.of("sh", "-c", shell + "; exec \"$@\"", "sh"));
    words.add(COMMAND.toString());
    words.addAll(arguments);
    settings.forEach((key, value) -> words.addAll(List.of("--spark-conf", key + "=" + value)));
    Path output = Files.createTempFile(folder, "output-", ".txt");
    ProcessBuilder builder =
        new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(output.toFile());
    Map<String, String> environment = builder.environment();
    environment.keySet().removeIf(name -> name.startsWith("SPARK_"));
    environment.put("SPARK_LOCAL_IP", "127.0.0.1");
    environment.put("JAVA_HOME", System.getProperty("java.home"));
    environment.put("JAVA_TOOL_OPTIONS", "-Djava.io.tmpdir=" + folder);
    return new ConvoyProcess(builder.start(), output);
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
