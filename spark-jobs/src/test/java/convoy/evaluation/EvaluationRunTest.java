package convoy.evaluation;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.PlainEvaluation;
import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import convoy.dataprep.ImageDataset;
import convoy.dataprep.Split;
import convoy.engine.checkpoint.Model;
import convoy.engine.data.ImageView;
import convoy.engine.evaluation.Evaluation;
import convoy.engine.evaluation.PairedAnswers;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkException;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EvaluationRunTest {
  /** Two full batches and a tail, however they are distributed. */
  private static final int IMAGES = 77;

  private static final NetworkSpec NETWORK = TestData.network().withClassNames(TestData.CLASSES);
  private static final Parameters PARAMETERS = Parameters.initial(NETWORK.layout(), 5);

  @TempDir private static Path shared;

  private static ImageDataset dataset;

  @TempDir private Path temporary;

  @BeforeAll
  static void prepare() throws Exception {
    dataset = TestData.dataset(TestSpark.local(2), shared, 13, 30, IMAGES);
  }

  @Test
  void everyImageCountsOnceAsInAPlainLoop() {
    PlainEvaluation plain = new PlainEvaluation(NETWORK, PARAMETERS);
    for (Row row : dataset.rows(TestSpark.local(2), Split.TEST).collectAsList()) {
      plain.add(row.<Integer>getAs("label"), row.getAs("image"), 0);
    }
    Evaluation evaluation = evaluate(dataset);
    assertEquals(IMAGES, evaluation.images());
    plain.assertSame(evaluation);
  }

  @Test
  void partitionsDoNotMatter() throws Exception {
    SparkSession spark = TestSpark.local(2);
    List<Object> expected = figures(dataset);
    String key = "spark.sql.files.minPartitionNum";
    try {
      for (int partitions : new int[] {1, 3, 7}) {
        spark.conf().set(key, partitions);
        Path copy = temporary.resolve("in" + partitions);
        ImageDataset scattered = TestData.inFiles(spark, dataset, copy, Split.TEST, partitions);
        assertEquals(partitions, scattered.rows(spark, Split.TEST).toJavaRDD().getNumPartitions());
        assertEquals(expected, figures(scattered));
      }
    } finally {
      spark.conf().unset(key);
    }
  }

  @Test
  void oneCoreGivesTheSameFigures() {
    List<Object> expected = figures(dataset);
    TestSpark.local(1);
    assertEquals(expected, figures(dataset));
  }

  @Test
  void twoModelsAreComparedOnTheSameImages() {
    Scores scores = twoModels(dataset);
    PairedAnswers pair = scores.pair(0, 1, 1);
    long first = correct(scores, 0), second = correct(scores, 1);
    assertEquals(second - first, pair.onlySecond() - pair.onlyFirst());
    assertTrue(pair.onlyFirst() > 0 && pair.onlySecond() > 0, "they differ");
    assertEquals(24, scores.mistakes(0).list().size());
    assertNotEquals(scores.mistakes(0).list(), scores.mistakes(1).list());
  }

  /** Under the second view. */
  private static long correct(Scores scores, int model) {
    return Math.round(IMAGES * scores.card(model, 1).evaluation().accuracy());
  }

  @Test
  void imagesOfAnotherSizeThanTheModelsAreRefused() {
    NetworkSpec other =
        NetworkSpec.fromYaml("n", TestData.NETWORK.replace("height: 32", "height: 28"));
    String message = refusal(dataset, other);
    assertTrue(message.contains("are 32x32x3, network tiny takes 28x32x3"), message);
  }

  @Test
  void otherClassesThanTheModelsAreRefused() {
    NetworkSpec other = NETWORK.withClassNames(List.of("bee", "ant", "cat"));
    String message = refusal(dataset, other);
    assertTrue(message.contains("[ant, bee, cat], those of the model [bee, ant, cat]"), message);
  }

  @Test
  void aMissingSplitIsRefused() throws Exception {
    ImageDataset noTest = TestData.dataset(TestSpark.local(2), temporary, 1, 12, 0);
    String message = refusal(noTest, NETWORK);
    assertTrue(message.endsWith("the data set has no test images"), message);
  }

  @Test
  void missingRowsAreNoticed() throws Exception {
    ImageDataset lacking =
        TestData.changed(
            TestSpark.local(2),
            dataset,
            temporary.resolve("lacking"),
            Split.TEST,
            rows -> rows.filter(col("id").notEqual(5)));
    String message = refusal(lacking, NETWORK);
    assertTrue(message.contains("holds 76 test images, its dataset.json counts 77"), message);
  }

  @Test
  void aRowWithoutLabelIsNamed() throws Exception {
    ImageDataset unlabelled =
        TestData.changed(
            TestSpark.local(2),
            dataset,
            temporary.resolve("unlabelled"),
            Split.TEST,
            rows -> rows.withColumn("label", lit(null).cast("int")));
    String message = refusal(unlabelled, NETWORK);
    assertTrue(message.contains("has no label"), message);
  }

  @Test
  void theColumnOfNamesMayBeMissing() throws Exception {
    SparkSession spark = TestSpark.local(2);
    ImageDataset before =
        TestData.changed(
            spark, dataset, temporary.resolve("before"), Split.TEST, rows -> rows.drop("name"));
    assertEquals(figures(dataset), figures(before));
    for (Mistake mistake : twoModels(before).mistakes(0).list()) {
      assertEquals("", mistake.name());
    }
  }

  /** All that is counted for two models under two views and their mean. */
  private static List<Object> figures(ImageDataset dataset) {
    Scores scores = twoModels(dataset);
    List<Object> figures = new ArrayList<>();
    for (int column = 0; column < 3; column++) {
      for (int m = 0; m < 2; m++) {
        figures.add(scores.card(m, column).toTree(TestData.CLASSES, 0));
      }
      figures.add(scores.pair(0, 1, column).onlyFirst());
      figures.add(scores.pair(0, 1, column).onlySecond());
    }
    figures.add(scores.mistakes(0).list());
    figures.add(scores.mistakes(1).list());
    figures.add(scores.images());
    return figures;
  }

  private static Scores twoModels(ImageDataset dataset) {
    Parameters others = Parameters.initial(NETWORK.layout(), 6);
    List<Model> models = List.of(new Model(NETWORK, PARAMETERS), new Model(NETWORK, others));
    List<ImageView> views = List.of(new ImageView.Clean(), new ImageView.Grey());
    ShownImages rows = new ShownImages(Split.TEST, 0);
    return new EvaluationRun(SparkSession.active(), dataset, rows, models, views, true).run();
  }

  private static Evaluation evaluate(ImageDataset dataset) {
    return run(dataset, NETWORK, PARAMETERS).card(0, 0).evaluation();
  }

  private static Scores run(ImageDataset dataset, NetworkSpec network, Parameters parameters) {
    List<Model> models = List.of(new Model(network, parameters));
    List<ImageView> views = List.of(new ImageView.Clean());
    ShownImages rows = new ShownImages(Split.TEST, 0);
    return new EvaluationRun(SparkSession.active(), dataset, rows, models, views, false).run();
  }

  private static String refusal(ImageDataset dataset, NetworkSpec network) {
    Parameters parameters = Parameters.initial(network.layout(), 5);
    Throwable thrown =
        assertThrows(
            Exception.class,
            () -> {
              TestSpark.local(2);
              run(dataset, network, parameters);
            });
    while (thrown instanceof SparkException && thrown.getCause() != null) {
      thrown = thrown.getCause();
    }
    assertEquals(IllegalArgumentException.class, thrown.getClass(), thrown.toString());
    assertEquals(1, thrown.getMessage().lines().count());
    return thrown.getMessage();
  }
}
