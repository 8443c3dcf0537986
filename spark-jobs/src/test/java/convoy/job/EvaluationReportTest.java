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
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.imageio.ImageIO;
import org.apache.hadoop.conf.Configuration;
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
    Path page = temporary.resolve("report.html");
    String first = trained.model().resolve("checkpoints/1").toString();
    JobCall call = trained.evaluateTwo(first, "grey", "--report", page.toString());
    assertEquals(0, call.status(), call.err());
    String html = Files.readString(page);
    for (String name : List.of(first, trained.model().toString())) {
      for (String view : List.of("grey", "flip")) {
        String row = "<tr><td>" + name + "</td><td class=\"text\">" + view + "</td>";
        assertEquals(1, count(html, row + "<td style="), row);
      }
      assertEquals(1, count(html, "<h2>" + name + "</h2>\n<p class=\"note\">Under the view grey."));
    }
    assertEquals(2, count(html, "<table class=\"heat\">"));
    assertEquals(2, count(html, "<svg "));
    assertEquals(2, count(html, "<h3>The most confident mistakes</h3>"));
    String pair = "<td>" + first + "</td><td class=\"text\">" + trained.model() + "</td>";
    assertEquals(2, count(html, pair), "compared under each view");
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
    byte[] png = Base64.getDecoder().decode(html.substring(from, html.indexOf('"', from)));
    BufferedImage image = ImageIO.read(new ByteArrayInputStream(png));
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
