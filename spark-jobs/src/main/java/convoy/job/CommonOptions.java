package convoy.job;

import convoy.storage.Storage;
import java.io.IOException;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import picocli.CommandLine.Option;

/** The options that every command takes. */
final class CommonOptions {
  @Option(
      names = "--json",
      paramLabel = "FILE",
      description = "Write the result as JSON to this path or Hadoop URI.")
  private Optional<String> json = Optional.empty();

  @Option(names = "--verbose", description = "Show stack traces, and Spark's messages in full.")
  private boolean verbose;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Show this text.")
  private boolean help;

  boolean verbose() {
    return verbose;
  }

  /** Refuses a {@code --json} that could not be written, before the work of {@code job} begins. */
  void check(Job job) throws IOException {
    if (json.isEmpty()) {
      return;
    }
    Storage storage = JobStorage.open();
    Path file = JobStorage.outputFile(storage, "--json", json.get());
    Optional<Path> own = job.ownFolder().map(storage::path);
    if (own.isPresent() && Storage.isIn(file, own.get())) {
      throw new IllegalArgumentException(
          "--json: " + file + " would lie in " + own.get() + ", which the command makes whole");
    }
  }

  void write(Object result) throws IOException {
    if (json.isPresent()) {
      Storage storage = JobStorage.open();
      storage.writeJson(storage.path(json.get()), result);
    }
  }
}
