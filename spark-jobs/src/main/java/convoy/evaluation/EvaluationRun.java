package convoy.evaluation;

import static org.apache.spark.sql.functions.col;

import convoy.cluster.Numerics;
import convoy.cluster.TaskResults;
import convoy.dataprep.ImageDataset;
import convoy.dataprep.ImageSize;
import convoy.engine.checkpoint.Model;
import convoy.engine.data.ImageView;
import convoy.engine.tensor.Shape;
import convoy.sharding.DatasetCheck;
import convoy.sharding.LabelledImage;
import convoy.storage.Storage;
import java.io.IOException;
import java.util.Collection;
import java.util.HashMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.UUID;
import org.apache.hadoop.fs.Path;
import org.apache.spark.TaskContext;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;

/**
 * The evaluation of models on a split of a data set, in one pass over its rows, which stream
 * through the executors. What tasks count are integers, so that the figures do not depend on how
 * the images are distributed.
 */
public final class EvaluationRun {
  private final SparkSession spark;
  private final ImageDataset dataset;
  private final List<Model> models;
  private final ScoringPlan plan;
  private final ShownImages shown;

  /**
   * Evaluates {@code models} under each of {@code views}.
   *
   * @param mean whether also under the mean of the probabilities of all views
   * @throws IllegalArgumentException if images or classes are not those of the models
   */
  public EvaluationRun(
      SparkSession spark,
      ImageDataset dataset,
      ShownImages shown,
      List<Model> models,
      List<ImageView> views,
      boolean mean) {
    this.spark = spark;
    this.dataset = dataset;
    this.shown = shown;
    this.models = List.copyOf(models);
    for (Model model : models) {
      DatasetCheck.check(dataset, model.network());
    }
    List<String> networks = models.stream().map(model -> model.network().toYaml()).toList();
    plan = new ScoringPlan(networks, views, mean);
  }

  /** The names of the columns: those of the views, and "mean" for the mean of all. */
  public List<String> columns() {
    return plan.columns();
  }

  /**
   * Scores and counts all images, each of which has to have a label.
   *
   * @throws IllegalArgumentException if the split is empty or has not as many images as
   *     dataset.json counts, or some without a label by it; so do the tasks if a row has no label,
   *     or another size than the data set's, or an executor computes otherwise than the driver
   */
  public Scores run() {
    long unlabelled = dataset.manifest().counts(shown.split()).unlabelled();
    if (unlabelled > 0) {
      throw new IllegalArgumentException(
          String.format(
              Locale.ROOT,
              "%s: %d of %d %s images have no label: only --predictions scores them",
              dataset.folder(),
              unlabelled,
              dataset.images(shown.split()),
              shown.split().folderName()));
    }
    LabelledImage.Reader reader = LabelledImage.Reader.of(dataset);
    return scored(reader, images -> count(images, plan));
  }

  /**
   * Scores and counts all images, and writes what the models say of each one, label or not, as a
   * folder of Parquet files.
   *
   * @param names of the models, as the rows are to have them
   * @throws IllegalArgumentException as {@link #run()} does, and if {@code folder} exists
   * @throws UnwrittenPredictionsException if only the writing fails; has what was counted
   */
  public Scores run(Storage storage, Path folder, List<String> names) throws IOException {
    PredictionsFile predictions = new PredictionsFile(storage, folder);
    LabelledImage.Reader reader = LabelledImage.Reader.ofAny(dataset);
    return scored(
        reader,
        images -> {
          // Scored once: counted, and written from what is kept, which no heap has to hold.
          JavaRDD<ScoredImage> kept = images.persist(StorageLevel.DISK_ONLY());
          try {
            Scores scores = count(kept, plan);
            try {
              predictions.write(spark, kept, plan, names);
            } catch (Exception e) { // Spark throws checked ones that it does not declare
              throw new UnwrittenPredictionsException(scores, e);
            }
            return scores;
          } finally {
            kept.unpersist(false);
          }
        });
  }

  /** What is made of the scored images while the models' parameters are broadcast. */
  @FunctionalInterface
  private interface Use<E extends Exception> {
    Scores of(JavaRDD<ScoredImage> images) throws E;
  }

  private <E extends Exception> Scores scored(LabelledImage.Reader reader, Use<E> use) throws E {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    JavaRDD<Row> rows = shown.rows(spark, dataset);
    float[][] parameters =
        models.stream().map(model -> model.parameters().values()).toArray(float[][]::new);
    new ScoringMemory(models.stream().map(Model::network).toList(), plan.columns().size())
        .check(
            context.sc(),
            rows.getNumPartitions(),
            models.size() == 1 ? "" : ", or evaluate fewer models at once");
    Broadcast<float[][]> broadcast = context.broadcast(parameters);
    context.setCallSite("evaluate " + shown.split().folderName());
    try {
      ScoringPlan scoring = plan;
      Numerics numerics = Numerics.here();
      String evaluation = UUID.randomUUID().toString();
      return use.of(
          rows.mapPartitions(
              part -> {
                Numerics.checkHere(numerics);
                ScoringNetworks networks =
                    ScoringNetworks.take(evaluation, scoring, broadcast.value());
                return score(part, reader, scoring, networks);
              }));
    } finally {
      context.clearCallSite();
      broadcast.destroy();
    }
  }

  private static Iterator<ScoredImage> score(
      Iterator<Row> rows, LabelledImage.Reader reader, ScoringPlan plan, ScoringNetworks models) {
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
    ImageScorer scorer = new ImageScorer(images, plan, models);
    TaskContext.get()
        .addTaskCompletionListener(
            ended -> {
              scorer.close();
            });
    return scorer;
  }

  private Scores count(JavaRDD<ScoredImage> images, ScoringPlan scoring) {
    Scores scores = new ScoreCounter(scoring).scores();
    JavaRDD<byte[]> parts = images.mapPartitions(part -> counted(part, scoring));
    TaskResults.forEach(
        parts, byte[].class, part -> scores.merge(TaskResults.unpacked(part, Scores.class)));
    shown.checkComplete(dataset, scores.images());
    return scores;
  }

  private static Iterator<byte[]> counted(Iterator<ScoredImage> images, ScoringPlan plan) {
    ScoreCounter counter = new ScoreCounter(plan);
    images.forEachRemaining(counter::add);
    return List.of(TaskResults.packed(counter.scores())).iterator();
  }

  /** The pixels of images, by their ids, as the first view shows them. */
  public Map<Long, byte[]> pixels(Collection<Long> ids) {
    ImageSize size = dataset.imageSize();
    Shape image = new Shape(1, size.height(), size.width(), size.channels());
    Map<Long, byte[]> pixels = new HashMap<>();
    for (Row row :
        dataset
            .rows(spark, shown.split())
            .filter(col("id").isInCollection(ids))
            .select("id", "image")
            .collectAsList()) {
      byte[] shown = new byte[size.bytes()];
      plan.views().get(0).write(image, row.getAs(1), row.getLong(0), shown);
      pixels.put(row.getLong(0), shown);
    }
    return pixels;
  }
}
