package convoy.job;

import convoy.dataprep.ShapesGenerator;
import convoy.storage.Storage;
import convoy.training.StoppedException;
import java.io.IOException;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Goes the whole way once: images, data set, training, evaluation, on images that it generates. */
@Command(
    name = "quickstart",
    description =
        "Prepare, train and evaluate on images of coloured shapes that are generated here;"
            + " without --master on two executors of this machine.")
public final class QuickstartJob implements SparkJob {
  /** So that a few thousand images make enough steps to learn from, on two executors. */
  private static final List<String> FEW_IMAGES =
      List.of("shards=2", "batchSize=16", "averaging.everySteps=20");

  @Option(
      names = "--folder",
      paramLabel = "URI",
      description =
          "A new folder for images, data set and run, which stay there; default: a temporary one."
              + " All executors must reach it.")
  private Optional<String> folder = Optional.empty();

  @Option(names = "--network", paramLabel = "NAME", description = "What to train; default: small.")
  private String network = "small";

  @Option(names = "--epochs", paramLabel = "N", description = "Epochs to train; default: 6.")
  private int epochs = 6;

  @Option(names = "--seed", paramLabel = "N", description = "Of images and training; default: 0.")
  private long seed;

  /** The keys of {@code --json}: the results of the commands that this one stands for. */
  record Result(Object prepare, Object train, Object evaluate) {}

  @Override
  public Result run(SparkSession spark) throws Exception {
    Storage storage = new Storage(spark.sparkContext().hadoopConfiguration());
    Path home = folder.isPresent() ? newFolder(storage, folder.get()) : temporaryFolder(storage);
    String images = new Path(home, "images").toString();
    String data = new Path(home, "data").toString();
    String run = new Path(home, "run").toString();

    List<String> settings = new ArrayList<>(FEW_IMAGES);
    settings.addAll(List.of("epochs=" + epochs, "seed=" + seed));
    TrainJob training = new TrainJob(data, network, run, settings);
    training.check(storage);

    announce("1 of 3: generate images and prepare them");
    ShapesGenerator.defaults(seed).write(storage, images);
    Object prepared = new PrepareJob(images, data).run(spark);

    announce("2 of 3: train " + network + " for " + epochs + " epochs");
    Object trained = train(training, settings, spark);

    announce("3 of 3: evaluate on the test images");
    Object evaluated = new EvaluateJob(run, data).run(spark);
    announce(
        folder
            .map(kept -> "images, data set and run are in " + kept)
            .orElse("images, data set and run were temporary; --folder NEW keeps them"));
    return new Result(prepared, trained, evaluated);
  }

  /** What an interrupted training advises does not hold here: this command resumes nothing. */
  private Object train(TrainJob training, List<String> settings, SparkSession spark)
      throws Exception {
    try {
      return training.run(spark);
    } catch (StoppedException e) {
      StoppedException told =
          new StoppedException(
              "interrupted" + folder.map(kept -> advice(kept, settings)).orElse(""));
      told.initCause(e);
      throw told;
    }
  }

  /** With the settings in full, as a run that has no checkpoint yet leaves no config.yaml. */
  private String advice(String kept, List<String> settings) {
    return String.format(
        Locale.ROOT,
        "; go on with bin/convoy train --resume --data %1$s/data --network %2$s --out %1$s/run"
            + " --set %3$s",
        kept,
        network,
        String.join(" --set ", settings));
  }

  private static void announce(String step) {
    System.out.println("\n" + step);
  }

  private static Path newFolder(Storage storage, String uri) throws IOException {
    Path home = storage.path(uri);
    if (storage.exists(home)) {
      throw new IllegalArgumentException(home + " exists already; --folder wants a new folder");
    }
    return home;
  }

  private static Path temporaryFolder(Storage storage) throws IOException {
    Path home = new Path(Files.createTempDirectory("convoy-quickstart-").toUri());
    storage.fileSystem(home).deleteOnExit(home);
    return home;
  }

  /** Runs the job as a process. */
  public static void main(String[] arguments) {
    JobRunner.main(new QuickstartJob(), arguments);
  }
}
