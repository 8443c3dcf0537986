package convoy.averaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.dataprep.ImageDataset;
import convoy.job.TrainJob;
import java.io.BufferedReader;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.LongStream;
import org.apache.spark.launcher.JavaModuleOptions;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.Timeout.ThreadMode;
import org.junit.jupiter.api.io.TempDir;

/** A driver in a process of its own that is ended in the middle, and a resumption of its run. */
@Timeout(value = 120, threadMode = ThreadMode.SEPARATE_THREAD)
class InterruptedDriverIT {
  private static final int STOPPED = 75;

  @TempDir private static Path shared;

  private static TestRun run;

  @TempDir private Path temporary;

  private Process driver;

  @BeforeAll
  static void prepare() throws Exception {
    ImageDataset dataset = TestData.dataset(TestSpark.local(2), shared, 7, 61, 9);
    run = TestRun.of(dataset).with("averaging.everySteps=3", "epochs=1000000");
  }

  @AfterEach
  void endDriver() {
    driver.destroyForcibly();
  }

  @Test
  void afterSigtermTheTrainingGoesOnWithTheSameBits() throws Exception {
    Path folder = temporary.resolve("run");
    Path errors = temporary.resolve("errors");
    startAndAwaitEpoch(2, folder, errors);
    driver.destroy();
    assertTrue(driver.waitFor(20, TimeUnit.SECONDS), "the driver did not end");
    assertEquals(STOPPED, driver.exitValue());
    assertFalse(Files.exists(folder.resolve(RunLock.FILE)), "the lock is given up");
    String said = Files.readString(errors);
    assertTrue(said.contains("convoy train: stopped after round "), said);
    assertTrue(said.endsWith(": go on with --resume\n"), said);
    assertResumes(folder);
  }

  @Test
  void afterAKillTheTrainingGoesOnWithTheSameBits() throws Exception {
    Path folder = temporary.resolve("run");
    startAndAwaitEpoch(2, folder, temporary.resolve("errors"));
    driver.destroyForcibly().waitFor();
    assertTrue(Files.exists(folder.resolve(RunLock.FILE)), "nobody was there to give it up");
    assertResumes(folder);
  }

  /** Two more epochs after the newest checkpoint give what as many epochs give without a stop. */
  private void assertResumes(Path folder) throws Exception {
    int done = TestRun.runFolder(folder).newest().get().state().progress().epoch();
    assertTrue(done >= 2, "only " + done + " epochs");
    TestRun longer = run.with("epochs=" + (done + 2));
    SparkSession spark = TestSpark.local(2);
    TestRun.Outcome resumed = longer.resumedIn(spark, folder);
    assertEquals(2, resumed.epochs().size());
    assertEquals(longer.in(spark, temporary.resolve("whole")).digest(), resumed.digest());
    assertFalse(Files.exists(folder.resolve(RunLock.FILE)));
    assertEquals(
        LongStream.rangeClosed(1, resumed.result().state().progress().round()).boxed().toList(),
        TestRun.rounds(folder).stream().map(round -> round.get("round").longValue()).toList());
  }

  /** Starts a driver; returns when it has reported so many epochs and is training the next. */
  private void startAndAwaitEpoch(int epoch, Path folder, Path errors) throws IOException {
    Path network = Files.writeString(temporary.resolve("tiny.yaml"), TestData.NETWORK);
    Path config = Files.writeString(temporary.resolve("c.yaml"), run.config().toYaml());
    List<String> words = new ArrayList<>();
    words.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    words.addAll(List.of(JavaModuleOptions.defaultModuleOptionArray()));
    words.add("-Dspark.master=local[2,4]");
    TestSpark.SETTINGS.forEach((key, value) -> words.add("-D" + key + "=" + value));
    String jars = TestSpark.HOME.resolve("jars") + File.separator + "*";
    words.addAll(List.of("-cp", TestSpark.JAR + File.pathSeparator + jars));
    words.addAll(List.of(TrainJob.class.getName(), "--out", folder.toString()));
    words.addAll(List.of("--data", run.dataset().folder().toString()));
    words.addAll(List.of("--network", network.toString(), "--config", config.toString()));
    driver = new ProcessBuilder(words).redirectError(errors.toFile()).start();
    BufferedReader output = driver.inputReader();
    String line = output.readLine();
    while (line != null && !line.startsWith(epoch + "/")) {
      line = output.readLine();
    }
    assertTrue(line != null, Files.readString(errors));
  }
}
