package convoy.job;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import java.awt.image.BufferedImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class InspectJobTest {
  /** The filters take red and green for themselves. */
  private static final String NETWORK =
      """
      name: colours
      input: {height: 2, width: 2, channels: 3}
      layers:
        - convolution: {filters: 2, kernel: 1, bias: false}
        - maxPooling: {window: [2, 1]}
        - convolution: {filters: 1, kernel: 1, bias: false}
        - flatten
        - dense: {units: 2, bias: false}
      """;

  @TempDir private Path folder;

  private String model;
  private String image;
  private Path out;

  @BeforeEach
  void write() throws IOException {
    Path checkpoint = folder.resolve("model");
    model = TestModel.write(checkpoint, NETWORK, 1, 0, 0, 1, 0, 0, 1, 1, 1, 0, 0, 1).toString();
    image = TestModel.png(folder.resolve("a.png"), 2, 0xff0000, 0x0f00, 0, 0xff00).toString();
    out = folder.resolve("new/drawn");
  }

  @Test
  void filtersAndMapsAreDrawn() throws IOException {
    Path json = folder.resolve("out.json");
    JobCall call = inspect("--json", json.toString());
    assertEquals(0, call.status(), call.err());
    List<String> names =
        List.of(
            "convolution1-filters.png", "convolution1.png", "maxPooling1.png", "convolution2.png");
    assertEquals(names.stream().sorted().toList(), files());
    assertEquals(5, call.out().lines().count(), call.out());
    assertTrue(call.out().contains("\nmaxPooling1.png              2   1x2"), call.out());

    // Each filter is a pixel, 96 wide, its own colour on black.
    assertEquals(0xff0000, pixel("convolution1-filters.png", 50, 50));
    assertEquals(0x00ff00, pixel("convolution1-filters.png", 150, 50));
    // The map of red has it above on the left; that of green below on the right, and some above.
    assertEquals(0xffffff, pixel("convolution1.png", 10, 10));
    assertEquals(0x000000, pixel("convolution1.png", 90, 90));
    assertEquals(0x0f0f0f, pixel("convolution1.png", 190, 10));
    assertEquals(0xffffff, pixel("convolution1.png", 190, 90));

    JsonNode drawing = JobCall.json(json).at("/drawings/2");
    assertEquals("maxPooling1.png", drawing.get("file").asText());
    assertEquals(2, drawing.get("maps").asInt());
    assertEquals(1, drawing.get("height").asInt());
    assertEquals(255, drawing.get("largest").asDouble());
  }

  @Test
  void aNetworkWithoutMapsIsRefused() throws IOException {
    String yaml =
        """
        name: dense
        input: {height: 2, width: 2, channels: 3}
        layers: [flatten, dense: {units: 2, bias: false}]
        """;
    model = TestModel.write(folder.resolve("dense"), yaml, new float[24]).toString();
    assertRefused("network dense has no convolution and no pooling to draw");
  }

  @Test
  void globalAveragePoolingIsDrawnToo() throws IOException {
    String network =
        """
        name: averages
        input: {height: 2, width: 2, channels: 3}
        layers:
          - globalAveragePooling
          - dense: {units: 2, bias: false}
        """;
    model = TestModel.write(folder.resolve("averages"), network, 1, 0, 0, 1, 0, 0).toString();
    JobCall call = inspect();
    assertEquals(0, call.status(), call.err());
    assertEquals(List.of("globalAveragePooling1.png"), files());
  }

  @Test
  void weightsThatAreNotFiniteAreRefused() throws IOException {
    float nan = Float.NaN;
    Path bad = folder.resolve("bad");
    model = TestModel.write(bad, NETWORK, nan, 0, 0, 1, 0, 0, 1, 1, 1, 0, 0, 1).toString();
    assertRefused("convolution1-filters has values that are NaN or infinite");
  }

  @Test
  void wrongInputIsRefusedAndNothingIsWritten() throws IOException {
    image = TestModel.png(folder.resolve("b.png"), 1, 0xff).toString();
    assertRefused("b.png is 1x1x3, network colours takes 2x2x3: give --resize to scale it");
    image = folder.resolve("none.png").toString();
    assertRefused("none.png does not exist");
    model = folder.resolve("nothing").toString();
    assertRefused("nothing: no model here");
    out = Files.writeString(folder.resolve("file"), "x").resolve("drawn");
    assertRefused("file is a file, wanted a folder");
  }

  private void assertRefused(String part) {
    JobCall call = inspect();
    assertEquals(2, call.status(), call.err());
    assertTrue(call.err().startsWith("convoy inspect: "), call.err());
    assertTrue(call.err().contains(part), call.err());
    assertEquals(1, call.err().lines().count(), call.err());
    assertFalse(Files.exists(out));
  }

  private List<String> files() throws IOException {
    try (Stream<Path> files = Files.list(out)) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  private int pixel(String file, int x, int y) throws IOException {
    BufferedImage drawn = ImageIO.read(out.resolve(file).toFile());
    return drawn.getRGB(x, y) & 0xFFFFFF;
  }

  private JobCall inspect(String... more) {
    List<String> arguments =
        new ArrayList<>(List.of("--model", model, "--image", image, "--out", out.toString()));
    arguments.addAll(List.of(more));
    return JobCall.of(new InspectJob(), arguments.toArray(new String[0]));
  }
}
