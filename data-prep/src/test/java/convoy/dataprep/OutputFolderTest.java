package convoy.dataprep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.dataprep.PrepareOptions.Existing;
import convoy.dataprep.TestSource.TestImage;
import convoy.storage.Storage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.hadoop.conf.Configuration;
import org.apache.hadoop.fs.FSDataOutputStream;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.hadoop.util.Progressable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What becomes of an output that is there already, or half there. */
class OutputFolderTest {
  @TempDir Path folder;

  @Test
  void appendedPartAddsUp() throws IOException {
    List<TestImage> images = TestSource.images(20, 6);
    List<TestImage> more = new ArrayList<>(images.subList(13, 20));
    more.addAll(images.subList(24, 26));
    List<TestImage> some = new ArrayList<>(images);
    some.removeAll(more);
    Path whole = TestSource.writeCifar10(folder.resolve("whole"), images, 1);
    prepare(TestSource.writeCifar10(folder.resolve("some"), some, 1), "out");
    Path appended = TestSource.writeClassFolders(folder.resolve("more"), more);
    PrepareResult result = prepare(appended, "out", Existing.APPEND);

    PrepareResult expected = prepare(whole, "expected");
    assertEquals(9, result.imagesAdded());
    assertEquals(expected.fingerprint(), result.fingerprint());
    DatasetManifest manifest = result.dataset().manifest();
    assertEquals(expected.dataset().manifest().splits(), manifest.splits());
    assertEquals(expected.dataset().manifest().channelMeans(), manifest.channelMeans());
    assertEquals(
        expected.dataset().manifest().channelStandardDeviations(),
        manifest.channelStandardDeviations());
    assertEquals(2, manifest.parts().size());
    List<String> rows = TestPrepare.rows(result, Split.TRAIN);
    for (int id = 0; id < 20; id++) {
      assertTrue(rows.get(id).startsWith(id + " "));
    }
    assertEquals(withoutIds(TestPrepare.rows(expected, Split.TRAIN)), withoutIds(rows));
  }

  @Test
  void aSourceAmongTheOutputsPartsIsRefusedAndStays() throws IOException {
    Path out = folder.resolve("cars");
    Path source = TestSource.writeClassFolders(out.resolve("parts"), TestSource.images(4, 2));
    String held = TestPrepare.refusal(source, out, Existing.REFUSE);
    assertTrue(held.contains("is no data set (it holds parts/"), held);
    Path numbered = out.resolve("parts/7");
    Files.createDirectories(numbered);
    for (String split : List.of("train", "test")) {
      Files.move(source.resolve(split), numbered.resolve(split));
    }
    String inside = TestPrepare.refusal(numbered, out, Existing.REFUSE);
    assertTrue(inside.contains("lies in the output"), inside);
    assertTrue(Files.isDirectory(numbered.resolve("train")));
  }

  @Test
  void whatLiesBesideThePartsStays() throws IOException {
    Path source = TestSource.writeCifar10(folder.resolve("source"), TestSource.images(4, 2), 1);
    prepare(source, "out");
    Path notes = Files.writeString(folder.resolve("out/parts/notes.txt"), "mine");
    prepare(source, "out", Existing.OVERWRITE);
    assertTrue(Files.exists(notes));
  }

  @Test
  void aRenamedDataSetThatSparkWouldExpandIsRefused() throws IOException {
    prepare(TestSource.writeCifar10(folder.resolve("source"), TestSource.images(4, 2), 1), "out");
    Path renamed = Files.move(folder.resolve("out"), folder.resolve("out[2]"));
    String message =
        assertThrows(IllegalArgumentException.class, () -> TestPrepare.open(renamed)).getMessage();
    assertTrue(message.contains("which Spark expands"), message);
  }

  @Test
  void appendedLabelsFollowTheDataSetsClassNames() throws IOException {
    List<TestImage> images = TestSource.images(6, 0);
    prepare(TestSource.writeCifar10(folder.resolve("binary"), images, 1), "out");
    Path other = TestSource.writeCifar10(folder.resolve("other"), images, 1);
    Files.writeString(other.resolve("batches.meta.txt"), "cat\nant\nbee\n");
    PrepareResult result = prepare(other, "out", Existing.APPEND);
    assertEquals(TestSource.CLASSES, result.dataset().classNames());
    String pixels = HexFormat.of().formatHex(images.get(0).pixels());
    List<String> found = new ArrayList<>();
    for (String row : TestPrepare.rows(result, Split.TRAIN)) {
      if (row.endsWith(pixels)) {
        found.add(row.split(" ")[1]);
      }
    }
    Collections.sort(found);
    assertEquals(List.of("0", "2"), found);
  }

  @Test
  void overwriteReplacesAllParts() throws IOException {
    Path first = TestSource.writeCifar10(folder.resolve("first"), TestSource.images(9, 3), 1);
    Path second = TestSource.writeCifar10(folder.resolve("second"), TestSource.images(6, 3), 1);
    prepare(first, "out");
    prepare(first, "out", Existing.APPEND);
    PrepareResult result = prepare(second, "out", Existing.OVERWRITE);
    assertEquals(9, result.images());
    assertEquals("parts/3", result.part().path());
    assertEquals(prepare(second, "expected").fingerprint(), result.fingerprint());
    assertEquals(List.of("3"), TestPrepare.names(folder.resolve("out/parts")));
    assertEquals(result.dataset(), TestPrepare.open(folder.resolve("out")));
  }

  @Test
  void existingDataSetIsKept() throws IOException {
    Path source = TestSource.writeCifar10(folder.resolve("s"), TestSource.images(6, 0), 1);
    PrepareResult first = prepare(source, "out");
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> prepare(source, "out"));
    assertTrue(
        e.getMessage().contains(" exists already: add --append or --overwrite"), e.getMessage());
    assertEquals(first.dataset(), TestPrepare.open(folder.resolve("out")));
  }

  @Test
  void leftoversOfAnInterruptedRunAreRemoved() throws IOException {
    Path source = TestSource.writeCifar10(folder.resolve("s"), TestSource.images(6, 0), 1);
    Files.createDirectories(folder.resolve("out/parts/1/train/_temporary"));
    Files.writeString(folder.resolve("out/parts/1/train/x.parquet"), "half");
    String temporary =
        Storage.temporary(new org.apache.hadoop.fs.Path("out/dataset.json")).getName();
    Files.writeString(folder.resolve("out").resolve(temporary), "half");
    prepare(source, "out");
    assertEquals(List.of("dataset.json", "parts"), TestPrepare.names(folder.resolve("out")));
    assertEquals(
        6, TestPrepare.open(folder.resolve("out")).rows(TestSpark.session(), Split.TRAIN).count());
    Files.createDirectories(folder.resolve("out/parts/7/train"));
    prepare(source, "out", Existing.APPEND);
    assertEquals(List.of("1", "2"), TestPrepare.names(folder.resolve("out/parts")));
  }

  @Test
  void laterOfTwoRunsAtOnceIsRefused() throws IOException {
    PrepareResult first = prepare(cifar(), "out");
    Storage storage = new Storage(new Configuration());
    String uri = folder.resolve("out").toString();
    OutputFolder slow = OutputFolder.open(storage, uri, Existing.APPEND);
    PrepareResult second = prepare(cifar(), "out", Existing.APPEND);
    IOException e = assertThrows(IOException.class, () -> slow.commit(first.dataset().manifest()));
    assertTrue(e.getMessage().contains("another run changed the data set"), e.getMessage());
    assertEquals(second.dataset(), TestPrepare.open(folder.resolve("out")));
  }

  @Test
  void failedWriteLeavesTheOldDataSet() throws IOException {
    Path source = cifar();
    PrepareResult old = prepare(source, "out");
    Map<String, byte[]> before = out();
    TestSpark.session()
        .sparkContext()
        .hadoopConfiguration()
        .set("fs.full.impl", FullStore.class.getName());
    for (String out : List.of("out", "new")) {
      PrepareOptions options =
          PrepareOptions.defaults(source.toString(), "full://" + folder.resolve(out))
              .withExisting(Existing.OVERWRITE);
      IOException e = assertThrows(IOException.class, () -> TestPrepare.run(options));
      assertEquals(1, e.getMessage().lines().count(), e.getMessage());
      assertTrue(e.getMessage().endsWith("no space left"), e.getMessage());
    }
    assertEquals(old.dataset(), TestPrepare.open(folder.resolve("out")));
    assertEquals(before.keySet(), out().keySet());
    assertFalse(Files.exists(folder.resolve("new")));
  }

  /** A file system that has no space for Parquet files. */
  public static final class FullStore extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("full:///");
    }

    @Override
    public String getScheme() {
      return "full";
    }

    @Override
    public FSDataOutputStream create(
        org.apache.hadoop.fs.Path file,
        boolean overwrite,
        int bufferBytes,
        short replication,
        long blockBytes,
        Progressable progress)
        throws IOException {
      if (file.getName().endsWith(".parquet")) {
        throw new IOException("no space left");
      }
      return super.create(file, overwrite, bufferBytes, replication, blockBytes, progress);
    }
  }

  @Test
  void missingDataSetIsSaid() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> TestPrepare.open(folder.resolve("nothing")));
    assertTrue(e.getMessage().contains("no data set here"), e.getMessage());
  }

  @Test
  void appendedSourceMustHaveTheSameClassesAndSize() throws IOException {
    Path source = cifar();
    prepare(source, "out");
    Map<String, byte[]> before = out();
    Files.writeString(source.resolve("batches.meta.txt"), "ant\nbee\ndog\n");
    String line = TestPrepare.refusal(source, folder.resolve("out"), Existing.APPEND);
    assertTrue(line.contains("classes are [ant, bee, dog], expected [ant, bee, cat]"), line);

    Path small = folder.resolve("small");
    for (String name : TestSource.CLASSES) {
      TestSource.writeImage(
          small.resolve("train/" + name + "/1.png"),
          "png",
          TestSource.image(TestSource.pixels(1, 8 * 8 * 3), 8, 8));
    }
    line = TestPrepare.refusal(small, folder.resolve("out"), Existing.APPEND);
    assertTrue(line.contains("the image is 8x8x3, expected 32x32x3 as the data set"), line);
    assertEquals(before.keySet(), out().keySet());
  }

  @Test
  void appendNeedsADataSet() throws IOException {
    String line = TestPrepare.refusal(cifar(), folder.resolve("out"), Existing.APPEND);
    assertTrue(line.contains("no data set to append to"), line);
    assertFalse(Files.exists(folder.resolve("out")));
  }

  @Test
  void badSourceLeavesTheOldDataSet() throws IOException {
    Path source = cifar();
    prepare(source, "out");
    Map<String, byte[]> before = out();
    Path file = source.resolve("data_batch_1.bin");
    byte[] records = Files.readAllBytes(file);
    records[0] = 9;
    Files.write(file, records);
    assertTrue(
        TestPrepare.refusal(source, folder.resolve("out"), Existing.OVERWRITE)
            .contains("record 0: label is 9"));
    assertEquals(before.keySet(), out().keySet());
    before.forEach((name, content) -> assertTrue(Arrays.equals(content, out().get(name)), name));
  }

  @Test
  void foreignFoldersAndFilesAreNeverOverwritten() throws IOException {
    Path out = Files.createDirectories(folder.resolve("out"));
    Files.writeString(out.resolve("thesis.txt"), "x");
    for (Existing existing : List.of(Existing.REFUSE, Existing.OVERWRITE)) {
      String line = TestPrepare.refusal(cifar(), folder.resolve("out"), existing);
      assertTrue(line.contains("is no data set (it holds thesis.txt)"), line);
    }
    Files.delete(out.resolve("thesis.txt"));
    Files.delete(out);
    Files.writeString(out, "x");
    String line = TestPrepare.refusal(cifar(), folder.resolve("out"), Existing.OVERWRITE);
    assertTrue(line.contains("is a file, wanted a folder"), line);
  }

  @Test
  void outputsThatSparkWouldExpandAreRefused() throws IOException {
    PrepareOptions options =
        PrepareOptions.defaults(cifar().toString(), folder.resolve("a[1]").toString());
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> TestPrepare.run(options));
    assertTrue(e.getMessage().contains("which Spark expands"), e.getMessage());
  }

  private PrepareResult prepare(Path source, String out) throws IOException {
    return prepare(source, out, Existing.REFUSE);
  }

  private PrepareResult prepare(Path source, String out, Existing existing) throws IOException {
    return TestPrepare.run(source, folder.resolve(out), existing);
  }

  private Path cifar() throws IOException {
    return TestSource.writeCifar10(folder.resolve("cifar"), TestSource.images(6, 3), 1);
  }

  private static List<String> withoutIds(List<String> rows) {
    List<String> contents = new ArrayList<>();
    for (String row : rows) {
      contents.add(row.substring(row.indexOf(' ') + 1));
    }
    Collections.sort(contents);
    return contents;
  }

  /** All files of the output. */
  private Map<String, byte[]> out() {
    Map<String, byte[]> files = new TreeMap<>();
    try (var walk = Files.walk(folder.resolve("out"))) {
      for (Path file : walk.filter(Files::isRegularFile).toList()) {
        files.put(file.toString(), Files.readAllBytes(file));
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return files;
  }
}
