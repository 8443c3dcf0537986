package convoy.job;

import convoy.dataprep.ImageDataset;
import convoy.engine.network.NetworkSpec;
import convoy.engine.training.TrainingConfig;
import convoy.registry.PromotionRule;
import convoy.registry.Registry;
import convoy.registry.Retraining;
import convoy.registry.RetrainingOptions;
import convoy.registry.RetrainingResult;
import convoy.storage.Storage;
import java.io.IOException;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Trains a challenger of a registry's champion, and promotes it if it is better. */
@Command(
    name = "retrain",
    description =
        "Train the champion of a registry on a data set that has grown, and promote the new model"
            + " if it is better on images that neither has trained on. Without --config the"
            + " settings are those of the champion, and --set is over these. Exit status in client"
            + " mode: 0 promoted, 10 nothing new, 11 not better, 12 another retraining is under"
            + " way.")
public final class RetrainJob implements SparkJob, ResumableJob {
  @Option(
      names = "--registry",
      required = true,
      paramLabel = "URI",
      description = "The registry's folder, on HDFS or a local file system; may be new.")
  private String uri;

  @Option(
      names = "--data",
      required = true,
      paramLabel = "URI",
      description = "A data set that 'prepare' has written and appended to.")
  private String data;

  @Option(
      names = "--network",
      paramLabel = "NAME_OR_FILE",
      description =
          "What to train as the first model, or --from scratch instead of the champion's.")
  private Optional<String> network = Optional.empty();

  @Mixin private SettingsOptions settings = new SettingsOptions();

  /** What a challenger begins with. */
  enum From {
    CHAMPION,
    SCRATCH
  }

  @Option(
      names = "--from",
      paramLabel = "champion|scratch",
      description = "Whose weights to begin with: the champion's (default) or new ones.")
  private From from = From.CHAMPION;

  @Option(
      names = "--old-share",
      paramLabel = "SHARE",
      description = "Share of the images that the champion knew to train on; default: 1.")
  private double oldShare = 1;

  @Option(
      names = "--new-share",
      paramLabel = "SHARE",
      description = "Share of the new images to train on; default: 1.")
  private double newShare = 1;

  @Option(
      names = "--margin",
      paramLabel = "SHARE",
      description = "Least gain in accuracy for a promotion, as 0.01 for one point; default: 0.")
  private double margin = PromotionRule.DEFAULT.margin();

  @Option(
      names = "--significance",
      paramLabel = "P",
      description = "Largest p-value of McNemar's test for a promotion; default: 0.05.")
  private double significance = PromotionRule.DEFAULT.significance();

  @Option(
      names = "--largest-fall",
      paramLabel = "SHARE",
      description = "Most that the recall of a class may fall; default: 0.05.")
  private double largestFall = PromotionRule.DEFAULT.largestFall();

  @Option(names = "--force", description = "Train although no part of the data set is new.")
  private boolean force;

  private final AtomicReference<Retraining> running = new AtomicReference<>();

  /** What {@code --json} shows is {@link RetrainingResult#toTree}. */
  record Result(RetrainingResult retraining, boolean exits) implements ExitingResult {
    @Override
    public int exitStatus() {
      if (!exits && retraining.outcome() != RetrainingResult.Outcome.OVERTAKEN) {
        return ExitStatus.DONE;
      }
      return switch (retraining.outcome()) {
        case PROMOTED -> ExitStatus.DONE;
        case NOTHING_NEW -> ExitStatus.NOTHING_NEW;
        case NOT_BETTER -> ExitStatus.NOT_BETTER;
        case BUSY -> ExitStatus.BUSY;
        case OVERTAKEN -> ExitStatus.FAILED;
      };
    }

    @Override
    public Object json() {
      return retraining.toTree();
    }
  }

  @Override
  public int taskCores() throws IOException {
    Storage storage = JobStorage.open();
    TrainingConfig champion = Registry.open(storage, uri).championSettings();
    return settings(storage).over(champion).threadsPerReplica();
  }

  @Override
  public Result run(SparkSession spark) throws Exception {
    Storage storage = new Storage(spark.sparkContext().hadoopConfiguration());
    Optional<NetworkSpec> named = Optional.empty();
    if (network.isPresent()) {
      named = Optional.of(new NetworkFiles(storage).network(network.get()));
    }
    RetrainingOptions options =
        new RetrainingOptions(
            named,
            settings(storage),
            from == From.SCRATCH,
            oldShare,
            newShare,
            new PromotionRule(margin, significance, largestFall),
            force);
    Registry registry = Registry.open(storage, uri);
    ImageDataset dataset = ImageDataset.open(data, spark.sparkContext().hadoopConfiguration());
    running.set(new Retraining(spark, storage, registry, dataset, options));
    try (ProgressBar bar = new ProgressBar(spark.sparkContext())) {
      RetrainingResult result =
          running.get().run(settings -> new TrainJob.Table(settings, Optional.empty(), bar));
      bar.println(line(result));
      result.reasons().forEach(reason -> bar.println("  " + reason));
      return new Result(result, !isInCluster(spark.sparkContext().getConf()));
    }
  }

  /**
   * Whether the driver runs in the cluster, whose master would repeat what ends otherwise than 0.
   */
  private static boolean isInCluster(SparkConf conf) {
    return conf.get("spark.submit.deployMode", "client").equals("cluster")
        || conf.getBoolean("spark.kubernetes.submitInDriver", false);
  }

  private RetrainingOptions.Settings settings(Storage storage) throws IOException {
    if (!settings.hasFile()) {
      return settings::over;
    }
    TrainingConfig read = settings.read(storage);
    return champion -> read;
  }

  private static String line(RetrainingResult result) {
    return switch (result.outcome()) {
      case PROMOTED -> "promoted: version " + result.champion() + " is the champion";
      case NOTHING_NEW -> "nothing new: version " + result.champion() + " stays the champion";
      case NOT_BETTER ->
          "not better: version "
              + result.champion()
              + " stays the champion, version "
              + result.challenger().orElseThrow().version()
              + " is kept";
      case BUSY -> "another retraining is under way";
      case OVERTAKEN -> "overtaken: version " + result.champion() + " is the champion by now";
    };
  }

  @Override
  public boolean stop() {
    Retraining retraining = running.get();
    return retraining != null && retraining.stop();
  }

  /** Runs the job as a process. */
  public static void main(String[] arguments) {
    JobRunner.main(new RetrainJob(), arguments);
  }
}
