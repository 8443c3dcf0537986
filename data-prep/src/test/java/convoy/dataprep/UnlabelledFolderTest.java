package convoy.dataprep;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.dataprep.PrepareOptions.Existing;
import convoy.dataprep.TestSource.TestImage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
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
  }

  @Test
  void filesOfClassFoldersHaveNamesToo() throws IOException {
    List<TestImage> images = new ArrayList<>(TestSource.images(6, 3));
    images.set(3, images.get(0));
    Path source = TestSource.writeClassFolders(folder.resolve("classes"), images);
    for (int run = 0; run < 2; run++) {
      Path out = folder.resolve("named" + run);
      PrepareResult result = TestPrepare.run(source, out, Existing.REFUSE);
      List<Row> rows = result.dataset().rows(TestSpark.session(), Split.TRAIN).collectAsList();
      Map<String, Long> ids = new HashMap<>();
      for (Row row : rows) {
        String name = row.getAs("name");
        ids.put(name, row.getAs("id"));
        String number = name.replaceAll("\\D", "");
        assertArrayEquals(images.get(Integer.parseInt(number)).pixels(), row.getAs("image"));
        assertTrue(name.matches("train/(ant|bee|cat)/[0-5]\\.png"), name);
      }
      assertEquals(6, ids.size());
    }
    // Two equal images of one class, whose order their names decide.
    assertEquals(rows("named0"), rows("named1"));
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
  void coarseLabelsAndAMissingDataSetAreRefused() throws IOException {
    photos();
    PrepareOptions coarse = options("out").withCoarseLabels(true);
    assertTrue(refusal(coarse).contains("only CIFAR-100 has them"), refusal(coarse));
    PrepareOptions nothing = options("out").withLike(folder.resolve("nothing").toString());
    assertTrue(refusal(nothing).contains("nothing: no data set here"), refusal(nothing));
  }

  @Test
  void testImagesWithAndWithoutLabelAreNotMixed() throws IOException {
    photos();
    String line = refusal(options("labelled").withExisting(Existing.APPEND));
    assertTrue(line.contains("labelled would have test images with and without a label"), line);
    assertEquals(9, TestPrepare.rows(open("labelled"), Split.TRAIN).size() + 3);
    TestPrepare.run(options("out"));
    String other =
        TestPrepare.refusal(folder.resolve("binary"), folder.resolve("out"), Existing.APPEND);
    assertTrue(other.contains("would have test images with and without a label"), other);
  }

  private PrepareResult open(String name) throws IOException {
    ImageDataset dataset = TestPrepare.open(folder.resolve(name));
    return new PrepareResult(dataset, dataset.parts().get(0), 0);
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

  /** Id and name of each training image. */
  private List<String> rows(String out) throws IOException {
    List<String> texts = new ArrayList<>();
    for (Row row :
        TestPrepare.open(folder.resolve(out))
            .rows(TestSpark.session(), Split.TRAIN)
            .orderBy("id")
            .collectAsList()) {
      texts.add(row.getAs("id") + " " + row.getAs("name"));
    }
    return texts;
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
