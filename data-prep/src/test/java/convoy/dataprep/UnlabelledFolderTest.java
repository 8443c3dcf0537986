package convoy.dataprep;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.dataprep.PrepareOptions.Existing;
import convoy.dataprep.TestSource.TestImage;
import convoy.engine.random.RandomKey;
import convoy.engine.random.RandomKey.Purpose;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UnlabelledFolderTest {
  @TempDir Path folder;

  private Path labelled;

  @BeforeEach
  void prepareLabelled() throws IOException {
    Path source = TestSource.writeCifar10(folder.resolve("binary"), TestSource.images(6, 3), 1);
    labelled = folder.resolve("labelled");
    TestPrepare.run(source, labelled, Existing.REFUSE);
  }

  @Test
  void imagesKeepTheirNamesAndHaveNoLabel() throws IOException {
    Map<String, byte[]> photos = photos();
    PrepareResult result = TestPrepare.run(options("out"));
    assertEquals(4, result.images());
    assertEquals(TestSource.CLASSES, result.dataset().classNames());
    DatasetManifest manifest = TestPrepare.open(folder.resolve("out")).manifest();
    assertEquals(List.of(0.0, 0.0, 0.0), manifest.channelMeans());
    assertEquals(List.of(0.0, 0.0, 0.0), manifest.channelStandardDeviations());
    assertEquals(4, manifest.counts(Split.TEST).unlabelled());
    assertEquals(0, manifest.counts(Split.TRAIN).images());
    Fingerprint expected = Fingerprint.ZERO;
    for (byte[] pixels : photos.values()) {
      expected = expected.plus(Fingerprint.ofRow(Split.TEST, "", CifarLayout.SIZE, pixels));
    }
    assertEquals(expected, result.fingerprint());
    List<Row> rows = rows(result);
    for (int id = 0; id < 4; id++) {
      Row row = rows.get(id);
      assertEquals(id, row.<Long>getAs("id"));
      assertNull(row.getAs("label"));
      assertArrayEquals(photos.remove(row.<String>getAs("name")), row.getAs("image"));
    }
    assertEquals(Map.of(), photos);
  }

  @Test
  void moreOfThemAreAppended() throws IOException {
    photos();
    TestPrepare.run(options("out"));
    PrepareResult result = TestPrepare.run(options("out").withExisting(Existing.APPEND));
    assertEquals(8, result.dataset().manifest().counts(Split.TEST).unlabelled());
    List<Row> rows = rows(result);
    for (int id = 0; id < 4; id++) {
      assertEquals(id, rows.get(id).<Long>getAs("id"));
      assertEquals(rows.get(id).<String>getAs("name"), rows.get(id + 4).getAs("name"));
    }
  }

  @Test
  void equalImagesAreInTheOrderOfTheirNames() throws IOException {
    byte[] pixels = TestSource.pixels(100, 32 * 32 * 3);
    // The folder "a" is listed before the file "a.png", whose name comes before "a/b.png".
    for (String name : List.of("a/b.png", "a.png", "a0.png")) {
      Path file = folder.resolve("photos").resolve(name);
      TestSource.writeImage(file, "png", TestSource.image(pixels, 32, 32));
    }
    List<Row> rows = rows(TestPrepare.run(options("out")));
    int[] places = RandomKey.of(0, Purpose.ROW_PLACE).with(Split.TEST.ordinal()).permutation(3);
    assertEquals("a.png", rows.get(places[0]).getAs("name"));
    assertEquals("a/b.png", rows.get(places[1]).getAs("name"));
    assertEquals("a0.png", rows.get(places[2]).getAs("name"));
  }

  @Test
  void filesOfClassFoldersHaveNamesToo() throws IOException {
    List<TestImage> images = TestSource.images(6, 3);
    Path source = TestSource.writeClassFolders(folder.resolve("classes"), images);
    PrepareResult result = TestPrepare.run(source, folder.resolve("out"), Existing.REFUSE);
    Set<String> names = new HashSet<>();
    for (Row row : rows(result)) {
      String name = row.getAs("name");
      assertTrue(name.matches("test/(ant|bee|cat)/[6-8]\\.png"), name);
      int number = Integer.parseInt(name.replaceAll("\\D", ""));
      assertArrayEquals(images.get(number).pixels(), row.getAs("image"));
      names.add(name);
    }
    assertEquals(3, names.size());
  }

  @Test
  void badSourcesAreRefused() throws IOException {
    Path photos = folder.resolve("photos");
    refused("photos: the source does not exist");
    Files.createDirectories(photos.resolve("empty"));
    refused("photos: the source is empty");
    TestSource.writeImage(
        photos.resolve("small.png"), "png", TestSource.image(new byte[16 * 16 * 3], 16, 16));
    refused("small.png: the image is 16x16x3, expected 32x32x3 as the data set", "labelled has");
    Files.delete(photos.resolve("small.png"));
    Files.writeString(photos.resolve("notes.txt"), "no image");
    refused("notes.txt");
    Files.delete(photos.resolve("notes.txt"));
    Files.delete(photos.resolve("empty"));
    Files.delete(photos);
    Files.writeString(photos, "a file");
    refused("photos: no folder");
  }

  @Test
  void whatTheOptionsCanNotMeanIsRefused() throws IOException {
    photos();
    refused(options("out").withCoarseLabels(true), "only CIFAR-100 has them");
    refused(
        options("out").withLike(folder.resolve("nothing").toString()), "nothing: no data set here");
    refused(
        options("out").withResize(new ImageSize(24, 32, 3)),
        "would be scaled to 24x32x3, expected 32x32x3 as the data set");
    refused(options("labelled").withExisting(Existing.OVERWRITE), "labelled would be overwritten");
  }

  @Test
  void imagesWithAndWithoutLabelAreNotMixed() throws IOException {
    photos();
    DatasetManifest before = TestPrepare.open(labelled).manifest();
    refused(
        options("labelled").withExisting(Existing.APPEND),
        "labelled would have images with a label and images without");
    assertEquals(before, TestPrepare.open(labelled).manifest());
    TestPrepare.run(options("out"));
    String other =
        TestPrepare.refusal(folder.resolve("binary"), folder.resolve("out"), Existing.APPEND);
    assertTrue(other.contains("out would have images with a label and images without"), other);
  }

  private static void refused(PrepareOptions options, String expected) {
    String line = refusal(options);
    assertTrue(line.contains(expected), "'" + line + "' lacks '" + expected + "'");
  }

  private void refused(String... expected) {
    String line = refusal(options("out"));
    for (String text : expected) {
      assertTrue(line.contains(text), "'" + line + "' lacks '" + text + "'");
    }
    assertFalse(Files.exists(folder.resolve("out")), "the output was begun");
  }

  private static String refusal(PrepareOptions options) {
    String line =
        assertThrows(IllegalArgumentException.class, () -> TestPrepare.run(options)).getMessage();
    assertEquals(1, line.lines().count(), line);
    return line;
  }

  private PrepareOptions options(String out) {
    return PrepareOptions.defaults(
            folder.resolve("photos").toString(), folder.resolve(out).toString())
        .withLike(labelled.toString());
  }

  private List<Row> rows(PrepareResult result) {
    return result.dataset().rows(TestSpark.session(), Split.TEST).orderBy("id").collectAsList();
  }

  /**
   * Four image files, two of them alike, and one that is hidden; the pixels of each by its name.
   */
  private Map<String, byte[]> photos() throws IOException {
    Map<String, byte[]> photos = new HashMap<>();
    byte[] pixels = TestSource.pixels(100, 32 * 32 * 3);
    photos.put("one.png", pixels);
    photos.put("2026/a b.png", TestSource.pixels(101, 32 * 32 * 3));
    photos.put("2026/11/x:y.png", TestSource.pixels(102, 32 * 32 * 3));
    photos.put("2026/11/copy.png", pixels);
    for (Map.Entry<String, byte[]> photo : photos.entrySet()) {
      Path file = folder.resolve("photos").resolve(photo.getKey());
      TestSource.writeImage(file, "png", TestSource.image(photo.getValue(), 32, 32));
    }
    Files.writeString(folder.resolve("photos/.hidden"), "no image");
    return photos;
  }
}
