package convoy.job;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.apache.hadoop.util.ShutdownHookManager;
import picocli.CommandLine;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** Runs a job as a process does: the exit status, and one clear line for what went wrong. */
public final class JobRunner {
  /** Names the process id of the launcher to the driver that it starts. */
  public static final String LAUNCHER_VARIABLE = "CONVOY_LAUNCHER";

  /**
   * After Spark and the file systems have been closed, which lets a stopped job come to its end.
   */
  private static final int LAST = 1;

  private static final int REPORT_SECONDS = 5;

  /** What it leads to is told by Linux alone. */
  private static final Path STANDARD_OUTPUT = Path.of("/proc/self/fd/1");

  private JobRunner() {}

  /**
   * Runs {@code job} and ends the process unless the work is done: a driver in cluster mode that
   * exits on its own counts as failed.
   */
  public static void main(Job job, String[] arguments) {
    endWithLauncher();
    EndSignals.tell((again, status) -> end(job, again, status));
    CountDownLatch reported = new CountDownLatch(1);
    ShutdownHookManager.get()
        .addShutdownHook(() -> await(reported), LAST, REPORT_SECONDS + 1, TimeUnit.SECONDS);
    int status = run(job, System.err, arguments);
    reported.countDown();
    if (status != ExitStatus.DONE) {
      System.exit(status);
    }
  }

  /** Runs {@code job}; the exit status is one of {@link ExitStatus}. */
  static int run(Job job, PrintStream err, String... arguments) {
    CommonOptions common = new CommonOptions();
    CommandLine line = commandLine(job, common);
    String name = line.getCommandName();
    try {
      if (parse(line, arguments).isUsageHelpRequested()) {
        line.usage(System.out);
        return ExitStatus.DONE;
      }
      common.check(job);
      Object result = result(job, common);
      common.write(result instanceof ExitingResult exiting ? exiting.json() : result);
      checkPrinted();
      return result instanceof ExitingResult exiting ? exiting.exitStatus() : ExitStatus.DONE;
    } catch (OutOfMemoryError e) {
      String heap =
          job instanceof SparkJob ? "--driver-memory" : "the heap, as by JAVA_TOOL_OPTIONS=-Xmx8g";
      err.println(name + ": out of memory (" + e.getMessage() + "); raise " + heap);
      return ExitStatus.FAILED;
    } catch (Exception e) {
      if (common.verbose()) {
        e.printStackTrace(err);
      }
      Failure failure =
          ShutdownHookManager.get().isShutdownInProgress()
              ? Failure.whileStopping(e)
              : Failure.of(e, Set.of());
      err.println(name + ": " + failure.message());
      return failure.status();
    }
  }

  /**
   * Checks that what was printed has arrived, as on a disk that is full it has not. A reader of a
   * pipe that has seen enough, as {@code head}, is no fault.
   *
   * @throws IOException if it has not
   */
  private static void checkPrinted() throws IOException {
    if (System.out.checkError() && !isPrintingToPipe()) {
      throw new IOException("what was to be printed is not whole; is the disk full?");
    }
  }

  private static boolean isPrintingToPipe() {
    try {
      return Files.readSymbolicLink(STANDARD_OUTPUT).toString().startsWith("pipe:");
    } catch (IOException e) {
      return false; // no Linux
    }
  }

  /** What {@code job} gives; what it has when it fails late is written first. */
  private static Object result(Job job, CommonOptions common) throws Exception {
    try {
      return job.run();
    } catch (LateFailureException e) {
      Exception failure = e.getCause();
      try {
        common.write(e.result());
      } catch (IOException notWritten) {
        failure.addSuppressed(notWritten);
      }
      throw failure;
    }
  }

  /**
   * Reads the command line of {@code job} without running it.
   *
   * @param moreOptions options besides the job's that an unknown one may have been meant to be
   * @return whether it asks for help
   * @throws IllegalArgumentException if the job would refuse it
   */
  public static boolean asksForHelp(Job job, List<String> arguments, Set<String> moreOptions) {
    try {
      return parse(commandLine(job, new CommonOptions()), arguments.toArray(new String[0]))
          .isUsageHelpRequested();
    } catch (ParameterException e) {
      throw new IllegalArgumentException(Failure.of(e, moreOptions).message(), e);
    }
  }

  /** The names of the options of {@code job}. */
  public static Set<String> options(Job job) {
    return commandLine(job, new CommonOptions()).getCommandSpec().optionsMap().keySet();
  }

  /** What {@code --help} prints. */
  public static String usage(Job job) {
    return commandLine(job, new CommonOptions()).getUsageMessage();
  }

  /** Ends the process as a signal wants it: at once, unless the job has something to keep. */
  private static void end(Job job, boolean again, int status) {
    if (!(job instanceof ResumableJob resumable)) {
      System.exit(status);
    } else if (again || !resumable.stop()) {
      System.exit(ExitStatus.STOPPED);
    }
  }

  /** A launcher that was killed can't tell its driver to end, and its local cluster is gone. */
  private static void endWithLauncher() {
    Optional.ofNullable(System.getenv(LAUNCHER_VARIABLE))
        .flatMap(pid -> ProcessHandle.of(Long.parseLong(pid)))
        .ifPresent(launcher -> launcher.onExit().thenRun(() -> System.exit(ExitStatus.FAILED)));
  }

  /** Keeps a process that was told to end until its job has said what became of it. */
  private static void await(CountDownLatch reported) {
    try {
      reported.await(REPORT_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Of several errors, a mistyped option is what a user wants to know: it explains a missing one.
   */
  private static ParseResult parse(CommandLine line, String... arguments) {
    line.getCommandSpec().parser().collectErrors(true);
    ParseResult result = line.parseArgs(arguments);
    List<Exception> errors = result.errors();
    for (Exception error : errors) {
      if (error instanceof UnmatchedArgumentException unmatched) {
        throw unmatched;
      }
    }
    if (!errors.isEmpty()) {
      throw new ParameterException(line, errors.get(0).getMessage(), errors.get(0));
    }
    return result;
  }

  private static CommandLine commandLine(Job job, CommonOptions common) {
    CommandLine line = new CommandLine(job);
    line.setCommandName("convoy " + line.getCommandName());
    line.addMixin("common", common);
    line.setExpandAtFiles(false).setCaseInsensitiveEnumValuesAllowed(true);
    line.getCommandSpec().usageMessage().sortOptions(false).customSynopsis(synopsis(line));
    return line;
  }

  /** What a command can't do without, and that there is more. */
  private static String synopsis(CommandLine line) {
    StringJoiner words = new StringJoiner(" ").add(line.getCommandName());
    for (ArgSpec argument : line.getCommandSpec().args()) {
      if (argument instanceof OptionSpec option) {
        // In a group that excludes all but one, "required" is of the group.
        if (option.required() && option.group() == null) {
          words.add(option.longestName() + "=" + option.paramLabel());
        }
      } else {
        words.add(argument.paramLabel());
      }
    }
    return words.add("[OPTIONS]").toString();
  }
}
