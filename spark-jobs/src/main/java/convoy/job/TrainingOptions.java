package convoy.job;

import convoy.averaging.TrainingSetup;
import convoy.dataprep.ImageDataset;
import convoy.engine.network.NetworkSpec;
import convoy.engine.training.TrainingConfig;
import convoy.storage.Storage;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Option;

/** The options that say what is trained, on what, and how. */
final class TrainingOptions {
  private static final int CONFIG_LIMIT_BYTES = 1 << 20;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "URI",
      description = "A data set that 'prepare' has written.")
  private String data;

  @Option(
      names = "--network",
      required = true,
      paramLabel = "NAME_OR_FILE",
      description = "A network of conf/networks by name, or a YAML file.")
  private String network;

  @Option(names = "--config", paramLabel = "FILE", description = "Settings as YAML.")
  private Optional<String> config = Optional.empty();

  @Option(
      names = "--set",
      paramLabel = "KEY=VALUE",
      description = "One setting, over those of --config: --set epochs=10; may be repeated.")
  private List<String> assignments = List.of();

  /** The options yet to be read from a command line. */
  TrainingOptions() {}

  /** The options that another job needs. */
  TrainingOptions(String data, String network, List<String> assignments) {
    this.data = data;
    this.network = network;
    this.assignments = assignments;
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
    String yaml = storage.readText(storage.path(config.get()), CONFIG_LIMIT_BYTES);
    return TrainingConfig.read(config.get(), yaml, assignments);
  }

  /**
   * The network.
   *
   * @throws IllegalArgumentException if there is none of that name, or if it is wrong
   */
  NetworkSpec network(Storage storage) throws IOException {
    return new NetworkFiles(storage).network(network);
  }

  /**
   * All of it.
   *
   * @throws IllegalArgumentException if something is wrong, or does not fit the rest
   */
  TrainingSetup setup(SparkSession spark) throws IOException {
    Configuration hadoop = spark.sparkContext().hadoopConfiguration();
    Storage storage = new Storage(hadoop);
    TrainingConfig settings = settings(storage);
    return new TrainingSetup(ImageDataset.open(data, hadoop), network(storage), settings);
  }
}
