package convoy.job;

import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.averaging.ModelEvaluation;
import convoy.averaging.RunFolder;
import convoy.dataprep.ImageDataset;
import convoy.dataprep.Split;
import convoy.engine.checkpoint.Model;
import convoy.engine.evaluation.Evaluation;
import convoy.storage.Storage;
import java.util.List;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Evaluates a model on a data set. */
@Command(name = "evaluate", description = "Count how well a model does on labelled images.")
public final class EvaluateJob implements SparkJob {
  @Option(
      names = "--model",
      required = true,
      paramLabel = "URI",
      description = "A run of 'train' (its best checkpoint, or its latest), or a checkpoint.")
  private String model;

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

  /** The job, its options yet to be read from a command line. */
  public EvaluateJob() {}

  /** The job with the options that it needs, for another job's use. */
  EvaluateJob(String model, String data) {
    this.model = model;
    this.data = data;
  }

  @Override
  public ObjectNode run(SparkSession spark) throws Exception {
    Storage storage = new Storage(spark.sparkContext().hadoopConfiguration());
    Split images = Split.named(split);
    Model loaded = RunFolder.model(storage, model);
    ImageDataset dataset = ImageDataset.open(data, spark.sparkContext().hadoopConfiguration());
    try (ProgressBar bar = new ProgressBar(spark.sparkContext())) {
      long began = System.nanoTime();
      Evaluation evaluation =
          ModelEvaluation.ofSplit(spark, dataset, images, loaded.network(), loaded.parameters());
      double imagesPerSecond = evaluation.images() / ((System.nanoTime() - began) / 1e9);
      List<String> classes = loaded.network().classNames();
      EvaluationTable.lines(evaluation, classes, imagesPerSecond).forEach(bar::println);
      return evaluation.toTree(classes, imagesPerSecond);
    }
  }

  /** Runs the job as a process. */
  public static void main(String[] arguments) {
    JobRunner.main(new EvaluateJob(), arguments);
  }
}
