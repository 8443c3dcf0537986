package convoy.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.launcher.JavaModuleOptions;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SubmissionTest {
  @TempDir private Path home;
  private final Map<String, String> environment = new HashMap<>();
  private Path spark;

  @BeforeEach
  void makeFolders() throws IOException {
    spark = home.resolve("spark");
    Files.createDirectories(home.resolve("conf"));
    Files.createDirectories(spark.resolve("conf"));
    write(home.resolve("conf"), "spark.serializer Kryo\nspark.task.maxFailures   4\n");
  }

  @Test
  void commandNamesJobSettingsJarAndTheJobsArguments() throws IOException {
    List<String> command = submission("--data", "in").command();
    assertEquals(spark.resolve("bin/spark-submit").toString(), command.get(0));
    assertEquals(List.of("--class", "convoy.job.XJob"), command.subList(1, 3));
    assertTrue(command.contains("spark.serializer=Kryo"));
    assertTrue(command.contains("spark.master=local[*,4]"));
    assertEquals(
        List.of(home.resolve("spark-jobs/target/convoy.jar").toString(), "--data", "in"),
        command.subList(command.size() - 3, command.size()));
  }

  @Test
  void defaultsOfTheUsersSparkBeatOurs() throws IOException {
    write(spark.resolve("conf"), "spark.task.maxFailures=8\nspark.driver.memory 9g\nspark.other x");
    SparkSettings settings = submission().settings();
    assertEquals("8", settings.value("spark.task.maxFailures"));
    assertEquals("9g", settings.value("spark.driver.memory"));
    assertEquals("Kryo", settings.value("spark.serializer"));
    assertFalse(settings.toPass().containsKey("spark.task.maxFailures"), "spark-submit reads it");
    assertFalse(settings.toPass().containsKey("spark.other"), "spark-submit reads it");
  }

  @Test
  void theCommandLineBeatsAllDefaults() throws IOException {
    write(spark.resolve("conf"), "spark.driver.memory 9g\nspark.master yarn");
    SparkSettings settings = submission("--driver-memory", "1g", "--master", "local[2]").settings();
    assertEquals("1g", settings.toPass().get("spark.driver.memory"));
    assertEquals("local[2]", settings.toPass().get("spark.master"));
  }

  @Test
  void aLocalClusterGivesMasterAndExecutors() throws IOException {
    write(spark.resolve("conf"), "spark.master yarn\nspark.executor.cores 8");
    Submission submission =
        submission("--local-cluster", "3,2").on("spark://127.0.0.1:1", Path.of("/a folder"));
    assertEquals("spark://127.0.0.1:1", submission.settings().value("spark.master"));
    assertEquals("3", submission.settings().value("spark.executor.instances"));
    assertTrue(
        submission
            .command()
            .contains("spark.executor.defaultJavaOptions=\"-Djava.io.tmpdir=/a folder\""),
        submission.command().toString());
    assertEquals("2", submission.settings().value("spark.executor.cores"));
    assertEquals(
        "1",
        submission("--local-cluster", "3,2", "--spark-conf", "spark.executor.cores=1")
            .settings()
            .value("spark.executor.cores"));
  }

  @Test
  void theDriverOfALocalClusterIsHereWhateverTheSiteSays() throws IOException {
    write(spark.resolve("conf"), "spark.master yarn\nspark.submit.deployMode cluster");
    Submission submission = submission("--local-cluster", "2");
    assertTrue(submission.hasDriverHere());
    assertEquals("client", submission.settings().toPass().get("spark.submit.deployMode"));
    assertFalse(submission().hasDriverHere());
  }

  @Test
  void ourLogSettingsYieldToTheUsers() throws IOException {
    assertTrue(driverFlags(submission()).contains("log4j2.configurationFile"));
    Files.writeString(spark.resolve("conf/log4j2.properties"), "");
    assertFalse(driverFlags(submission()).contains("log4j2.configurationFile"));
    assertTrue(driverFlags(submission("--verbose")).contains("-Dconvoy.log=full"));
  }

  @Test
  void aDriverInTheClusterGetsJavasFlagsAndNoneOfThisMachine() throws IOException {
    Submission submission =
        submission(
            "--deploy-mode",
            "cluster",
            "--verbose",
            "--driver-java-options",
            "-Dmine=1 -Xshare:off");
    assertEquals("", driverFlags(submission));
    String flags = submission.settings().value("spark.driver.extraJavaOptions");
    assertEquals(JavaModuleOptions.defaultModuleOptions() + " -Dmine=1 -Xshare:off", flags);
    assertTrue(flags.contains("--add-modules=jdk.incubator.vector"), flags);
  }

  @Test
  void aLocalMasterHasNoExecutorsToAskFor() throws IOException {
    assertNoExecutors("--executors", "3");
    assertNoExecutors("--executors", "3", "--master", "local[2]");
    assertNoExecutors("--executors", "3", "--spark-conf", "spark.master=local[*]");
    write(spark.resolve("conf"), "spark.master yarn");
    assertEquals("3", submission("--executors", "3").settings().value("spark.executor.instances"));
  }

  private void assertNoExecutors(String... arguments) {
    String message =
        assertThrows(IllegalArgumentException.class, () -> submission(arguments)).getMessage();
    assertTrue(message.startsWith("--executors: there are none with a local master"), message);
  }

  @Test
  void ourCollectorYieldsToTheUsers() throws IOException {
    String flags = "spark.driver.defaultJavaOptions -XX:+UseParallelGC -Da=b\n";
    write(home.resolve("conf"), flags + flags.replace("driver", "executor"));
    assertEquals("-XX:+UseParallelGC -Da=b", executorFlags(submission()));
    assertEquals("-Da=b", executorFlags(submission("--executor-java-options", "-XX:+UseG1GC")));
    assertTrue(driverFlags(submission("--executor-java-options=-XX:+UseZGC")).contains("Parallel"));
    String theirs = flags + "spark.driver.extraJavaOptions -Xss4m -XX:+UseSerialGC";
    write(spark.resolve("conf"), theirs);
    Submission inTheCluster = submission("--deploy-mode", "cluster");
    assertFalse(driverFlags(submission()).contains("Parallel"));
    assertEquals("-Da=b", inTheCluster.settings().toPass().get("spark.driver.defaultJavaOptions"));
    String all = inTheCluster.settings().value("spark.driver.extraJavaOptions");
    assertTrue(all.endsWith(" -Da=b -Xss4m -XX:+UseSerialGC"), all);
    assertFalse(all.contains("Parallel"), all);
  }

  @Test
  void ourCollectorYieldsToTheEnvironmentsInProcessesHere() throws IOException {
    String flags = "spark.driver.defaultJavaOptions -XX:+UseParallelGC\n";
    write(home.resolve("conf"), flags + flags.replace("driver", "executor"));
    environment.put("JAVA_TOOL_OPTIONS", "-Xss4m -XX:+UseG1GC");
    Submission elsewhere = submission("--master", "spark://h:1");
    assertFalse(driverFlags(elsewhere).contains("Parallel"));
    assertEquals("-XX:+UseParallelGC", executorFlags(elsewhere));
    assertEquals("", executorFlags(submission("--local-cluster", "2")));
    assertEquals("-XX:+UseParallelGC", driverFlags(submission("--deploy-mode", "cluster")));
  }

  @Test
  void heapsFitTheMachine() {
    Heaps wanted = new Heaps(6_144, 3_072);
    assertEquals(wanted, wanted.local(64_000));
    assertEquals(2_400, wanted.local(4_000).driver());
    assertEquals(wanted, wanted.localCluster(64_000, 2));
    assertEquals(new Heaps(1_200, 2_400), wanted.localCluster(8_000, 2));
    assertEquals(new Heaps(512, 512), wanted.localCluster(1_000, 2));
  }

  @Test
  void heapsComeFromOurSettingsAndYieldToTheUsers() throws IOException {
    String heaps = "spark.driver.memory 600m\nspark.executor.memory 700m\n";
    write(home.resolve("conf"), heaps);
    write(spark.resolve("conf"), heaps);
    SparkSettings same = submission("--master", "spark://h:1").settings();
    assertEquals("600m", same.toPass().get("spark.driver.memory"));
    assertEquals("700m", same.toPass().get("spark.executor.memory"));
    write(spark.resolve("conf"), "spark.driver.memory 9g");
    assertEquals("9g", submission().settings().value("spark.driver.memory"));
  }

  private Submission submission(String... arguments) throws IOException {
    environment.put("CONVOY_HOME", home.toString());
    environment.put("SPARK_HOME", spark.toString());
    return Submission.of(
        Installation.of(environment),
        "convoy.job.XJob",
        LaunchOptions.parse(List.of(arguments), Set.of()));
  }

  private static String driverFlags(Submission submission) {
    return submission
        .settings()
        .value("spark.driver.defaultJavaOptions")
        .replace("--sun-misc-unsafe-memory-access=allow", "")
        .strip();
  }

  private static String executorFlags(Submission submission) {
    return submission.settings().value("spark.executor.defaultJavaOptions");
  }

  private static void write(Path folder, String settings) throws IOException {
    Files.writeString(folder.resolve("spark-defaults.conf"), settings);
  }
}
