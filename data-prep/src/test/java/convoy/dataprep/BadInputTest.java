package convoy.dataprep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.dataprep.PrepareOptions.Existing;
import convoy.dataprep.TestSource.TestImage;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.apache.hadoop.fs.FSDataInputStream;
import org.apache.hadoop.fs.RawLocalFileSystem;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each bad source gets one line that names it, and no output is begun. */
class BadInputTest {
  @TempDir Path folder;

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
            IllegalArgumentException.class, () -> TestPrepare.run(options.withCoarseLabels(true)));
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
    assertEquals(9, TestPrepare.run(source, folder.resolve("out"), Existing.REFUSE).images());
  }

  @Test
  void classOfTestAloneIsRefused() throws IOException {
    List<TestImage> images = new ArrayList<>(TestSource.images(2, 0));
    images.add(new TestImage(Split.TEST, 2, images.get(0).pixels()));
    Path source = TestSource.writeCifar10(folder.resolve("source"), images, 1);
    refused(source, "class 'cat' has test images but no training images");
  }

  @Test
  void fileThatCannotBeReadInATaskIsSaidInOneLine() throws IOException {
    Path source = cifar();
    TestSpark.session()
        .sparkContext()
        .hadoopConfiguration()
        .set("fs.lost.impl", LostStore.class.getName());
    PrepareOptions options =
        PrepareOptions.defaults("lost://" + source, folder.resolve("out").toString());
    IOException e = assertThrows(IOException.class, () -> TestPrepare.run(options));
    assertEquals(1, e.getMessage().lines().count(), e.getMessage());
    assertTrue(e.getMessage().contains("test_batch.bin: connection lost"), e.getMessage());
    assertFalse(Files.exists(folder.resolve("out")));
  }

  private Path cifar() throws IOException {
    return TestSource.writeCifar10(folder.resolve("cifar"), TestSource.images(6, 3), 1);
  }

  private Path classFolders() throws IOException {
    return TestSource.writeClassFolders(folder.resolve("folders"), TestSource.images(6, 3));
  }

  private void refused(Path source, String... expected) {
    TestPrepare.refused(source, folder.resolve("out"), expected);
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
}
