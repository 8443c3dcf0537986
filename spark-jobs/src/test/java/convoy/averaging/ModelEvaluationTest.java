package convoy.averaging;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.lit;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.dataprep.ImageDataset;
import convoy.dataprep.Split;
import convoy.engine.data.Shard;
import convoy.engine.evaluation.Evaluation;
import convoy.engine.kernel.Kernels;
import convoy.engine.loss.SoftmaxCrossEntropy;
import convoy.engine.network.Network;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;
import convoy.engine.network.Plan;
import convoy.engine.network.Workspace;
import convoy.engine.tensor.Tensor;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ModelEvaluationTest {
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
    Plain plain = new Plain();
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
    ObjectNode expected = figures(evaluate(dataset));
    String key = "spark.sql.files.minPartitionNum";
    try {
      for (int partitions : new int[] {1, 3, 7}) {
        spark.conf().set(key, partitions);
        Path copy = temporary.resolve("in" + partitions);
        ImageDataset scattered = TestData.inFiles(spark, dataset, copy, Split.TEST, partitions);
        assertEquals(partitions, scattered.rows(spark, Split.TEST).toJavaRDD().getNumPartitions());
        assertEquals(expected, figures(evaluate(scattered)));
      }
    } finally {
      spark.conf().unset(key);
    }
  }

  @Test
  void oneCoreGivesTheSameFigures() {
    ObjectNode expected = figures(evaluate(dataset));
    TestSpark.local(1);
    assertEquals(expected, figures(evaluate(dataset)));
  }

  @Test
  void validationCountsTheImagesOfAllShards() {
    SparkSession spark = TestSpark.local(2);
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    ScorerSettings settings = new ScorerSettings(NETWORK.toYaml(), ModelEvaluation.BATCH_SIZE, 1);
    try (ShardedDataset sharded = ShardedDataset.load(spark, dataset, 4, 0.3)) {
      Evaluation evaluation =
          ModelEvaluation.ofValidation(context, sharded, settings, PARAMETERS.values(), "validate");
      Plain plain = new Plain();
      for (ReplicaData replica : sharded.shards().collect()) {
        Shard shard = replica.validation();
        for (int i = 0; i < shard.size(); i++) {
          plain.add(shard.labels()[i], shard.pixels(), i * shard.image().imageSize());
        }
      }
      assertTrue(evaluation.images() > 0);
      assertEquals(sharded.validationImages(), evaluation.images());
      plain.assertSame(evaluation);
    }
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

  private static Evaluation evaluate(ImageDataset dataset) {
    SparkSession spark = SparkSession.active();
    return ModelEvaluation.ofSplit(spark, dataset, Split.TEST, NETWORK, PARAMETERS);
  }

  private static ObjectNode figures(Evaluation evaluation) {
    return evaluation.toTree(TestData.CLASSES, 0);
  }

  private static String refusal(ImageDataset dataset, NetworkSpec network) {
    Parameters parameters = Parameters.initial(network.layout(), 5);
    Throwable thrown =
        assertThrows(
            Exception.class,
            () ->
                ModelEvaluation.ofSplit(
                    TestSpark.local(2), dataset, Split.TEST, network, parameters));
    while (thrown instanceof SparkException && thrown.getCause() != null) {
      thrown = thrown.getCause();
    }
    assertEquals(IllegalArgumentException.class, thrown.getClass(), thrown.toString());
    assertEquals(1, thrown.getMessage().lines().count());
    return thrown.getMessage();
  }

  /** An evaluation image by image, with sums of its own. */
  private static final class Plain {
    private final List<Integer> predictions = new ArrayList<>();
    private final SoftmaxCrossEntropy loss = SoftmaxCrossEntropy.DEFAULT;
    private double lossSum;
    private int correct;

    void add(int label, byte[] pixels, int offset) {
      Plan plan = new Plan(NETWORK, 1, Plan.Mode.INFERENCE);
      try (Workspace workspace = new Workspace(plan, Kernels.best().kernels(), 1)) {
        Network network = new Network(workspace, PARAMETERS);
        Tensor input = network.input(1);
        for (int i = 0; i < 32 * 32 * 3; i++) {
          input.array()[input.offset() + i] = pixels[offset + i] & 0xFF;
        }
        Tensor scores = network.forward(1);
        int predicted = 0;
        for (int k = 1; k < 3; k++) {
          float score = scores.array()[scores.offset() + k];
          predicted = score > scores.array()[scores.offset() + predicted] ? k : predicted;
        }
        predictions.add(predicted);
        correct += predicted == label ? 1 : 0;
        lossSum += loss.loss(scores, 0, label);
      }
    }

    void assertSame(Evaluation evaluation) {
      int images = predictions.size();
      assertEquals(images, evaluation.images());
      assertEquals((double) correct / images, evaluation.accuracy());
      assertEquals(lossSum / images, evaluation.loss(), 1e-7);
      assertEquals(1, evaluation.topAccuracy(5), "there are three classes");
      for (int k = 0; k < 3; k++) {
        int predicted = k;
        assertEquals(
            predictions.stream().filter(p -> p == predicted).count(),
            evaluation.confusion().predictions(k));
      }
    }
  }
}
