package convoy.job;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.concat;
import static org.apache.spark.sql.functions.lit;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import convoy.dataprep.ImageDataset;
import convoy.dataprep.Split;
import java.awt.image.BufferedImage;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Base64;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The page that evaluate --report writes. */
class EvaluationReportTest {
  @TempDir private static Path shared;

  private static TrainedModel trained;

  @TempDir private Path temporary;

  @BeforeAll
  static void train() throws IOException {
    trained = TrainedModel.in(shared);
  }

  @BeforeEach
  void useLocalSpark() {
    TestSpark.useLocal(2);
  }

  @Test
  void theReportIsOnePageWithPicturesOfMistakes() throws IOException {
    Path page = temporary.resolve("report.html"), json = temporary.resolve("result.json");
    JobCall call = reported(page, json);
    assertEquals(0, call.status(), call.err());
    String html = Files.readString(page);
    assertTrue(html.contains("data:image/png;base64,"), "a mistake is shown");
    assertShowsMatrix(html, JobCall.json(json).get("confusionMatrix"));
    assertFalse(html.contains("http"), "it loads nothing");
    TrainedModel.assertRefused(
        TrainedModel.evaluate(
            trained.model().toString(), trained.data(), "--report", temporary.toString()),
        "ends in .html");
  }

  /** Row by row, a class' images by what they were taken for. */
  private static void assertShowsMatrix(String html, JsonNode matrix) {
    String table = html.substring(html.indexOf("<table class=\"heat\">"));
    Matcher cell =
        Pattern.compile("rgba\\([^)]*, ([0-9.]+)\\)[^>]*>(\\d+)</td>")
            .matcher(table.substring(0, table.indexOf("</table>")));
    for (JsonNode row : matrix) {
      long images = 0;
      for (JsonNode count : row) {
        images += count.longValue();
      }
      for (JsonNode count : row) {
        assertTrue(cell.find());
        assertEquals(count.longValue(), Long.parseLong(cell.group(2)), matrix.toString());
        double share = count.doubleValue() / Math.max(1, images);
        assertEquals(share, Double.parseDouble(cell.group(1)), 0.0005);
      }
    }
    assertFalse(cell.find());
  }

  @Test
  void theReportShowsAllModelsAndViews() throws IOException {
    Path page = temporary.resolve("report.html"), json = temporary.resolve("result.json");
    String first = untrained().toString();
    JobCall call =
        trained.evaluateTwo(first, "grey", "--report", page.toString(), "--json", json.toString());
    assertEquals(0, call.status(), call.err());
    String html = Files.readString(page);
    JsonNode result = JobCall.json(json);
    Set<List<String>> different = new HashSet<>();
    for (JsonNode model : result.get("models")) {
      String name = model.get("model").textValue();
      for (JsonNode view : model.get("views")) {
        List<String> cells = cells(html, name, view.get("view").textValue());
        assertEquals(measures(view), cells);
        different.add(cells);
      }
      assertEquals(1, count(html, "<h2>" + name + "</h2>\n<p class=\"note\">Under the view grey."));
    }
    assertTrue(different.size() > 1, "they show nothing");
    for (JsonNode pair : result.get("comparisons")) {
      String[] begin = {first, trained.model().toString(), pair.get("view").textValue()};
      assertEquals(answers(pair), cells(html, begin));
    }
    assertEquals(2, count(html, "<table class=\"heat\">"));
    assertEquals(2, count(html, "<svg "));
    assertEquals(2, count(html, "<h3>The most confident mistakes</h3>"));
  }

  /** What stands in the row that begins with these cells. */
  private static List<String> cells(String html, String... begin) {
    String row = "<tr><td>" + String.join("</td><td class=\"text\">", begin) + "</td>";
    assertEquals(1, count(html, row), row);
    int from = html.indexOf(row) + row.length();
    String cells = html.substring(from, html.indexOf("</tr>", from));
    return Stream.of(cells.split("</td>")).map(cell -> cell.replaceAll("<[^>]*>", "")).toList();
  }

  private static List<String> measures(JsonNode view) {
    JsonNode interval = view.get("accuracyInterval");
    return List.of(
        format("%.2f %%", 100 * number(view, "accuracy")),
        format(
            "%.2f to %.2f",
            100 * interval.get(0).doubleValue(), 100 * interval.get(1).doubleValue()),
        format("%.4f", number(view, "loss")),
        format("%.2f %%", 100 * number(view, "top5Accuracy")),
        format("%.2f %%", 100 * number(view.get("macro"), "f1")),
        format("%.4f", number(view, "brierScore")),
        format("%.4f", number(view, "calibrationError")));
  }

  private static List<String> answers(JsonNode pair) {
    StringBuilder gains = new StringBuilder();
    for (JsonNode own : pair.get("classes")) {
      if (own.get("gained").intValue() != 0) {
        gains.append(format("%s %+d ", own.get("name").textValue(), own.get("gained").intValue()));
      }
    }
    assertFalse(gains.isEmpty(), "they answer alike, which shows nothing");
    return List.of(
        pair.get("onlyFirst").asText(),
        pair.get("onlySecond").asText(),
        format("%.3g", number(pair, "pValue")),
        gains.toString());
  }

  /** Which class it names depends on the image. */
  private Path untrained() throws IOException {
    Random random = new Random(3);
    float[] weights = new float[48 * 3 + 3];
    for (int i = 0; i < weights.length; i++) {
      weights[i] = (float) random.nextGaussian();
    }
    String yaml =
        """
        name: untrained
        input: {height: 32, width: 32, channels: 3}
        classes: [%s]
        layers: [scaling: {mean: 127}, meanPooling: {window: 8}, flatten, dense: {units: 3}]
        """
            .formatted(String.join(", ", TestData.CLASSES));
    return TestModel.write(temporary.resolve("untrained"), yaml, weights);
  }

  private static double number(JsonNode tree, String key) {
    return tree.required(key).doubleValue();
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  @Test
  void mistakesAreTheImagesOfTheirIdsAndTheMostConfident() throws IOException {
    Path page = temporary.resolve("report.html"), out = temporary.resolve("predictions");
    JobCall call =
        TrainedModel.evaluate(
            trained.model().toString(),
            trained.data(),
            "--report",
            page.toString(),
            "--predictions",
            out.toString());
    assertEquals(0, call.status(), call.err());
    SparkSession spark = TestSpark.local(2);
    List<Row> wrong =
        spark
            .read()
            .schema("id long, label int, predicted int, probabilities array<double>")
            .parquet(out.toString())
            .filter("label != predicted")
            .selectExpr("id", "label", "predicted", "probabilities[predicted] as confidence")
            .orderBy(col("confidence").desc(), col("id"))
            .collectAsList();
    Map<Long, byte[]> images = new HashMap<>();
    for (Row row :
        ImageDataset.open(trained.data(), new Configuration())
            .rows(spark, Split.TEST)
            .collectAsList()) {
      images.put(row.getAs("id"), row.getAs("image"));
    }
    TestSpark.stop();
    Matcher figure =
        Pattern.compile(
                "<img alt=\"image (\\d+)\" src=\"data:image/png;base64,([^\"]*)\"><figcaption>"
                    + "(\\w+) taken for <b>(\\w+)</b>, ([0-9.]+) %")
            .matcher(Files.readString(page));
    int shown = 0;
    while (figure.find()) {
      Row row = wrong.get(shown++);
      assertEquals(row.<Long>getAs("id"), Long.parseLong(figure.group(1)));
      assertEquals(TestData.CLASSES.get(row.<Integer>getAs("label")), figure.group(3));
      assertEquals(TestData.CLASSES.get(row.<Integer>getAs("predicted")), figure.group(4));
      assertEquals(format("%.1f", 100 * row.<Double>getAs("confidence")), figure.group(5));
      assertShows(images.get(row.<Long>getAs("id")), figure.group(2));
    }
    assertEquals(Math.min(24, wrong.size()), shown);
    assertTrue(shown > 1);
  }

  private static void assertShows(byte[] pixels, String png) throws IOException {
    BufferedImage image = image(png);
    for (int i = 0; i < 32 * 32; i++) {
      int rgb = image.getRGB(i % 32, i / 32);
      for (int channel = 0; channel < 3; channel++) {
        assertEquals(pixels[3 * i + channel], (byte) (rgb >> 16 - 8 * channel));
      }
    }
  }

  private static BufferedImage image(String png) throws IOException {
    return ImageIO.read(new ByteArrayInputStream(Base64.getDecoder().decode(png)));
  }

  /** So that they are what the model has seen. */
  @Test
  void mistakesAreShownAsTheFirstViewShowsThem() throws IOException {
    Path page = temporary.resolve("report.html");
    JobCall call =
        TrainedModel.evaluate(
            trained.model().toString(),
            trained.data(),
            "--view",
            "grey",
            "--report",
            page.toString());
    assertEquals(0, call.status(), call.err());
    String start = "data:image/png;base64,";
    String html = Files.readString(page);
    int from = html.indexOf(start) + start.length();
    BufferedImage image = image(html.substring(from, html.indexOf('"', from)));
    for (int y = 0; y < 32; y++) {
      for (int x = 0; x < 32; x++) {
        int rgb = image.getRGB(x, y);
        assertEquals(rgb & 0xFF, rgb >> 8 & 0xFF);
        assertEquals(rgb & 0xFF, rgb >> 16 & 0xFF);
      }
    }
  }

  @Test
  void namesAreTextOnThePage() throws IOException {
    Path source = TestData.source(temporary.resolve("source"), 7, 12, 9);
    Files.writeString(source.resolve("batches.meta.txt"), "ant\n<b>&\"\ncat\n");
    String out = temporary.resolve("odd").toString(), run = temporary.resolve("run").toString();
    JobCall.of(new PrepareJob(), "--source", source.toString(), "--out", out);
    String network = trained.network().toString();
    JobCall.of(
        new TrainJob(), "--data", out, "--network", network, "--out", run, "--set", "epochs=1");
    Path page = temporary.resolve("report.html");
    JobCall call = TrainedModel.evaluate(run, out, "--report", page.toString());
    assertEquals(0, call.status(), call.err());
    String html = Files.readString(page);
    assertTrue(html.contains("<td>&lt;b&gt;&amp;&quot;</td>"), html);
    assertFalse(html.contains("<b>&\""), html);
  }

  @Test
  void mistakesTellTheirFiles() throws IOException {
    SparkSession spark = TestSpark.local(2);
    ImageDataset named =
        TestData.changed(
            spark,
            ImageDataset.open(trained.data(), new Configuration()),
            temporary.resolve("named"),
            Split.TEST,
            rows -> rows.withColumn("name", concat(lit("a&b/"), col("id"), lit(".png"))));
    TestSpark.stop();
    Path page = temporary.resolve("report.html");
    JobCall call =
        TrainedModel.evaluate(
            trained.model().toString(), named.folder().toString(), "--report", page.toString());
    assertEquals(0, call.status(), call.err());
    String html = Files.readString(page);
    Matcher caption = Pattern.compile("id (\\d+)<br>a&amp;b/(\\d+)\\.png").matcher(html);
    assertTrue(caption.find(), html);
    assertEquals(caption.group(1), caption.group(2));
  }

  /** Its name is as long as one may be, so that no temporary file beside it can be made. */
  @Test
  void aPageThatCanNotBeWrittenLosesNoMeasure() throws IOException {
    Path page = temporary.resolve("p".repeat(250) + ".html"), json = temporary.resolve("e.json");
    JobCall call = reported(page, json);
    assertNotEquals(ExitStatus.DONE, call.status());
    assertEquals(1, call.err().lines().count(), call.err());
    assertTrue(JobCall.json(json).has("accuracy"));
    assertFalse(Files.exists(page));
  }

  private static JobCall reported(Path page, Path json) {
    return TrainedModel.evaluate(
        trained.model().toString(),
        trained.data(),
        "--report",
        page.toString(),
        "--json",
        json.toString());
  }

  private static int count(String text, String part) {
    return text.split(Pattern.quote(part), -1).length - 1;
  }
}
