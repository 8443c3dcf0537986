package convoy.job;

import convoy.engine.training.TrainingConfig;
import convoy.storage.Storage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Option;

/** The options that give the settings of a training. */
final class SettingsOptions {
  private static final int CONFIG_LIMIT_BYTES = 1 << 20;

  @Option(
      names = "--config",
      paramLabel = "FILE",
      description = "Settings as YAML; those that it does not name are at their defaults.")
  private Optional<String> config = Optional.empty();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "One setting, over those of --config: --set epochs=10; may be repeated.")
  private List<String> assignments = List.of();

  /** The options yet to be read from a command line. */
  SettingsOptions() {}

  /** The options that another job needs. */
  SettingsOptions(List<String> assignments) {
    this.assignments = assignments;
  }

  /** Whether there is a file, which names all settings: by their value, or as their default. */
  boolean hasFile() {
    return config.isPresent();
  }

  /**
   * The settings of the file, or the defaults, with those of the assignments over them.
   *
   * @throws IllegalArgumentException if one is wrong
   */
  TrainingConfig read(Storage storage) throws IOException {
    if (config.isEmpty()) {
      return TrainingConfig.read("configuration", "", assignments);
    }
    String yaml = storage.readText(storage.path(config.get()), CONFIG_LIMIT_BYTES);
    return TrainingConfig.read(config.get(), yaml, assignments);
  }

  /**
   * Others with those of the assignments over them.
   *
   * @throws IllegalArgumentException if one is wrong
   */
  TrainingConfig over(TrainingConfig others) {
    return others.with(assignments.toArray(String[]::new));
  }
}
