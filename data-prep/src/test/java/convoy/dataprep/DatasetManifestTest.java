package convoy.dataprep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.storage.Storage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatasetManifestTest {
  private static final Configuration CONFIGURATION = new Configuration();
  private final Storage storage = new Storage(CONFIGURATION);

  @TempDir java.nio.file.Path folder;

  /** Two training images and a test image of one pixel. */
  private static DatasetManifest manifest() {
    List<SplitCounts> splits =
        List.of(
            new SplitCounts(Split.TRAIN, 2, List.of(1L, 1L)),
            new SplitCounts(Split.TEST, 1, List.of(0L, 1L)));
    ChannelSums sums = new ChannelSums(2, List.of(10L, 4L, 0L), List.of(82L, 16L, 0L));
    Fingerprint fingerprint = Fingerprint.parse("0123456789abcdef".repeat(4));
    DatasetPart part = new DatasetPart("parts/1", splits, sums, fingerprint, 7, "CIFAR-10 x");
    return DatasetManifest.of(List.of("ant", "bee"), new ImageSize(1, 1, 3), List.of(part));
  }

  @Test
  void statisticsComeFromTheSums() {
    assertEquals(List.of(5.0, 2.0, 0.0), manifest().channelMeans());
    assertEquals(List.of(4.0, 2.0, 0.0), manifest().channelStandardDeviations());
  }

  @Test
  void fileIsReadBack() throws IOException {
    Path file = storage.path(folder.resolve("dataset.json").toString());
    storage.writeJson(file, manifest());
    ImageDataset dataset = ImageDataset.open(folder.toString(), CONFIGURATION);
    assertEquals(manifest(), dataset.manifest());
    assertEquals(2, dataset.images(Split.TRAIN));
    assertEquals(List.of(new Path(dataset.folder(), "parts/1/test")), dataset.folders(Split.TEST));
  }

  @Test
  void alteredFileIsRefused() throws IOException {
    Path file = storage.path(folder.resolve("dataset.json").toString());
    storage.writeJson(file, manifest());
    String text = storage.readText(file, 1 << 20);
    List<String[]> changes =
        List.of(
            new String[] {"\"formatVersion\" : 1", "\"formatVersion\" : 2", "version 2"},
            new String[] {"\"images\" : 2", "\"images\" : 3", "splits"},
            new String[] {"\"bee\"", "\"ant\"", "twice"},
            new String[] {"\"parts/1\"", "\"../other\"", "part path"},
            new String[] {"\"height\" : 1", "\"height\" : 4", "training pixels"},
            new String[] {"\"height\" : 1", "\"height\" : 2000000000", "256 MB"},
            new String[] {"abcdef\",\n  \"parts", "abcdee\",\n  \"parts", "fingerprint"},
            new String[] {"[ 5.0", "[ 5.5", "channelMeans"},
            new String[] {"\"split\" : \"test\"", "\"split\" : \"tset\"", "tset"},
            new String[] {"\"seed\"", "\"sead\"", "sead"});
    for (String[] change : changes) {
      String altered = text.replaceFirst(java.util.regex.Pattern.quote(change[0]), change[1]);
      assertTrue(!altered.equals(text), change[0]);
      storage.writeAtomically(file, altered.getBytes(StandardCharsets.UTF_8));
      IllegalArgumentException e =
          assertThrows(
              IllegalArgumentException.class,
              () -> ImageDataset.open(folder.toString(), CONFIGURATION),
              change[1]);
      assertTrue(e.getMessage().contains(file.toString()), e.getMessage());
      assertTrue(e.getMessage().contains(change[2]), e.getMessage());
      assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    }
  }
}
