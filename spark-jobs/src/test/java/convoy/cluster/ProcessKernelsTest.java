package convoy.cluster;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class ProcessKernelsTest {
  private static final String MODULE = "--add-modules=jdk.incubator.vector";

  @Test
  void withoutTheVectorModuleAProcessWarnsOnceWhatItCosts() throws Exception {
    String log = log();
    assertEquals(1, log.lines().filter(line -> line.contains("WARN")).count(), log);
    assertTrue(log.contains(MODULE) && log.contains("times as long"), log);
  }

  @Test
  void withTheVectorModuleThereIsNoWarning() throws Exception {
    // Java's own warning of incubator modules is not logged.
    String log = log(MODULE);
    assertTrue(log.lines().allMatch(line -> line.equals(INCUBATOR)), log);
  }

  private static final String INCUBATOR = "WARNING: Using incubator modules: jdk.incubator.vector";

  /** What {@link Tasks} writes in a JVM of its own with {@code flags}. */
  private static String log(String... flags) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>();
    command.add(ProcessHandle.current().info().command().orElse("java"));
    command.addAll(List.of(flags));
    command.add("-Dlog4j2.configurationFile=" + Path.of("../conf/log4j2.properties").toRealPath());
    command.addAll(List.of("-cp", System.getProperty("java.class.path"), Tasks.class.getName()));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String log = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertTrue(process.waitFor(30, TimeUnit.SECONDS), "the JVM does not end");
    assertEquals(0, process.exitValue(), log);
    return log;
  }

  /** Asks for the kernels as the tasks of an executor do, at once and again. */
  static final class Tasks {
    private Tasks() {}

    public static void main(String[] arguments) throws InterruptedException {
      List<Thread> tasks = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Thread task = new Thread(Numerics::here);
        task.start();
        tasks.add(task);
      }
      for (Thread task : tasks) {
        task.join();
      }
      Numerics.here();
    }
  }
}
