package convoy.dataprep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.dataprep.PrepareOptions.Existing;
import convoy.dataprep.TestSource.EntryWriter;
import convoy.dataprep.TestSource.TestImage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarConstants;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each bad input gets one line that names it, and leaves the output as it was. */
class BadInputTest {
  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void startSpark() {
    spark = TestSpark.session();
  }

  @Test
  void missingSourceIsRefused() throws IOException {
    refused(folder.resolve("nothing"), "nothing: the source does not exist");
  }

  @Test
  void emptySourceIsRefused() throws IOException {
    refused(Files.createDirectories(folder.resolve("empty")), "empty: the source is empty");
    refused(Files.createFile(folder.resolve("e.tar.gz")), "e.tar.gz: the source is empty");
  }

  @Test
  void folderOfUnknownFilesIsToldWhatWasLookedFor() throws IOException {
    Path source = Files.createDirectories(folder.resolve("source"));
    Files.writeString(source.resolve("photo.jpg"), "x");
    refused(source, "source: holds no images; expected one of", "data_batch_*.bin", "train/CLASS");
  }

  @Test
  void severalKindsAtOnceAreRefused() throws IOException {
    Path source = TestSource.writeCifar10(folder.resolve("source"), TestSource.images(3, 0), 1);
    Files.createDirectories(source.resolve("train"));
    refused(source, "several kinds of source at once");
    Files.delete(source.resolve("train"));
    Files.write(source.resolve("train.bin"), new byte[3074]);
    refused(source, "several kinds of source at once");
  }

  @Test
  void partOfARecordIsRefused() throws IOException {
    Path source = cifar();
    Path file = source.resolve("data_batch_1.bin");
    Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 6 * 3073 - 1));
    refused(
        source,
        "data_batch_1.bin: 18437 bytes are no whole number of records",
        "a multiple of 3073 for CIFAR-10");
    Files.write(file, new byte[0]);
    refused(source, "data_batch_1.bin: the file is empty");
  }

  @Test
  void labelOutOfRangeIsRefused() throws IOException {
    Path source = cifar();
    Path file = source.resolve("data_batch_1.bin");
    byte[] records = Files.readAllBytes(file);
    records[4 * 3073] = 3;
    Files.write(file, records);
    refused(source, "data_batch_1.bin, record 4: label is 3, expected 0 to 2");
    records[2 * 3073] = (byte) 200;
    Files.write(file, records);
    refused(source, "record 2: label is 200", "(and 1 more images are no good)");
  }

  @Test
  void missingFilesOfCifarAreNamed() throws IOException {
    Path source = cifar();
    Files.delete(source.resolve("batches.meta.txt"));
    refused(source, "batches.meta.txt is missing");
    Files.writeString(source.resolve("batches.meta.txt"), "ant\nant\n");
    refused(source, "class name 'ant' is blank or there twice");
    Files.writeString(source.resolve("batches.meta.txt"), "\n");
    refused(source, "there are no class names");
    Files.delete(source.resolve("data_batch_1.bin"));
    refused(source, "no train split");
  }

  @Test
  void coarseLabelsAreRefusedForOtherSources() throws IOException {
    PrepareOptions options =
        PrepareOptions.defaults(cifar().toString(), folder.resolve("out").toString());
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> new Prepare(spark).run(options.withCoarseLabels(true)));
    assertTrue(e.getMessage().contains("only CIFAR-100 has them"), e.getMessage());
  }

  @Test
  void imageThatDoesNotDecodeIsRefused() throws IOException {
    Path source = classFolders();
    Files.writeString(source.resolve("train/bee/x.png"), "no image");
    refused(source, "train/bee/x.png: neither a JPEG nor a PNG image");
    byte[] png = Files.readAllBytes(source.resolve("train/ant/0.png"));
    Files.write(source.resolve("train/bee/x.png"), Arrays.copyOf(png, png.length / 2));
    refused(source, "train/bee/x.png: the image does not decode", "is the file complete?");
    Files.write(source.resolve("train/bee/x.png"), new byte[0]);
    refused(source, "train/bee/x.png: the file is empty");
  }

  @Test
  void imageOfAnotherSizeIsRefused() throws IOException {
    Path source = classFolders();
    TestSource.writeImage(
        source.resolve("train/ant/a.png"),
        "png",
        TestSource.image(TestSource.pixels(1, 16 * 8 * 3), 16, 8));
    refused(source, "train/ant/a.png: the image is 16x8x3, expected 32x32x3 as most images have");
  }

  @Test
  void misplacedFilesOfClassFoldersAreRefused() throws IOException {
    Path source = classFolders();
    Path stray = Files.writeString(source.resolve("train/readme.txt"), "x");
    refused(source, "train/readme.txt: lies in no class folder");
    Files.delete(stray);
    Path nested = Files.createDirectories(source.resolve("train/ant/more"));
    refused(source, "train/ant/more: a folder within a class folder");
    Files.delete(nested);
    Path unfilled = Files.createDirectories(source.resolve("train/dog"));
    refused(source, "train/dog: the class has no images");
    Files.delete(unfilled);
    Path other = source.resolve("test/dog/x.png");
    Files.createDirectories(other.getParent());
    Files.copy(source.resolve("train/ant/0.png"), other);
    refused(source, "test: class 'dog' has no folder in", "/train");
  }

  @Test
  void splitsWithoutClassFoldersAreRefused() throws IOException {
    Path source = Files.createDirectories(folder.resolve("source/train")).getParent();
    refused(source, "train: no class folders");
    Path onlyTest = Files.createDirectories(folder.resolve("other/test")).getParent();
    refused(onlyTest, "other: holds no images; expected one of");
  }

  @Test
  void hiddenFilesAreIgnored() throws IOException {
    Path source = classFolders();
    Files.writeString(source.resolve(".DS_Store"), "x");
    Files.writeString(source.resolve("train/.DS_Store"), "x");
    Files.writeString(source.resolve("train/ant/.DS_Store"), "x");
    assertEquals(9, prepare(source, Existing.REFUSE).images());
  }

  @Test
  void classOfTestAloneIsRefused() throws IOException {
    List<TestImage> images = new ArrayList<>(TestSource.images(2, 0));
    images.add(new TestImage(Split.TEST, 2, images.get(0).pixels()));
    Path source = TestSource.writeCifar10(folder.resolve("source"), images, 1);
    refused(source, "class 'cat' has test images but no training images");
  }

  @Test
  void fileThatIsNoArchiveIsRefused() throws IOException {
    refused(Files.writeString(folder.resolve("a.txt"), "text"), "a.txt: a file that is no gzip");
  }

  @Test
  void damagedArchiveIsRefused() throws IOException {
    Path archive = TestSource.writeArchive(folder.resolve("a.tar.gz"), cifar(), "c/");
    byte[] whole = Files.readAllBytes(archive);
    Files.write(archive, Arrays.copyOf(whole, whole.length / 2));
    refused(archive, "a.tar.gz: no readable tar.gz archive", "is it complete?");
    whole[whole.length / 2] ^= 1;
    Files.write(archive, whole);
    refused(archive, "a.tar.gz: no readable tar.gz archive");
  }

  @Test
  void archiveWithoutImagesIsRefused() throws IOException {
    Path archive =
        TestSource.writeArchive(
            folder.resolve("a.tgz"), tar -> TestSource.addEntry(tar, "x.txt", new byte[3]));
    refused(archive, "a.tgz: holds no images; expected one of");
  }

  @Test
  void entriesThatPointOutsideAreRefused() throws IOException {
    for (String name : List.of("../data_batch_1.bin", "/etc/x", "c/../../x", "c\\..\\x")) {
      Path archive =
          TestSource.writeArchive(
              folder.resolve("a.tgz"), tar -> TestSource.addEntry(tar, name, new byte[3]));
      refused(archive, "a.tgz: entry '" + name + "' points outside");
    }
    for (byte type : new byte[] {TarConstants.LF_SYMLINK, TarConstants.LF_LINK}) {
      EntryWriter link =
          tar -> {
            TarArchiveEntry entry = new TarArchiveEntry("c/data_batch_1.bin", type);
            entry.setLinkName("../../x");
            tar.putArchiveEntry(entry);
            tar.closeArchiveEntry();
          };
      Path archive = TestSource.writeArchive(folder.resolve("a.tgz"), link);
      refused(archive, "a.tgz: entry 'c/data_batch_1.bin' is a link or a device");
    }
  }

  @Test
  void archivesOwnFilesAreChecked() throws IOException {
    Path source = cifar();
    Path file = source.resolve("test_batch.bin");
    byte[] records = Files.readAllBytes(file);
    records[3073] = 77;
    Files.write(file, records);
    Path archive = TestSource.writeArchive(folder.resolve("a.tgz"), source, "c/");
    refused(archive, "a.tgz, entry test_batch.bin, record 1: label is 77");
    Files.write(file, new byte[5]);
    refused(
        TestSource.writeArchive(archive, source, "c/"),
        "a.tgz, entry test_batch.bin: 5 bytes are no whole number of records");
    EntryWriter twice =
        tar -> {
          TestSource.addEntry(tar, "a/data_batch_1.bin", new byte[3073]);
          TestSource.addEntry(tar, "b/data_batch_1.bin", new byte[3073]);
        };
    refused(TestSource.writeArchive(archive, twice), "holds two files named data_batch_1.bin");
  }

  @Test
  void appendedSourceMustHaveTheSameClassesAndSize() throws IOException {
    Path source = cifar();
    prepare(source, Existing.REFUSE);
    Map<String, byte[]> before = out();
    Files.writeString(source.resolve("batches.meta.txt"), "ant\nbee\ndog\n");
    String line = refusal(source, Existing.APPEND);
    assertTrue(line.contains("classes are [ant, bee, dog], expected [ant, bee, cat]"), line);

    Path small = folder.resolve("small");
    for (String name : TestSource.CLASSES) {
      TestSource.writeImage(
          small.resolve("train/" + name + "/1.png"),
          "png",
          TestSource.image(TestSource.pixels(1, 8 * 8 * 3), 8, 8));
    }
    line = refusal(small, Existing.APPEND);
    assertTrue(line.contains("the image is 8x8x3, expected 32x32x3 as the data set"), line);
    assertEquals(before.keySet(), out().keySet());
  }

  @Test
  void appendNeedsADataSet() throws IOException {
    String line = refusal(cifar(), Existing.APPEND);
    assertTrue(line.contains("no data set to append to"), line);
    assertFalse(Files.exists(folder.resolve("out")));
  }

  @Test
  void badSourceLeavesTheOldDataSet() throws IOException {
    Path source = cifar();
    prepare(source, Existing.REFUSE);
    Map<String, byte[]> before = out();
    Path file = source.resolve("data_batch_1.bin");
    byte[] records = Files.readAllBytes(file);
    records[0] = 9;
    Files.write(file, records);
    assertTrue(refusal(source, Existing.OVERWRITE).contains("record 0: label is 9"));
    assertEquals(before.keySet(), out().keySet());
    before.forEach((name, content) -> assertTrue(Arrays.equals(content, out().get(name)), name));
  }

  @Test
  void foreignFoldersAndFilesAreNeverOverwritten() throws IOException {
    Path out = Files.createDirectories(folder.resolve("out"));
    Files.writeString(out.resolve("thesis.txt"), "x");
    for (Existing existing : List.of(Existing.REFUSE, Existing.OVERWRITE)) {
      String line = refusal(cifar(), existing);
      assertTrue(line.contains("is no data set (it holds thesis.txt)"), line);
    }
    Files.delete(out.resolve("thesis.txt"));
    Files.delete(out);
    Files.writeString(out, "x");
    String line = refusal(cifar(), Existing.OVERWRITE);
    assertTrue(line.contains("the output is a file"), line);
  }

  @Test
  void outputsThatSparkWouldExpandAreRefused() throws IOException {
    PrepareOptions options =
        PrepareOptions.defaults(cifar().toString(), folder.resolve("a[1]").toString());
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> new Prepare(spark).run(options));
    assertTrue(e.getMessage().contains("which Spark expands"), e.getMessage());
  }

  @Test
  void fileThatCannotBeReadInATaskIsSaidInOneLine() throws IOException {
    Path source = cifar();
    spark.sparkContext().hadoopConfiguration().set("fs.lost.impl", LostStore.class.getName());
    PrepareOptions options =
        PrepareOptions.defaults("lost://" + source, folder.resolve("out").toString());
    IOException e = assertThrows(IOException.class, () -> new Prepare(spark).run(options));
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    assertTrue(e.getMessage().contains("test_batch.bin: connection lost"), e.getMessage());
    assertFalse(Files.exists(folder.resolve("out")));
  }

  /** A file system that loses the connection over the test images. */
  public static final class LostStore extends RawLocalFileSystem {
    @Override
    public URI getUri() {
      return URI.create("lost:///");
    }

    @Override
    public FSDataInputStream open(org.apache.hadoop.fs.Path file, int bufferBytes)
        throws IOException {
      if (file.getName().equals("test_batch.bin")) {
        throw new IOException(file + ": connection lost");
      }
      return super.open(file, bufferBytes);
    }
  }

  private Path cifar() throws IOException {
    return TestSource.writeCifar10(folder.resolve("cifar"), TestSource.images(6, 3), 1);
  }

  private Path classFolders() throws IOException {
    return TestSource.writeClassFolders(folder.resolve("folders"), TestSource.images(6, 3));
  }

  private PrepareResult prepare(Path source, Existing existing) throws IOException {
    String out = folder.resolve("out").toString();
    return new Prepare(spark)
        .run(PrepareOptions.defaults(source.toString(), out).withExisting(existing));
  }

  private String refusal(Path source, Existing existing) {
    String line =
        assertThrows(IllegalArgumentException.class, () -> prepare(source, existing)).getMessage();
    assertEquals(1, line.lines().count(), line);
    return line;
  }

  private void refused(Path source, String... expected) {
    String line = refusal(source, Existing.REFUSE);
    for (String text : expected) {
      assertTrue(line.contains(text), "'" + line + "' lacks '" + text + "'");
    }
    assertFalse(Files.exists(folder.resolve("out")), "the output was begun");
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
