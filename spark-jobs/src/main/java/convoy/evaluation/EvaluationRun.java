package convoy.evaluation;

import convoy.averaging.LabelledImage;
import convoy.averaging.ModelEvaluation;
import convoy.dataprep.ImageDataset;
import convoy.dataprep.Split;
import convoy.engine.checkpoint.Model;
import convoy.engine.data.ImageView;
import convoy.engine.network.NetworkSpec;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;

/**
 * The evaluation of models on a split of a data set, in one pass over its rows, which stream
 * through the executors. What tasks count are integers, so that the figures do not depend on how
 * the images are distributed.
 */
public final class EvaluationRun {
  private final SparkSession spark;
  private final ImageDataset dataset;
  private final Split split;
  private final List<Model> models;
  private final ScoringPlan plan;

  /**
   * Evaluates {@code models} under each of {@code views}.
   *
   * @param mean whether also under the mean of the probabilities of all views
   * @throws IllegalArgumentException if images or classes are not those of the models
   */
  public EvaluationRun(
      SparkSession spark,
      ImageDataset dataset,
      Split split,
      List<Model> models,
      List<ImageView> views,
      boolean mean) {
    this.spark = spark;
    this.dataset = dataset;
    this.split = split;
    this.models = List.copyOf(models);
    for (Model model : models) {
      ModelEvaluation.checkFits(dataset, model.network());
    }
    List<String> networks = models.stream().map(model -> model.network().toYaml()).toList();
    plan = new ScoringPlan(networks, views, mean);
  }

  /** The names of the columns: those of the views, and "mean" for the mean of all. */
  public List<String> columns() {
    return plan.columns();
  }

  /** The class names of the models, or the classes' numbers where they have none. */
  public List<String> classNames() {
    NetworkSpec network = models.get(0).network();
    return network.classNames().isEmpty() ? dataset.classNames() : network.classNames();
  }

  /**
   * Scores and counts all images.
   *
   * @throws IllegalArgumentException if the split is empty or has not as many images as
   *     dataset.json counts; so do the tasks if a row has another size than the data set's
   */
  public Scores run() {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    LabelledImage.Reader reader = LabelledImage.Reader.of(dataset);
    JavaRDD<Row> rows = dataset.rows(spark, split).toJavaRDD();
    float[][] parameters =
        models.stream().map(model -> model.parameters().values()).toArray(float[][]::new);
    Broadcast<float[][]> broadcast = context.broadcast(parameters);
    context.setCallSite("evaluate " + split.folderName());
    try {
      ScoringPlan scoring = plan;
      List<Scores> parts =
          rows.mapPartitions(part -> count(part, reader, scoring, broadcast.value())).collect();
      Scores scores = new ScoreCounter(plan).scores();
      parts.forEach(scores::merge);
      checkComplete(scores);
      return scores;
    } finally {
      context.clearCallSite();
      broadcast.destroy();
    }
  }

  private static Iterator<Scores> count(
      Iterator<Row> rows, LabelledImage.Reader reader, ScoringPlan plan, float[][] parameters) {
    ScoreCounter counter = new ScoreCounter(plan);
    Iterator<LabelledImage> images =
        new Iterator<>() {
          @Override
          public boolean hasNext() {
            return rows.hasNext();
          }

          @Override
          public LabelledImage next() {
            return reader.read(rows.next());
          }
        };
    try (ImageScorer scorer = new ImageScorer(images, plan, parameters)) {
      scorer.forEachRemaining(counter::add);
    }
    return List.of(counter.scores()).iterator();
  }

  private void checkComplete(Scores scores) {
    if (scores.images() != dataset.images(split)) {
      throw new IllegalArgumentException(
          dataset.folder()
              + " holds "
              + scores.images()
              + " "
              + split.folderName()
              + " images, its dataset.json counts "
              + dataset.images(split)
              + ": is a file missing?");
    }
  }
}
