package convoy.dataprep;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.dataprep.PrepareOptions.Compression;
import convoy.dataprep.PrepareOptions.Existing;
import convoy.dataprep.TestSource.TestImage;
import convoy.engine.random.RandomKey;
import convoy.engine.random.RandomKey.Purpose;
import convoy.storage.Storage;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.SparkConf;
import org.apache.spark.sql.Row;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrepareTest {
  @TempDir Path folder;

  @Test
  void allFormsOfASourceGiveTheSameRows() throws IOException {
    List<TestImage> images = TestSource.images(40, 11);
    Path binary = TestSource.writeCifar10(folder.resolve("binary"), images, 1);
    List<TestImage> reversed = new ArrayList<>(images);
    Collections.reverse(reversed);
    Path scattered = TestSource.writeCifar10(folder.resolve("scattered"), reversed, 3);
    Path archive =
        TestSource.writeArchive(folder.resolve("c.tar.gz"), scattered, "cifar-10-batches-bin/");
    Path folders = TestSource.writeClassFolders(folder.resolve("folders"), images);

    PrepareResult first = prepare(binary, "1");
    assertEquals(51, first.images());
    assertEquals(3, first.classes());
    for (Path other : List.of(scattered, archive, folders)) {
      PrepareResult result = prepare(other, "2-" + other.getFileName());
      assertEquals(first.fingerprint(), result.fingerprint(), other.toString());
      for (Split split : Split.values()) {
        assertEquals(
            TestPrepare.rows(first, split), TestPrepare.rows(result, split), other.toString());
      }
      DatasetManifest manifest = result.dataset().manifest();
      assertEquals(first.dataset().manifest().channelMeans(), manifest.channelMeans());
    }
  }

  @Test
  void rowsHoldWhatTheSourceHeld() throws IOException {
    List<TestImage> images = TestSource.images(7, 3);
    PrepareResult result =
        prepare(TestSource.writeCifar10(folder.resolve("binary"), images, 2), "out");
    for (Split split : Split.values()) {
      List<String> expected = new ArrayList<>();
      for (TestImage image : images) {
        if (image.split() == split) {
          expected.add(image.label() + " 32x32x3 " + HexFormat.of().formatHex(image.pixels()));
        }
      }
      List<String> got = new ArrayList<>();
      List<String> rows = TestPrepare.rows(result, split);
      for (int i = 0; i < rows.size(); i++) {
        String id = i + " ";
        assertTrue(rows.get(i).startsWith(id), rows.get(i).substring(0, 20));
        got.add(rows.get(i).substring(id.length()));
      }
      Collections.sort(expected);
      Collections.sort(got);
      assertEquals(expected, got);
    }
  }

  @Test
  void fingerprintAndChannelStatisticsAreThoseOfTheImages() throws IOException {
    List<TestImage> images = TestSource.images(6, 3);
    PrepareResult result =
        prepare(TestSource.writeCifar10(folder.resolve("binary"), images, 1), "out");
    Fingerprint expected = Fingerprint.ZERO;
    double[] sums = new double[3];
    double[] squares = new double[3];
    for (TestImage image : images) {
      String name = TestSource.CLASSES.get(image.label());
      expected =
          expected.plus(Fingerprint.ofRow(image.split(), name, CifarLayout.SIZE, image.pixels()));
      for (int i = 0; i < image.pixels().length && image.split() == Split.TRAIN; i++) {
        int value = image.pixels()[i] & 0xFF;
        sums[i % 3] += value;
        squares[i % 3] += value * value;
      }
    }
    assertEquals(expected, result.fingerprint());
    DatasetManifest manifest = result.dataset().manifest();
    for (int c = 0; c < 3; c++) {
      double mean = sums[c] / (6 * 1024);
      double deviation = Math.sqrt(squares[c] / (6 * 1024) - mean * mean);
      assertEquals(mean, manifest.channelMeans().get(c), 1e-9);
      assertEquals(deviation, manifest.channelStandardDeviations().get(c), 1e-9);
    }
  }

  @Test
  void idsAreThePermutedOrderOfHashesWhateverTheSeed() throws IOException {
    List<TestImage> images = TestSource.images(30, 0);
    Path source = TestSource.writeCifar10(folder.resolve("binary"), images, 1);
    PrepareOptions options =
        PrepareOptions.defaults(source.toString(), folder.resolve("0").toString());
    PrepareResult zero = TestPrepare.run(options);
    PrepareResult one =
        TestPrepare.run(
            PrepareOptions.defaults(source.toString(), folder.resolve("1").toString()).withSeed(1));
    assertEquals(zero.fingerprint(), one.fingerprint());
    assertNotEquals(TestPrepare.rows(zero, Split.TRAIN), TestPrepare.rows(one, Split.TRAIN));

    List<TestImage> sorted = new ArrayList<>(images);
    sorted.sort((a, b) -> hash(a).compareTo(hash(b)));
    int[] places = RandomKey.of(1, Purpose.ROW_PLACE).with(0).permutation(30);
    List<String> rows = TestPrepare.rows(one, Split.TRAIN);
    for (int rank = 0; rank < 30; rank++) {
      String pixels = HexFormat.of().formatHex(sorted.get(rank).pixels());
      assertTrue(rows.get(places[rank]).endsWith(pixels));
    }
  }

  private static BigInteger hash(TestImage image) {
    return new BigInteger(
        1, ContentHash.of(TestSource.CLASSES.get(image.label()), CifarLayout.SIZE, image.pixels()));
  }

  @Test
  void rowsHaveAnOrderOfTheirOwnWithEachSeedAndPart() throws IOException {
    List<TestImage> images = TestSource.images(30, 0);
    Path source = TestSource.writeCifar10(folder.resolve("binary"), images, 1);
    Set<String> orders = new HashSet<>();
    for (long seed : new long[] {0, 1, 0}) {
      Path out = Files.createTempDirectory(folder, "out").resolve("data");
      PrepareOptions options = PrepareOptions.defaults(source.toString(), out.toString());
      orders.add(TestPrepare.run(options.withSeed(seed)).dataset().rowOrder());
    }
    assertEquals(2, orders.size());
    PrepareResult parts = null;
    for (List<TestImage> some : List.of(images.subList(0, 10), images.subList(10, 30))) {
      Path part = TestSource.writeCifar10(folder.resolve("part" + some.size()), some, 1);
      Path out = folder.resolve("parts");
      parts = TestPrepare.run(part, out, parts == null ? Existing.REFUSE : Existing.APPEND);
    }
    assertEquals(prepare(source, "whole").fingerprint(), parts.fingerprint());
    assertTrue(orders.add(parts.dataset().rowOrder()));
  }

  @Test
  void aLocaleWithDigitsOfItsOwnChangesNothing() throws IOException {
    Path source = TestSource.writeCifar10(folder.resolve("binary"), TestSource.images(6, 2), 1);
    Locale locale = Locale.getDefault();
    Locale.setDefault(Locale.forLanguageTag("ar-EG-u-nu-arab"));
    try {
      assertEquals(8, prepare(source, "out").images());
    } finally {
      Locale.setDefault(locale);
    }
  }

  @Test
  void equalImagesAreAllKept() throws IOException {
    List<TestImage> images = new ArrayList<>(TestSource.images(6, 0));
    images.add(images.get(2));
    images.add(images.get(2));
    PrepareResult result =
        prepare(TestSource.writeCifar10(folder.resolve("binary"), images, 3), "out");
    assertEquals(8, result.images());
    String pixels = HexFormat.of().formatHex(images.get(2).pixels());
    long found =
        TestPrepare.rows(result, Split.TRAIN).stream().filter(row -> row.endsWith(pixels)).count();
    assertEquals(3, found);
  }

  @Test
  void filesAreEqualInSizeAndInTheOrderOfIds() throws IOException {
    List<TestImage> images = TestSource.images(1000, 0);
    Path source = TestSource.writeCifar10(folder.resolve("binary"), images, 1);
    PrepareResult result =
        TestPrepare.run(
            PrepareOptions.defaults(source.toString(), folder.resolve("out").toString())
                .withFileMegabytes(1)
                .withCompression(Compression.UNCOMPRESSED));
    List<Path> files;
    try (var list = Files.list(folder.resolve("out/parts/1/train"))) {
      files = list.filter(file -> file.toString().endsWith(".parquet")).sorted().toList();
    }
    assertEquals(3, files.size());
    long next = 0;
    for (Path file : files) {
      List<Row> rows =
          TestSpark.session()
              .read()
              .schema(ImageDataset.SCHEMA)
              .parquet(file.toString())
              .select("id")
              .collectAsList();
      assertTrue(rows.size() == 333 || rows.size() == 334, "rows: " + rows.size());
      for (Row row : rows) {
        assertEquals(next++, row.getLong(0));
      }
    }
    assertEquals(1000, next);
    assertEquals(1000, result.dataset().rows(TestSpark.session(), Split.TRAIN).count());
  }

  @Test
  void aSitesLimitOfRowsPerFileSplitsNone() throws IOException {
    Path source = TestSource.writeCifar10(folder.resolve("binary"), TestSource.images(6, 2), 1);
    String limit = "spark.sql.files.maxRecordsPerFile";
    SparkConf site = TestSpark.session().sparkContext().conf();
    site.set(limit, "2");
    try {
      assertEquals(8, prepare(source, "out").images());
    } finally {
      site.remove(limit);
    }
  }

  @Test
  void manyTasksCanShareAFile() throws IOException {
    List<TestImage> images = TestSource.images(1000, 0);
    prepare(TestSource.writeCifar10(folder.resolve("binary"), images, 1), "out");
    try (ParquetFileReader reader = firstFile("out/parts/1/train")) {
      // Of about a megabyte each, which are 341 images of 3,072 bytes.
      assertEquals(3, reader.getRowGroups().size());
      assertEquals(1000, reader.getRecordCount());
    }
  }

  private ParquetFileReader firstFile(String name) throws IOException {
    Path file;
    try (var list = Files.list(folder.resolve(name))) {
      file = list.filter(each -> each.toString().endsWith(".gz.parquet")).findFirst().get();
    }
    return ParquetFileReader.open(
        HadoopInputFile.fromPath(
            new org.apache.hadoop.fs.Path(file.toString()),
            TestSpark.session().sparkContext().hadoopConfiguration()));
  }

  @Test
  void parquetFilesHaveTheSchema() throws IOException {
    Path source = TestSource.writeCifar10(folder.resolve("binary"), TestSource.images(3, 0), 1);
    PrepareResult result = prepare(source, "out");
    try (ParquetFileReader reader = firstFile("out/parts/1/train")) {
      String schema = reader.getFooter().getFileMetaData().getSchema().toString();
      assertEquals(
          List.of(
              "message spark_schema {",
              "  required int64 id;",
              "  optional int32 label;",
              "  required int32 height;",
              "  required int32 width;",
              "  required int32 channels;",
              "  required binary image;",
              "  optional binary name (STRING);",
              "}"),
          schema.lines().toList());
    }
    assertEquals(result.dataset().folders(Split.TRAIN).get(0).getName(), "train");
  }

  @Test
  void imagesOfManySizesAreScaledToOne() throws IOException {
    int[][] sizes = {{1, 2}, {20, 64}, {24, 32}, {70, 10}};
    for (int i = 0; i < sizes.length; i++) {
      int height = sizes[i][0];
      int width = sizes[i][1];
      byte[] pixels = new byte[height * width * 3];
      for (int p = 0; p < height * width; p++) {
        Arrays.fill(pixels, 3 * p, 3 * p + 3, (byte) (p % width < width / 2 ? 10 : 100 + i));
      }
      Path file = folder.resolve("sizes/train/ant/" + i + ".png");
      TestSource.writeImage(file, "png", TestSource.image(pixels, height, width));
    }
    PrepareOptions options =
        PrepareOptions.defaults(
                folder.resolve("sizes").toString(), folder.resolve("out").toString())
            .withResize(ImageSize.parse("24x32"));
    PrepareResult result = TestPrepare.run(options);
    assertEquals(new ImageSize(24, 32, 3), result.dataset().imageSize());
    assertTrue(result.part().source().endsWith("sizes, scaled to 24x32x3"));
    List<Row> rows = result.dataset().rows(TestSpark.session(), Split.TRAIN).collectAsList();
    assertEquals(sizes.length, rows.size());
    for (Row row : rows) {
      int number = Integer.parseInt(row.<String>getAs("name").replaceAll("\\D", ""));
      byte[] scaled = row.getAs("image");
      assertEquals(24 * 32 * 3, scaled.length);
      for (int h = 0; h < 24; h++) {
        assertEquals(10, scaled[h * 32 * 3]);
        assertEquals(100 + number, scaled[(h * 32 + 31) * 3]);
      }
    }
  }

  @Test
  void sizesThatAreNoneAreRefused() {
    for (String size : List.of("", "224", "224x", "32x32x3", "-1x2", "0x5")) {
      assertThrows(IllegalArgumentException.class, () -> ImageSize.parse(size), size);
    }
    assertEquals(new ImageSize(8, 9, 3), ImageSize.parse("8x9"));
  }

  @Test
  void fineAndCoarseLabelsOfCifar100AreRead() throws IOException {
    Path source = Files.createDirectories(folder.resolve("cifar-100-binary"));
    byte[] records = new byte[4 * 3074];
    for (int i = 0; i < 4; i++) {
      records[i * 3074] = (byte) (i / 2);
      records[i * 3074 + 1] = (byte) i;
      records[i * 3074 + 2] = (byte) (100 + i);
    }
    Files.write(source.resolve("train.bin"), records);
    Files.write(source.resolve("test.bin"), records);
    Files.writeString(source.resolve("fine_label_names.txt"), "a\nb\nc\nd\n");
    Files.writeString(source.resolve("coarse_label_names.txt"), "x\ny\n");

    PrepareResult fine = prepare(folder, "fine");
    assertEquals(List.of("a", "b", "c", "d"), fine.dataset().classNames());
    for (String row : TestPrepare.rows(fine, Split.TEST)) {
      String[] fields = row.split(" ");
      assertEquals(100 + Integer.parseInt(fields[1]), HexFormat.fromHexDigits(fields[3], 0, 2));
    }
    PrepareResult coarse =
        TestPrepare.run(
            PrepareOptions.defaults(folder.toString(), folder.resolve("coarse").toString())
                .withCoarseLabels(true));
    assertEquals(List.of("x", "y"), coarse.dataset().classNames());
    assertEquals(List.of(2L, 2L), coarse.part().counts(Split.TRAIN).imagesPerClass());
  }

  @Test
  void generatedShapesArePrepared() throws IOException {
    Storage storage = new Storage(TestSpark.session().sparkContext().hadoopConfiguration());
    Path source = folder.resolve("shapes");
    new ShapesGenerator(3, 50, 20).write(storage, source.toString());
    PrepareResult result = prepare(source, "out");
    assertEquals(ShapesGenerator.classNames(), result.dataset().classNames());
    assertEquals(Collections.nCopies(10, 5L), result.part().counts(Split.TRAIN).imagesPerClass());
    assertEquals(Collections.nCopies(10, 2L), result.part().counts(Split.TEST).imagesPerClass());
  }

  @Test
  void missingSplitIsSaid() throws IOException {
    Path source = TestSource.writeCifar10(folder.resolve("s"), TestSource.images(6, 0), 1);
    PrepareResult result = prepare(source, "out");
    assertFalse(Files.exists(folder.resolve("out/parts/1/test")));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> result.dataset().rows(TestSpark.session(), Split.TEST));
    assertTrue(e.getMessage().endsWith("the data set has no test images"), e.getMessage());
  }

  private PrepareResult prepare(Path source, String out) throws IOException {
    return prepare(source, out, Existing.REFUSE);
  }

  private PrepareResult prepare(Path source, String out, Existing existing) throws IOException {
    return TestPrepare.run(source, folder.resolve(out), existing);
  }
}
