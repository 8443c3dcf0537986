package convoy.job;

import convoy.averaging.DivergenceException;
import convoy.engine.checkpoint.DamagedCheckpointException;
import convoy.engine.settings.NearestName;
import convoy.training.StoppedException;
import java.io.FileNotFoundException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.UndeclaredThrowableException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.hadoop.fs.ChecksumException;
import org.apache.hadoop.fs.ParentNotDirectoryException;
import org.apache.hadoop.fs.UnsupportedFileSystemException;
import org.apache.spark.SparkException;
import org.apache.spark.sql.AnalysisException;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** What a user is told about an exception: one line and the exit status. */
record Failure(int status, String message) {
  private static final String FAILED_READ = "FAILED_READ_FILE";

  private static final List<Class<? extends Throwable>> WRONG_INPUT =
      List.of(
          IllegalArgumentException.class,
          ParameterException.class,
          FileNotFoundException.class,
          NoSuchFileException.class,
          NotDirectoryException.class,
          FileAlreadyExistsException.class,
          org.apache.hadoop.fs.FileAlreadyExistsException.class,
          ParentNotDirectoryException.class,
          UnsupportedFileSystemException.class,
          AnalysisException.class,
          DamagedCheckpointException.class);

  /** What only carries another exception from a task, a thread or a reflective call. */
  private static final List<Class<? extends Throwable>> WRAPPERS =
      List.of(
          SparkException.class,
          UncheckedIOException.class,
          ExecutionException.class,
          CompletionException.class,
          InvocationTargetException.class,
          UndeclaredThrowableException.class);

  /**
   * What a user is told about {@code thrown}.
   *
   * @param moreOptions options besides the job's that an unknown one may have been meant to be
   */
  static Failure of(Throwable thrown, Set<String> moreOptions) {
    Throwable cause = thrown;
    Optional<String> unreadable = Optional.empty();
    while (cause.getCause() != null && isAny(cause, WRAPPERS)) {
      if (unreadable.isEmpty()) {
        unreadable = unreadable(cause);
      }
      cause = cause.getCause();
    }
    if (unreadable.isPresent() && isDamage(cause)) {
      return new Failure(
          ExitStatus.WRONG_INPUT,
          unreadable.get() + " can't be read; is the file complete? (" + line(cause) + ")");
    }
    if (cause instanceof DivergenceException) {
      return new Failure(ExitStatus.DIVERGED, line(cause));
    }
    if (cause instanceof StoppedException) {
      return new Failure(ExitStatus.STOPPED, line(cause));
    }
    if (cause instanceof UnmatchedArgumentException unmatched) {
      return new Failure(ExitStatus.WRONG_INPUT, unknown(unmatched, moreOptions));
    }
    if (isAny(cause, WRONG_INPUT)) {
      return new Failure(ExitStatus.WRONG_INPUT, file(cause) + line(cause));
    }
    String context = cause == thrown ? "" : line(thrown) + ": ";
    return new Failure(ExitStatus.FAILED, context + kind(cause) + line(cause));
  }

  /** What a user who has stopped the process is told: whatever was thrown, that is the reason. */
  static Failure whileStopping(Throwable thrown) {
    boolean says = thrown instanceof StoppedException;
    return new Failure(ExitStatus.STOPPED, says ? line(thrown) : "interrupted");
  }

  private static boolean isAny(Throwable thrown, List<Class<? extends Throwable>> types) {
    return types.stream().anyMatch(type -> type.isInstance(thrown));
  }

  /** The file of a data set that Spark could not read, if that is what it says. */
  private static Optional<String> unreadable(Throwable thrown) {
    return thrown instanceof SparkException spark
            && spark.getCondition() != null
            && spark.getCondition().startsWith(FAILED_READ)
        ? Optional.ofNullable(spark.getMessageParameters().get("path"))
        : Optional.empty();
  }

  /** Whether a file's content was at fault, rather than the way to it. */
  private static boolean isDamage(Throwable cause) {
    return cause instanceof ChecksumException || !(cause instanceof IOException);
  }

  /** The message of java.nio's exceptions is the bare name of the file. */
  private static String file(Throwable thrown) {
    if (thrown instanceof NoSuchFileException) {
      return "no such file or folder: ";
    }
    if (thrown instanceof FileAlreadyExistsException) {
      return "exists already: ";
    }
    return thrown instanceof NotDirectoryException ? "not a folder: " : "";
  }

  /**
   * The class says what the message of many of the JDK's exceptions leaves out; not IOException.
   */
  private static String kind(Throwable thrown) {
    return thrown.getMessage() == null
            || thrown instanceof SparkException
            || thrown instanceof IllegalStateException
            || thrown.getClass() == IOException.class
        ? ""
        : thrown.getClass().getSimpleName() + ": ";
  }

  private static String line(Throwable thrown) {
    return Optional.ofNullable(thrown.getMessage())
        .flatMap(message -> message.lines().filter(line -> !line.isBlank()).findFirst())
        .orElse(thrown.getClass().getSimpleName());
  }

  private static String unknown(UnmatchedArgumentException unmatched, Set<String> moreOptions) {
    String argument = unmatched.getUnmatched().get(0);
    if (!unmatched.isUnknownOption()) {
      return "unexpected argument '" + argument + "'; --help lists what is expected";
    }
    Set<String> known =
        new TreeSet<>(unmatched.getCommandLine().getCommandSpec().optionsMap().keySet());
    known.addAll(moreOptions);
    return NearestName.message("option", argument.replaceFirst("=.*", ""), known);
  }
}
