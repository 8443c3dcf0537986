package convoy.launch;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import convoy.engine.settings.Yaml;
import convoy.job.ExitStatus;
import convoy.job.JobRunner;
import convoy.job.RegistryJob;
import convoy.job.RetrainJob;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The files of conf/schedules: their commands are taken, and their statuses are retrain's. */
class ScheduleFilesTest {
  private static final Path FOLDER = Path.of("../conf/schedules");

  private static final int TERMINATED = 128 + 15;

  /** After these a schedule has nothing to report. */
  private static final List<Integer> NO_FAILURES =
      List.of(
          ExitStatus.DONE,
          ExitStatus.NOTHING_NEW,
          ExitStatus.NOT_BETTER,
          ExitStatus.BUSY,
          ExitStatus.STOPPED,
          TERMINATED);

  @TempDir private Path temporary;

  @Test
  void cronRunsRetrainAndMailsFailuresAlone() throws Exception {
    Map<String, String> environment = new TreeMap<>();
    String command = "";
    for (String line : Files.readAllLines(FOLDER.resolve("convoy-retrain.cron"))) {
      if (line.matches("[A-Z]+=.*")) {
        environment.put(line.split("=", 2)[0], line.split("=", 2)[1]);
      } else if (line.matches("([0-9*]+ ){5}.*")) {
        // Five fields of time and the user; cron takes the backslash off a percent sign.
        command = line.replaceFirst("([0-9*]+ ){5}\\S+\\s+", "").replace("\\%", "%");
      }
    }
    Path program = Files.createDirectories(temporary.resolve("bin")).resolve("convoy");
    Path given = temporary.resolve("given");
    Files.writeString(program, "#!/bin/sh\nprintf '%s\\n' \"$@\" > " + given + "\nexit $STATUS\n");
    assertTrue(program.toFile().setExecutable(true));
    environment.put("CONVOY", temporary.toString());
    environment.put("LOGS", temporary.toString());
    for (int status : List.of(0, 1, 2, 3, 10, 11, 12, 75, 137, 143)) {
      environment.put("STATUS", Integer.toString(status));
      ProcessBuilder shell = new ProcessBuilder(environment.get("SHELL"), "-c", command);
      shell.environment().putAll(environment);
      Process process = shell.redirectErrorStream(true).start();
      String mail =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      boolean failed = !NO_FAILURES.contains(status);
      assertEquals(failed ? status : 0, process.waitFor());
      assertEquals(failed ? "convoy retrain: status " + status + ", see " + temporary : "", mail);
    }
    List<String> arguments = Files.readAllLines(given);
    assertEquals("retrain", arguments.get(0));
    checkRetrain(arguments.subList(1, arguments.size()));
    try (Stream<Path> logs = Files.list(temporary)) {
      assertTrue(
          logs.anyMatch(
              log -> log.getFileName().toString().matches("retrain-\\d{4}-\\d\\d-\\d\\d\\.log")));
    }
  }

  @Test
  void systemdRunsRetrainAndKnowsWhatIsNoFailure() throws IOException {
    String unit = Files.readString(FOLDER.resolve("convoy-retrain.service")).replace("\\\n", " ");
    for (MatchResult variable : all("(?m)^Environment=(\\w+)=(.*)$", unit)) {
      unit = unit.replace("${" + variable.group(1) + "}", variable.group(2));
    }
    List<String> command = words(all("(?m)^ExecStart=(.*)$", unit).get(0).group(1));
    assertTrue(command.get(0).endsWith("/bin/convoy"), command.toString());
    assertEquals("retrain", command.get(1));
    checkRetrain(command.subList(2, command.size()));
    TreeSet<Integer> statuses = new TreeSet<>(List.of(ExitStatus.DONE));
    words(all("(?m)^SuccessExitStatus=(.*)$", unit).get(0).group(1))
        .forEach(status -> statuses.add(Integer.parseInt(status)));
    assertEquals(new TreeSet<>(NO_FAILURES), statuses);
  }

  @Test
  void airflowRunsRetrainAndSkipsWhatIsNoPromotion() throws IOException {
    String dag = Files.readString(FOLDER.resolve("convoy_retrain_dag.py"));
    for (MatchResult variable : all("(?m)^([A-Z]+) = \"(.*)\"$", dag)) {
      dag = dag.replace("{" + variable.group(1) + "}", variable.group(2));
    }
    List<String> commands = new ArrayList<>();
    for (MatchResult task : all("(?s)bash_command=\\(?(.*?)\\)?,\\n", dag)) {
      StringBuilder command = new StringBuilder();
      all("\"(.*?)\"", task.group(1)).forEach(part -> command.append(part.group(1)));
      commands.add(command.toString());
    }
    assertEquals(2, commands.size());
    List<String> retrain = words(commands.get(0));
    int jar = retrain.indexOf("/opt/convoy/spark-jobs/target/convoy.jar");
    assertTrue(retrain.subList(0, jar).contains(RetrainJob.class.getName()), commands.get(0));
    checkRetrain(retrain.subList(jar + 1, retrain.size()));
    List<String> show = words(commands.get(1));
    assertEquals("registry", show.get(1));
    assertFalse(JobRunner.asksForHelp(new RegistryJob(), show.subList(2, show.size()), Set.of()));
    List<Integer> skipped = List.of(ExitStatus.NOTHING_NEW, ExitStatus.NOT_BETTER, ExitStatus.BUSY);
    assertTrue(dag.contains("skip_on_exit_code=" + skipped), "the statuses to skip");
    assertTrue(dag.contains("\"retries\": 0"), "blind retries");
  }

  @Test
  void kubernetesRunsRetrainAndRepeatsNothing() throws IOException {
    String file = "convoy-retrain-kubernetes.yaml";
    JsonNode application = Yaml.read(file, Files.readString(FOLDER.resolve(file)));
    assertEquals("ScheduledSparkApplication", application.get("kind").textValue());
    assertEquals("Forbid", application.at("/spec/concurrencyPolicy").textValue());
    assertTrue(application.at("/spec/schedule").textValue().matches("([0-9*]+ ){4}[0-9*]+"));
    JsonNode template = application.at("/spec/template");
    assertEquals(RetrainJob.class.getName(), template.get("mainClass").textValue());
    List<String> arguments = new ArrayList<>();
    template.get("arguments").forEach(argument -> arguments.add(argument.textValue()));
    checkRetrain(arguments);
    assertEquals("Never", template.at("/restartPolicy/type").textValue());
    assertEquals("cluster", template.get("mode").textValue());
    String spark = org.apache.spark.package$.MODULE$.SPARK_VERSION();
    assertEquals(spark, template.get("sparkVersion").textValue());
  }

  /** Fails if retrain would refuse such arguments, or if they leave the decision untold. */
  private static void checkRetrain(List<String> arguments) {
    List<String> own = LaunchOptions.parse(arguments, Set.of()).jobArguments();
    assertFalse(JobRunner.asksForHelp(new RetrainJob(), own, Set.of()));
    assertTrue(own.contains("--json"), own.toString());
  }

  private static List<MatchResult> all(String pattern, String text) {
    return Pattern.compile(pattern).matcher(text).results().toList();
  }

  private static List<String> words(String line) {
    return Arrays.asList(line.strip().split("\\s+"));
  }
}
