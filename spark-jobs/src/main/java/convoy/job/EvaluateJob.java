package convoy.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.cluster.ExecutorWait;
import convoy.dataprep.ImageDataset;
import convoy.dataprep.Split;
import convoy.dataprep.SplitCounts;
import convoy.engine.checkpoint.Model;
import convoy.engine.data.ImageView;
import convoy.evaluation.EvaluationRun;
import convoy.evaluation.Scores;
import convoy.evaluation.ShownImages;
import convoy.evaluation.UnwrittenPredictionsException;
import convoy.run.RunFolder;
import convoy.storage.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.SparkSession;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Evaluates models on a data set. */
@Command(name = "evaluate", description = "Count how well models do on labelled images.")
public final class EvaluateJob implements SparkJob {
  private static final Logger LOG = LoggerFactory.getLogger(EvaluateJob.class);
  private static final String WAIT = "--wait-for-executors";

  @Option(
      names = "--model",
      required = true,
      paramLabel = "URI",
      description = {
        "A run of 'train' (its best checkpoint, or its latest), or a checkpoint; may be repeated:",
        "several models are evaluated in one pass and compared by McNemar's test."
      })
  private List<String> models = new ArrayList<>();

  @Option(
      names = "--data",
      required = true,
      paramLabel = "URI",
      description = "A data set that 'prepare' has written.")
  private String data;

  @Option(
      names = "--split",
      paramLabel = "NAME",
      description = "The images to evaluate on: test (the default) or train.")
  private String split = Split.TEST.folderName();

  @Option(
      names = "--view",
      paramLabel = "VIEW",
      description = {
        "How images are shown: clean (the default), flip, grey, brightness:0.8, shift:2,",
        "gaussian-blur:1.5 or gaussian-noise:0.1; may be repeated."
      })
  private List<String> views = new ArrayList<>();

  @Option(
      names = "--mean-of-views",
      description = {
        "Also score the mean of the probabilities under all views (test-time augmentation)."
      })
  private boolean mean;

  @Option(
      names = "--predictions",
      paramLabel = "URI",
      description = {
        "Write what the models say of each image as a new folder of Parquet files; images without",
        "a label are scored too."
      })
  private Optional<String> predictions = Optional.empty();

  @Option(
      names = "--report",
      paramLabel = "URI",
      description = "Write a page of all measures, with the worst mistakes: one HTML file.")
  private Optional<String> report = Optional.empty();

  @Option(
      names = WAIT,
      paramLabel = "SECONDS",
      description = "How long to wait for the first executor; by default 120.")
  private int waitSeconds = 120;

  /** The job, its options yet to be read from a command line. */
  public EvaluateJob() {}

  /** The job with the options that it needs, for another job's use. */
  EvaluateJob(String model, String data) {
    models = List.of(model);
    this.data = data;
  }

  @Override
  public Optional<String> ownFolder() {
    return predictions;
  }

  @Override
  public ObjectNode run(SparkSession spark) throws Exception {
    Storage storage = new Storage(spark.sparkContext().hadoopConfiguration());
    Split images = Split.named(split);
    List<ImageView> shown = views();
    checkDistinct(storage);
    List<Model> loaded = new ArrayList<>();
    for (String model : models) {
      loaded.add(RunFolder.model(storage, model));
    }
    ImageDataset dataset = ImageDataset.open(data, spark.sparkContext().hadoopConfiguration());
    EvaluationRun run =
        new EvaluationRun(spark, dataset, new ShownImages(images, 0), loaded, shown, mean);
    Optional<Path> page = reportFile(storage, dataset.manifest().counts(images));
    ExecutorWait.awaitFirst(spark.sparkContext(), waitSeconds, WAIT);
    try (ProgressBar bar = new ProgressBar(spark.sparkContext())) {
      long began = System.nanoTime();
      Counted counted = counted(storage, run);
      double seconds = (System.nanoTime() - began) / 1e9;
      EvaluationResult result =
          new EvaluationResult(
              models,
              run.columns(),
              dataset.classNames(),
              counted.scores(),
              counted.scores().images() / seconds);
      EvaluationTable.lines(result).forEach(bar::println);
      ObjectNode tree = result.toTree();
      tree.put("split", images.folderName()).put("data", dataset.fingerprint().toString());
      Optional<Exception> late = counted.failure();
      if (page.isPresent()) {
        try {
          String html = new EvaluationReport(dataset, images, result).html(run);
          storage.writeAtomically(page.get(), html.getBytes(StandardCharsets.UTF_8));
        } catch (Exception e) { // Spark throws checked ones that it does not declare
          late.ifPresent(earlier -> LOG.error("{}: {}", page.get(), Storage.firstLine(e)));
          late = late.or(() -> Optional.of(e));
        }
      }
      if (late.isPresent()) {
        throw new LateFailureException(tree, late.get());
      }
      return tree;
    }
  }

  /**
   * What was counted.
   *
   * @param failure why the predictions are not written, if they should be and are not
   */
  private record Counted(Scores scores, Optional<Exception> failure) {}

  private Counted counted(Storage storage, EvaluationRun run) throws IOException {
    if (predictions.isEmpty()) {
      return new Counted(run.run(), Optional.empty());
    }
    try {
      Path folder = storage.path(predictions.get());
      return new Counted(run.run(storage, folder, models), Optional.empty());
    } catch (UnwrittenPredictionsException e) {
      return new Counted(e.scores(), Optional.of(e.getCause()));
    }
  }

  /** Refuses a report that could not be written, before the work begins. */
  private Optional<Path> reportFile(Storage storage, SplitCounts counts) throws IOException {
    if (report.isEmpty()) {
      return Optional.empty();
    }
    if (!report.get().endsWith(".html")) {
      throw new IllegalArgumentException(
          "--report: " + report.get() + " would hold a page, wanted a name that ends in .html");
    }
    Path file = JobStorage.outputFile(storage, "--report", report.get());
    if (predictions.isPresent() && Storage.isIn(file, storage.path(predictions.get()))) {
      throw new IllegalArgumentException(
          "--report: "
              + file
              + " would lie in the folder of --predictions, which is Parquet's own");
    }
    if (counts.labelled() == 0 && counts.images() > 0) {
      throw new IllegalArgumentException(
          "--report: a page of measures, but none of the images has a label; leave it out");
    }
    return Optional.of(file);
  }

  private void checkDistinct(Storage storage) {
    if (models.stream().map(storage::path).distinct().count() < models.size()) {
      throw new IllegalArgumentException("a --model is given twice");
    }
  }

  private List<ImageView> views() {
    List<ImageView> shown = views.stream().map(ImageView::of).toList();
    if (mean && shown.size() < 2) {
      throw new IllegalArgumentException(
          "--mean-of-views wants two views or more, as --view clean --view flip");
    }
    if (shown.stream().distinct().count() < shown.size()) {
      throw new IllegalArgumentException("a --view is given twice");
    }
    return shown.isEmpty() ? List.of(new ImageView.Clean()) : shown;
  }

  /** Runs the job as a process. */
  public static void main(String[] arguments) {
    JobRunner.main(new EvaluateJob(), arguments);
  }
}
