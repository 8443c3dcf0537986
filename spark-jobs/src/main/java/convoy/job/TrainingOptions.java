package convoy.job;

import convoy.engine.training.TrainingConfig;
import convoy.storage.Storage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that make up a training's settings. */
final class TrainingOptions {
  private static final int LIMIT_BYTES = 1 << 20;

  @Option(names = "--config", paramLabel = "FILE", description = "Settings as YAML.")
  private Optional<String> config = Optional.empty();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "One setting, over those of --config: --set epochs=10; may be repeated.")
  private List<String> assignments = List.of();

  /** Options that were not given on a command line of their own. */
  static TrainingOptions of(List<String> assignments) {
    TrainingOptions options = new TrainingOptions();
    options.assignments = assignments;
    return options;
  }

  /**
   * The settings.
   *
   * @throws IllegalArgumentException if one is wrong
   */
  TrainingConfig settings(Storage storage) throws IOException {
    if (config.isEmpty()) {
      return TrainingConfig.read("configuration", "", assignments);
    }
    String yaml = storage.readText(storage.path(config.get()), LIMIT_BYTES);
    return TrainingConfig.read(config.get(), yaml, assignments);
  }
}
