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
import java.util.Arrays;
import java.util.List;
import javax.imageio.ImageIO;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FilterJobTest {
  @TempDir private Path folder;

  private String in;
  private Path out;

  @BeforeEach
  void write() throws IOException {
    in = TestModel.png(folder.resolve("in.png"), 3, 0x000000, 0x100804, 0x201008).toString();
    out = folder.resolve("out.png");
  }

  @Test
  void aColourImageIsFilteredChannelByChannel() throws IOException {
    Path json = folder.resolve("out.json");
    JobCall call = filter("--kernel", "sobel-x", "--json", json.toString());
    assertEquals(new JobCall(0, out + ": 1x3x3, sobel-x\n", ""), call);
    // Four times the difference of the neighbours; at the border these are the same pixel.
    assertImage(0x000000, 0x804020, 0x000000);
    JsonNode tree = JobCall.json(json);
    assertEquals(3, tree.get("size").asInt());
    assertEquals(3, tree.get("channels").asInt());
    assertFalse(tree.has("sigma"));
  }

  /**
   * v = 6 x + 8 y: by Sobel's weights 4 times the differences, 12 and 16, and none at the border.
   */
  @Test
  void sobelIsTheMagnitudeOfBoth() throws IOException {
    int[] slope = {0, 6, 12, 8, 14, 20, 16, 22, 28};
    in = TestModel.png(folder.resolve("slope.png"), 3, greys(slope)).toString();
    assertEquals(0, filter("--kernel", "sobel-x").status());
    assertImage(greys(0, 48, 0, 0, 48, 0, 0, 48, 0));
    assertEquals(0, filter("--kernel", "sobel-y").status());
    assertImage(greys(0, 0, 0, 64, 64, 64, 0, 0, 0));
    assertEquals(0, filter("--kernel", "sobel").status());
    assertImage(greys(0, 48, 0, 64, 80, 64, 0, 48, 0));
  }

  @Test
  void gaussianOfFiveIsTheDefault() throws IOException {
    int[] point = {0, 0, 0, 0, 160, 0, 0, 0, 0};
    in = TestModel.png(folder.resolve("point.png"), 9, greys(point)).toString();
    assertEquals(0, filter("--kernel", "gaussian").status());
    // 1 4 6 4 1 over 16; a column is one pixel, which is its own border.
    assertImage(greys(0, 0, 10, 40, 60, 40, 10, 0, 0));
  }

  private static int[] greys(int... values) {
    return Arrays.stream(values).map(value -> value * 0x010101).toArray();
  }

  @Test
  void greyIsOneChannelOfThePng() throws IOException {
    assertEquals(0, filter("--kernel", "sobel", "--grey").status());
    assertEquals(BufferedImage.TYPE_BYTE_GRAY, ImageIO.read(out.toFile()).getType());
  }

  @Test
  void anImageIsReplacedByItsOwnFilter() throws IOException {
    out = Path.of(in);
    assertEquals(0, filter("--kernel", "gaussian", "--size", "1", "--sigma", "2").status());
    assertImage(0x000000, 0x100804, 0x201008);
  }

  @Test
  void wrongKernelsAreRefused() {
    assertRefused("unknown kernel sobelx; did you mean sobel-x?", "--kernel", "sobelx");
    assertRefused("size is 4, wanted an odd number", "--kernel", "gaussian", "--size", "4");
    assertRefused("--sigma: got -1.0", "--kernel", "gaussian", "--sigma", "-1");
    assertRefused("sigma is NaN", "--kernel", "gaussian", "--sigma", "NaN");
    assertRefused("--size: got 5, Sobel's kernels have size 3", "--kernel", "sobel", "--size", "5");
    assertRefused("--sigma is of gaussian alone", "--kernel", "sobel-y", "--sigma", "1");
    assertRefused("--kernel", "--size", "3");
  }

  @Test
  void filesThatAreNoImagesAreRefused() throws IOException {
    in = folder.resolve("none.png").toString();
    assertRefused("none.png does not exist", "--kernel", "sobel");
    in = Files.writeString(folder.resolve("text.png"), "text").toString();
    assertRefused("text.png: neither a JPEG nor a PNG image", "--kernel", "sobel");
  }

  @Test
  void anOutputThatCanNotBeWrittenIsRefused() throws IOException {
    out = Path.of(in).resolve("out.png");
    assertRefused("in.png is a file, wanted a folder", "--kernel", "sobel");
    out = Files.createDirectory(folder.resolve("folder.png"));
    JobCall call = filter("--kernel", "sobel");
    assertEquals(2, call.status());
    assertTrue(call.err().contains("folder.png is a folder, wanted a file"), call.err());
    out = folder.resolve("out.jpg");
    assertRefused("wanted a name that ends in .png", "--kernel", "sobel");
  }

  private void assertRefused(String part, String... options) {
    JobCall call = filter(options);
    assertEquals(2, call.status(), call.err());
    assertTrue(call.err().startsWith("convoy filter: "), call.err());
    assertTrue(call.err().contains(part), call.err());
    assertEquals(1, call.err().lines().count(), call.err());
    assertFalse(Files.exists(out));
  }

  private void assertImage(int... rgb) throws IOException {
    BufferedImage image = ImageIO.read(out.toFile());
    assertEquals(rgb.length, image.getWidth() * image.getHeight());
    for (int i = 0; i < rgb.length; i++) {
      int pixel = image.getRGB(i % image.getWidth(), i / image.getWidth()) & 0xFFFFFF;
      assertEquals(rgb[i], pixel, "pixel " + i);
    }
  }

  private JobCall filter(String... options) {
    List<String> arguments = new ArrayList<>(List.of("--in", in, "--out", out.toString()));
    arguments.addAll(List.of(options));
    return JobCall.of(new FilterJob(), arguments.toArray(new String[0]));
  }
}
