package convoy.job;

import convoy.dataprep.ImageDataset;
import convoy.engine.network.NetworkSpec;
import convoy.engine.training.TrainingConfig;
import convoy.storage.Storage;
import convoy.training.TrainingSetup;
import java.io.IOException;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The options that say what is trained, on what, and how. */
final class TrainingOptions {
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

  @Mixin private SettingsOptions settings = new SettingsOptions();

  /** The options yet to be read from a command line. */
  TrainingOptions() {}

  /** The options that another job needs. */
  TrainingOptions(String data, String network, List<String> assignments) {
    this.data = data;
    this.network = network;
    settings = new SettingsOptions(assignments);
  }

  /**
   * The settings.
   *
   * @throws IllegalArgumentException if one is wrong
   */
  TrainingConfig settings(Storage storage) throws IOException {
    return settings.read(storage);
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
    return new TrainingSetup(ImageDataset.open(data, hadoop), network(storage), settings(storage));
  }
}
