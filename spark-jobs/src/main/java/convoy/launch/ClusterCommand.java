package convoy.launch;

import java.io.File;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.apache.spark.launcher.JavaModuleOptions;

/** Starts the processes of a local cluster on one Spark, with their work in one folder. */
record ClusterCommand(Path sparkHome, Path folder) {
  /** Ctrl-C goes to every process of the terminal's foreground, and a closed terminal to all. */
  private static final String WITHOUT_TERMINAL_SIGNALS = "trap '' INT HUP; exec \"$@\"";

  private static final String MASTER = "org.apache.spark.deploy.master.Master";
  private static final String WORKER = "org.apache.spark.deploy.worker.Worker";

  /** What bin/spark-submit sets for a Spark without a RELEASE file. */
  private static final Map<String, String> SCALA = Map.of("SPARK_SCALA_VERSION", "2.13");

  ClusterCommand {
    if (!Files.isDirectory(sparkHome.resolve("jars"))) {
      throw new IllegalArgumentException("no Spark at " + sparkHome + ": it has no folder jars");
    }
  }

  ClusterMember startMaster(String host, int port, int uiPort) throws IOException {
    return start(
        "standalone master",
        "master",
        host,
        List.of(
            MASTER,
            "--host",
            host,
            "--port",
            Integer.toString(port),
            "--webui-port",
            Integer.toString(uiPort)));
  }

  ClusterMember startWorker(String host, int number, int cores, String memory, String masterUrl)
      throws IOException {
    String name = "worker-" + number;
    return start(
        "standalone " + name,
        name,
        host,
        List.of(
            WORKER,
            "--host",
            host,
            "--port",
            "0",
            "--webui-port",
            "0",
            "--cores",
            Integer.toString(cores),
            "--memory",
            memory,
            "--work-dir",
            folder.resolve(name).toString(),
            masterUrl));
  }

  private ClusterMember start(String name, String file, String host, List<String> arguments)
      throws IOException {
    String javaHome = System.getProperty("java.home");
    List<String> words = new ArrayList<>(List.of("sh", "-c", WITHOUT_TERMINAL_SIGNALS, "sh"));
    words.add(Path.of(javaHome, "bin", "java").toString());
    if (!CollectorChoice.isIn(CollectorChoice.flagsIn(System.getenv()))) {
      words.add("-XX:+UseSerialGC");
    }
    words.addAll(List.of("-XX:TieredStopAtLevel=1", "-Xmx512m"));
    words.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
    // The REST server would take a fixed port.
    words.add("-Dspark.master.rest.enabled=false");
    words.add("-Djava.io.tmpdir=" + folder);
    words.addAll(List.of("-cp", classPath(), ClusterProcess.class.getName()));
    words.addAll(arguments);
    Path log = folder.resolve(file + ".log");
    ProcessBuilder builder =
        new ProcessBuilder(words).redirectErrorStream(true).redirectOutput(log.toFile());
    Map<String, String> environment = builder.environment();
    environment.putAll(SCALA);
    environment.put("SPARK_HOME", sparkHome.toString());
    environment.put("JAVA_HOME", javaHome);
    environment.put("SPARK_LOCAL_IP", host);
    environment.put("SPARK_LOCAL_DIRS", folder.resolve("local").toString());
    return new ClusterMember(name, builder.start(), log);
  }

  private String classPath() {
    return String.join(
        File.pathSeparator,
        sparkHome.resolve("conf").toString(),
        sparkHome.resolve("jars") + File.separator + "*",
        ownCode().toString());
  }

  private static Path ownCode() {
    try {
      return Path.of(
          ClusterProcess.class.getProtectionDomain().getCodeSource().getLocation().toURI());
    } catch (URISyntaxException e) {
      throw new IllegalStateException("the code of the launcher is at no path", e);
    }
  }
}
