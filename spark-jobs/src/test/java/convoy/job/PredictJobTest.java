package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PredictJobTest {
  /** Scores each class by the mean of its colour, white pixels counting 3. */
  private static final String NETWORK =
      """
      name: colours
      input: {height: 2, width: 1, channels: 3}
      classes: [red, green, blue]
      layers:
        - scaling: {deviation: 85}
        - maxPooling: {window: [2, 1]}
        - flatten
        - dense: {units: 3, bias: false}
      """;

  private static final double SUM = Math.exp(3) + Math.exp(1) + 1;

  @TempDir private Path folder;

  private String model;
  private String image;

  @BeforeEach
  void write() throws IOException {
    Path checkpoint = folder.resolve("model");
    model = TestModel.write(checkpoint, NETWORK, 1, 0, 0, 0, 1, 0, 0, 0, 1).toString();
    image = TestModel.png(folder.resolve("a.png"), 1, 0x0055ff, 0).toString();
  }

  @Test
  void theMostProbableClassComesFirst() throws IOException {
    Path json = folder.resolve("out.json");
    JobCall call = predict(image, "--json", json.toString());
    assertEquals(
        new JobCall(
            0,
            image
                + "\n"
                + String.format("  blue   %.2f %%\n", 100 * Math.exp(3) / SUM)
                + String.format("  green  %.2f %%\n", 100 * Math.exp(1) / SUM)
                + String.format("  red     %.2f %%\n", 100 / SUM),
            ""),
        call);
    JsonNode tree = JobCall.json(json);
    assertEquals("colours", tree.get("network").asText());
    assertEquals(image, tree.at("/images/0/image").asText());
    JsonNode first = tree.at("/images/0/classes/0");
    assertEquals("blue", first.get("name").asText());
    assertEquals(2, first.get("index").asInt());
    assertEquals(Math.exp(3) / SUM, first.get("probability").asDouble(), 1e-6);
  }

  @Test
  void topLimitsTheClassesOfEachImage() throws IOException {
    String red = TestModel.png(folder.resolve("b.png"), 1, 0, 0xff0000).toString();
    JobCall call = predict(image, red, "--top", "1");
    assertEquals(0, call.status(), call.err());
    List<String> lines = call.out().lines().toList();
    assertEquals(4, lines.size(), call.out());
    assertTrue(lines.get(1).startsWith("  blue "), call.out());
    assertTrue(lines.get(3).startsWith("  red "), call.out());
    assertRefused(predict(image, "--top", "0"), "--top: got 0, wanted at least 1");
  }

  @Test
  void anImageOfAnotherSizeIsRefusedUnlessItIsResized() throws IOException {
    String wide = TestModel.png(folder.resolve("wide.png"), 3, 0xff, 0xff, 0xff).toString();
    assertRefused(
        predict(image, wide),
        wide + " is 1x3x3, network colours takes 2x1x3: give --resize to scale it");
    JobCall call = predict(wide, "--resize");
    assertEquals(0, call.status(), call.err());
    assertTrue(call.out().startsWith(wide + "\n  blue "), call.out());
  }

  @Test
  void filesThatAreNoImagesAreRefused() throws IOException {
    Path none = folder.resolve("none.png");
    assertRefused(predict(none.toString()), "none.png does not exist");
    Path text = Files.writeString(folder.resolve("text.png"), "text");
    assertRefused(
        predict(image, text.toString()), "text.png: neither a JPEG nor a PNG image; convert it");
    byte[] whole = Files.readAllBytes(Path.of(image));
    Path half = Files.write(folder.resolve("half.png"), Arrays.copyOf(whole, 40));
    assertRefused(predict(half.toString()), "half.png: the image does not decode");
    assertRefused(predict(folder.toString()), folder.getFileName().toString());
  }

  @Test
  void aMissingModelIsRefused() {
    model = folder.resolve("nothing").toString();
    assertRefused(predict(image), "nothing: no model here");
  }

  @Test
  void aNetworkOfGreyImagesIsRefused() throws IOException {
    String yaml =
        """
        name: grey
        input: {height: 2, width: 1, channels: 1}
        layers: [flatten, dense: {units: 2, bias: false}]
        """;
    model = TestModel.write(folder.resolve("grey"), yaml, 1, 1, 1, 1).toString();
    assertRefused(
        predict(image),
        image + " is read as 2x1x3, network grey takes 2x1x1: its images are no RGB images");
  }

  @Test
  void withoutAnImageNothingIsDone() {
    assertRefused(predict(), "IMAGE");
  }

  private static void assertRefused(JobCall call, String part) {
    assertEquals(2, call.status(), call.err());
    assertTrue(call.err().startsWith("convoy predict: "), call.err());
    assertTrue(call.err().contains(part), call.err());
    assertEquals(1, call.err().lines().count(), call.err());
    assertFalse(call.out().contains("%"), call.out());
  }

  private JobCall predict(String... more) {
    List<String> arguments = new ArrayList<>(List.of("--model", model));
    arguments.addAll(List.of(more));
    return JobCall.of(new PredictJob(), arguments.toArray(new String[0]));
  }
}
