package convoy.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import convoy.engine.data.ImageView;
import convoy.storage.Storage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictionsFileTest {
  private static final ScoringPlan PLAN =
      new ScoringPlan(List.of(TestData.network().toYaml()), List.of(new ImageView.Clean()), false);

  @TempDir private Path folder;

  private final SparkSession spark = TestSpark.local(2);

  @Test
  void whatHasTakenTheNameMeanwhileStaysAndNothingElseIsLeft() throws IOException {
    PredictionsFile predictions = predictions();
    Path other = Files.createDirectories(folder.resolve("predictions")).resolve("of another");
    Files.writeString(other, "kept");
    IOException e =
        assertThrows(
            IOException.class, () -> predictions.write(spark, images(), PLAN, List.of("m")));
    assertTrue(e.getMessage().endsWith("predictions exists already"), e.getMessage());
    assertEquals("kept", Files.readString(other));
    assertEquals(List.of("predictions"), names());
  }

  @Test
  void writingThatFailsLeavesNothing() throws IOException {
    // There is no name for the second model's rows.
    List<String> network = List.of(TestData.network().toYaml(), TestData.network().toYaml());
    ScoringPlan two = new ScoringPlan(network, PLAN.views(), false);
    PredictionsFile predictions = predictions();
    assertThrows(Exception.class, () -> predictions.write(spark, images(), two, List.of("m")));
    assertEquals(List.of(), names());
  }

  private PredictionsFile predictions() throws IOException {
    Storage storage = new Storage(new Configuration());
    return new PredictionsFile(storage, storage.path(folder.resolve("predictions").toString()));
  }

  private JavaRDD<ScoredImage> images() {
    ScoredImage image = new ScoredImage(0, 1, "", new float[2][1][3]);
    return JavaSparkContext.fromSparkContext(spark.sparkContext()).parallelize(List.of(image), 1);
  }

  private List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(folder)) {
      return files.map(file -> file.getFileName().toString()).toList();
    }
  }
}
