package convoy.job;

import static org.apache.spark.sql.functions.expr;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import convoy.dataprep.ImageDataset;
import convoy.dataprep.Split;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What evaluate --predictions writes. */
class EvaluatePredictionsTest {
  private static final String SCHEMA =
      "id long, name string, label int, model string, view string, predicted int,"
          + " probabilities array<double>";

  @TempDir private static Path shared;

  private static TrainedModel trained;
  private static String data;
  private static Path model;

  @TempDir private Path temporary;

  @BeforeAll
  static void train() throws IOException {
    trained = TrainedModel.in(shared);
    data = trained.data();
    model = trained.model();
  }

  @BeforeEach
  void useLocalSpark() {
    TestSpark.useLocal(2);
  }

  /** As after a training that went wrong. */
  @Test
  void aModelThatPutsOutNoNumbersIsWrongOfAllAndCertainOfNothing() throws IOException {
    float[] weights = new float[3072 * 3 + 3];
    weights[weights.length - 1] = Float.NaN;
    String yaml =
        "{name: lost, input: {height: 32, width: 32, channels: 3}, "
            + " layers: [flatten, dense: {units: 3}]}";
    Path lost = TestModel.write(temporary.resolve("lost"), yaml, weights);
    Path json = temporary.resolve("result.json"), out = temporary.resolve("predictions");
    Path page = temporary.resolve("page.html");
    JobCall call =
        TrainedModel.evaluate(
            lost.toString(),
            data,
            "--json",
            json.toString(),
            "--predictions",
            out.toString(),
            "--report",
            page.toString());
    assertEquals(0, call.status(), call.err());
    JsonNode result = JobCall.json(json);
    assertEquals(37, result.get("undecidedImages").intValue());
    assertEquals(0, result.get("accuracy").doubleValue());
    for (String key : List.of("brierScore", "calibrationError")) {
      assertFalse(result.has(key), key);
    }
    for (JsonNode own : result.get("classes")) {
      assertFalse(own.has("rocAuc") || own.has("averagePrecision"), own.toString());
    }
    assertTrue(call.out().contains("Brier score -  calibration error -"), call.out());
    String html = Files.readString(page);
    assertTrue(html.contains("<td>-</td><td>-</td></tr>") && !html.contains("NaN"), html);
    Dataset<Row> rows = TestSpark.local(2).read().schema(SCHEMA).parquet(out.toString());
    assertEquals(37, rows.filter("predicted is null and isnan(probabilities[0])").count());
    TestSpark.stop();
  }

  @Test
  void predictionsOfImagesWithAndWithoutLabelAreWritten() throws IOException {
    ImageDataset half =
        TestData.changed(
            TestSpark.local(2),
            TestData.dataset(TestSpark.local(2), temporary.resolve("some"), 7, 12, 20),
            temporary.resolve("half"),
            Split.TEST,
            rows -> rows.withColumn("label", expr("if(id % 2 = 0, label, null)")));
    TestSpark.stop();
    Path out = temporary.resolve("predictions");
    String folder = half.folder().toString();
    JobCall call =
        TrainedModel.evaluate(
            model.toString(), folder, "--view", "flip", "--predictions", out.toString());
    assertEquals(0, call.status(), call.err());
    List<String> lines = call.out().lines().toList();
    assertEquals(model + ", flip", lines.get(0));
    assertTrue(lines.get(1).startsWith("10 images"), call.out());
    assertEquals("10 images without a label have no part in this", lines.get(3));
    List<Row> rows = rows(out, "id");
    assertEquals(20, rows.size());
    for (int id = 0; id < rows.size(); id++) {
      Row row = rows.get(id);
      assertEquals(id, row.<Long>getAs("id"));
      assertEquals(id % 2 == 1, row.getAs("label") == null);
      assertEquals("flip", row.getAs("view"));
      List<Double> probabilities = row.getList(row.fieldIndex("probabilities"));
      double sum = 0;
      for (double probability : probabilities) {
        sum += probability;
        assertTrue(probability <= probabilities.get(row.<Integer>getAs("predicted")));
      }
      assertEquals(1, sum, 1e-12);
    }
    TrainedModel.assertRefused(
        TrainedModel.evaluate(model.toString(), folder, "--predictions", out.toString()),
        "exists already");
  }

  @Test
  void imageFilesWithoutLabelAreScored() throws IOException {
    Path photos = temporary.resolve("photos");
    for (int i = 0; i < 3; i++) {
      BufferedImage photo = new BufferedImage(40, 20 + i, BufferedImage.TYPE_INT_RGB);
      photo.setRGB(i, i, 0xFFFFFF);
      Path file = Files.createDirectories(photos.resolve("a" + i)).resolve("b.png");
      assertTrue(ImageIO.write(photo, "png", file.toFile()));
    }
    String prepared = temporary.resolve("prepared").toString();
    for (String size : List.of("32", "32x32")) {
      JobCall prepare =
          JobCall.of(
              new PrepareJob(),
              "--source",
              photos.toString(),
              "--like",
              data,
              "--out",
              prepared,
              "--resize",
              size);
      assertEquals(size.equals("32") ? 2 : 0, prepare.status(), prepare.err());
    }
    TrainedModel.assertRefused(
        TrainedModel.evaluate(model.toString(), prepared),
        "3 of 3 test images have no label: only --predictions scores them");
    Path out = temporary.resolve("predictions");
    Path json = temporary.resolve("unlabelled.json");
    List<String> options = List.of("--predictions", out.toString(), "--json", json.toString());
    TrainedModel.assertRefused(
        TrainedModel.evaluate(
            model.toString(), prepared, "--report", "r.html", options.get(0), options.get(1)),
        "--report: a page of measures, but none of the images has a label");
    JobCall call =
        TrainedModel.evaluate(model.toString(), prepared, options.toArray(String[]::new));
    assertEquals(0, call.status(), call.err());
    assertTrue(call.out().startsWith("3 images without a label were scored  "), call.out());
    assertEquals(1, call.out().lines().count(), call.out());
    JsonNode result = JobCall.json(json);
    assertEquals(0, result.get("images").intValue());
    assertEquals(3, result.get("unlabelledImages").intValue());
    assertEquals(model.toString(), result.get("model").textValue());
    assertFalse(result.has("loss"));
    List<Row> rows = rows(out, "name");
    assertEquals(3, rows.size());
    for (int i = 0; i < 3; i++) {
      assertEquals("a" + i + "/b.png", rows.get(i).getAs("name"));
      assertTrue(rows.get(i).getAs("label") == null);
      assertFalse(rows.get(i).getAs("predicted") == null);
    }
  }

  private static List<Row> rows(Path predictions, String order) {
    List<Row> rows =
        TestSpark.local(2)
            .read()
            .schema(SCHEMA)
            .parquet(predictions.toString())
            .orderBy(order)
            .collectAsList();
    TestSpark.stop();
    return rows;
  }

  @Test
  void predictionsHaveARowForEachModelAndView() {
    Path out = temporary.resolve("predictions");
    String first = model.resolve("checkpoints/1").toString();
    JobCall call =
        trained.evaluateTwo(first, "clean", "--mean-of-views", "--predictions", out.toString());
    assertEquals(0, call.status(), call.err());
    Dataset<Row> rows = TestSpark.local(2).read().schema(SCHEMA).parquet(out.toString());
    assertEquals(37 * 2 * 3, rows.count());
    assertEquals(37 * 2 * 3, rows.select("id", "model", "view").distinct().count());
    List<Row> right =
        rows.filter("label = predicted").groupBy("model", "view").count().collectAsList();
    List<Row> models = rows.groupBy("model").count().orderBy("model").collectAsList();
    TestSpark.stop();
    assertEquals(
        List.of(model.toString(), first), models.stream().map(row -> row.getString(0)).toList());
    List<String> lines = call.out().lines().toList();
    for (Row row : right) {
      String accuracy = String.format(Locale.ROOT, "%.2f%%", 100 * row.getLong(2) / 37.0);
      String begin = row.getString(0) + " +" + row.getString(1) + " +" + accuracy + " .*";
      assertTrue(lines.stream().anyMatch(line -> line.matches(begin)), begin + "\n" + call.out());
    }
  }

  @Test
  void nothingElseIsWrittenAmongPredictions() {
    String out = temporary.resolve("predictions").toString();
    for (String option : List.of("--json", "--report")) {
      TrainedModel.assertRefused(
          TrainedModel.evaluate(
              model.toString(), data, "--predictions", out, option, out + "/result.html"),
          option + ": file:" + out + "/result.html would lie in");
    }
    assertFalse(Files.exists(temporary.resolve("predictions")));
  }

  @Test
  void evaluationThatFailsLeavesNoPredictions() throws IOException {
    ImageDataset dataset =
        TestData.dataset(TestSpark.local(2), temporary.resolve("some"), 7, 12, 9);
    ImageDataset lacking =
        TestData.changed(
            TestSpark.local(2),
            dataset,
            temporary.resolve("lacking"),
            Split.TEST,
            rows -> rows.filter("id > 0"));
    TestSpark.stop();
    String folder = lacking.folder().toString();
    Path out = Files.createDirectories(temporary.resolve("results")).resolve("predictions");
    TrainedModel.assertRefused(
        TrainedModel.evaluate(model.toString(), folder, "--predictions", out.toString()),
        "counts 9");
    try (Stream<Path> left = Files.list(out.getParent())) {
      assertEquals(0, left.count());
    }
  }

  /** Its name is as long as one may be, so that no temporary folder beside it can be made. */
  @Test
  void predictionsThatCanNotBeWrittenLoseNoMeasure() throws IOException {
    Path json = temporary.resolve("e.json"), out = temporary.resolve("p".repeat(255));
    JobCall call =
        TrainedModel.evaluate(
            model.toString(), data, "--predictions", out.toString(), "--json", json.toString());
    assertTrue(call.status() != ExitStatus.DONE, call.out());
    assertEquals(1, call.err().lines().count(), call.err());
    assertTrue(call.out().contains("accuracy"), call.out());
    assertTrue(JobCall.json(json).has("accuracy"));
    assertFalse(Files.exists(out));
  }
}
