package convoy.averaging;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.dataprep.ImageDataset;
import convoy.engine.data.Shard;
import convoy.engine.evaluation.Evaluation;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;
import convoy.sharding.ReplicaData;
import convoy.sharding.ShardedDataset;
import convoy.sharding.TrainingRows;
import java.nio.file.Path;
import org.apache.spark.api.java.JavaSparkContext;
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

  @BeforeAll
  static void prepare() throws Exception {
    dataset = TestData.dataset(TestSpark.local(2), shared, 13, 30, IMAGES);
  }

  @Test
  void validationCountsTheImagesOfAllShards() {
    SparkSession spark = TestSpark.local(2);
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    ScorerSettings settings = new ScorerSettings(NETWORK.toYaml(), ModelEvaluation.BATCH_SIZE, 1);
    try (ShardedDataset sharded = ShardedDataset.load(spark, dataset, 4, 0.3, TrainingRows.ALL)) {
      Evaluation evaluation =
          ModelEvaluation.ofValidation(context, sharded, settings, PARAMETERS.values(), "validate");
      PlainEvaluation plain = new PlainEvaluation(NETWORK, PARAMETERS);
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
}
