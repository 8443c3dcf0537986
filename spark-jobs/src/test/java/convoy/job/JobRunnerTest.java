package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.ObjectMapper;
import convoy.averaging.DivergenceException;
import convoy.training.StoppedException;
import java.io.ByteArrayOutputStream;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.PrintStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.spark.SparkException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

class JobRunnerTest {
  private final ByteArrayOutputStream err = new ByteArrayOutputStream();

  /** Throws what it is given; otherwise its result is one number. */
  @Command(name = "sample", description = "Do something.")
  private static final class SampleJob implements Job {
    @Option(names = "--data", required = true)
    private String data = "";

    private final Exception failure;

    SampleJob(Exception failure) {
      this.failure = failure;
    }

    record Result(int imagesSeen) {}

    @Override
    public Result run() throws Exception {
      if (failure != null) {
        throw failure;
      }
      return new Result(data.length());
    }
  }

  @Test
  void doneIsZero() {
    assertEquals(0, run(null, "--data", "x"));
    assertEquals("", err());
  }

  @Test
  void wrongInputIsTwo() {
    assertEquals(2, run(new IllegalArgumentException("a.bin: 3 bytes"), "--data", "x"));
    assertEquals("convoy sample: a.bin: 3 bytes\n", err());
    assertEquals(2, run(new FileNotFoundException("nothing at b"), "--data", "x"));
    assertEquals(2, run(new NoSuchFileException("c"), "--data", "x"));
    assertTrue(err().endsWith("convoy sample: no such file or folder: c\n"), err());
  }

  @Test
  void usageNamesWhatACommandNeeds() {
    assertTrue(
        JobRunner.usage(new TrainJob())
            .startsWith(
                "Usage: convoy train --data=URI --network=NAME_OR_FILE --out=URI [OPTIONS]\n"));
    assertTrue(
        JobRunner.usage(new SummaryJob()).startsWith("Usage: convoy summary NETWORK [OPTIONS]\n"));
  }

  @Test
  void wrongUsageIsTwo() {
    assertEquals(2, run(null));
    assertTrue(err().contains("--data"), err());
  }

  @Test
  void divergenceIsThree() {
    assertEquals(3, run(new DivergenceException("round 4: NaN"), "--data", "x"));
    assertEquals("convoy sample: round 4: NaN\n", err());
  }

  @Test
  void aStoppedTrainingIs75() {
    assertEquals(75, run(new StoppedException("stopped after round 4"), "--data", "x"));
    assertEquals("convoy sample: stopped after round 4\n", err());
  }

  @Test
  void everythingElseIsOne() {
    assertEquals(1, run(new IOException("disk full"), "--data", "x"));
    assertEquals(1, run(new IllegalStateException("closed"), "--data", "x"));
    assertEquals(1, run(new NullPointerException(), "--data", "x"));
    assertTrue(err().endsWith("convoy sample: NullPointerException\n"), err());
  }

  @Test
  void whatATaskThrewCountsAsIfTheJobHadThrownIt() {
    Exception cause = new IllegalArgumentException("image 7 does not decode");
    assertEquals(2, run(new SparkException("Job aborted", cause), "--data", "x"));
    assertEquals("convoy sample: image 7 does not decode\n", err());
    assertEquals(
        2, run(new ExecutionException(new SparkException("Job aborted", cause)), "--data", "x"));
    assertEquals(1, run(new UncheckedIOException(new IOException("gone")), "--data", "x"));
  }

  @Test
  void messagesAreOneLineAndStackTracesAreForVerbose() {
    run(new IOException("first\nsecond"), "--data", "x");
    assertEquals("convoy sample: first\n", err());
    run(new IOException("first"), "--data", "x", "--verbose");
    assertTrue(err().contains("at convoy.job.JobRunnerTest"), err());
  }

  @Test
  void whatGoesWrongWhileTheProcessIsStoppedIsTheInterruption() {
    assertEquals(
        new Failure(75, "interrupted"),
        Failure.whileStopping(new IllegalStateException("stopped SparkContext")));
    assertEquals(
        new Failure(75, "stopped; go on with --resume"),
        Failure.whileStopping(new StoppedException("stopped; go on with --resume")));
  }

  @Test
  void unknownOptionNamesTheNearest() {
    assertEquals(2, run(null, "--dta", "x"));
    assertTrue(err().contains("--dta; did you mean --data?"), err());
    assertEquals(2, run(null, "--data", "x", "surplus"));
    assertTrue(err().contains("unexpected argument 'surplus'"), err());
  }

  @Test
  void checkKnowsOptionsBesidesTheJobs() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () ->
                JobRunner.asksForHelp(
                    new SampleJob(null),
                    List.of("--data", "x", "--mster", "local"),
                    Set.of("--master")));
    assertTrue(e.getMessage().contains("did you mean --master?"), e.getMessage());
    assertTrue(JobRunner.asksForHelp(new SampleJob(null), List.of("--help"), Set.of()));
    assertFalse(JobRunner.asksForHelp(new SampleJob(null), List.of("--data", "x"), Set.of()));
  }

  @Test
  void resultGoesToTheJsonFile(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("new/result.json");
    assertEquals(0, run(null, "--data", "four", "--json", file.toString()));
    assertEquals(4, new ObjectMapper().readTree(file.toFile()).get("imagesSeen").intValue());
    assertEquals(1, Files.list(file.getParent()).count(), "no file besides it");
  }

  @Test
  void whatFailsLateLosesNoResult(@TempDir Path folder) throws IOException {
    Path file = folder.resolve("result.json");
    Exception late =
        new LateFailureException(new SampleJob.Result(7), new IOException("no space for the page"));
    assertEquals(1, run(late, "--data", "x", "--json", file.toString()));
    assertEquals("convoy sample: no space for the page\n", err());
    assertEquals(7, new ObjectMapper().readTree(file.toFile()).get("imagesSeen").intValue());
  }

  @Test
  void jsonThatCanNotBeWrittenIsRefusedBeforeTheWork(@TempDir Path folder) throws IOException {
    Exception late = new IOException("ran");
    assertEquals(2, run(late, "--data", "x", "--json", "nosuch://host/a.json"));
    assertTrue(err().contains("nosuch"), err());
    Path file = Files.writeString(folder.resolve("file"), "x");
    assertEquals(2, run(late, "--data", "x", "--json", file + "/a.json"));
    assertTrue(err().contains(file + " is a file, wanted a folder"), err());
    assertEquals(2, run(late, "--data", "x", "--json", folder.toString()));
    assertTrue(err().contains(folder + " is a folder, wanted a file"), err());
  }

  private int run(Exception failure, String... arguments) {
    err.reset();
    return JobRunner.run(
        new SampleJob(failure), new PrintStream(err, true, StandardCharsets.UTF_8), arguments);
  }

  private String err() {
    return err.toString(StandardCharsets.UTF_8);
  }
}
