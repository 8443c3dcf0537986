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
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import org.apache.parquet.hadoop.ParquetFileReader;
import org.apache.parquet.hadoop.util.HadoopInputFile;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrepareTest {
  private static SparkSession spark;

  @TempDir Path folder;

  @BeforeAll
  static void startSpark() {
    spark = TestSpark.session();
  }

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
        assertEquals(rows(first, split), rows(result, split), other.toString());
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
      List<String> rows = rows(result, split);
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
    PrepareOptions options = PrepareOptions.defaults(source.toString(), out("0"));
    PrepareResult zero = new Prepare(spark).run(options);
    PrepareResult one =
        new Prepare(spark).run(PrepareOptions.defaults(source.toString(), out("1")).withSeed(1));
    assertEquals(zero.fingerprint(), one.fingerprint());
    assertNotEquals(rows(zero, Split.TRAIN), rows(one, Split.TRAIN));

    List<TestImage> sorted = new ArrayList<>(images);
    sorted.sort((a, b) -> hash(a).compareTo(hash(b)));
    int[] places = RandomKey.of(1, Purpose.ROW_PLACE).with(0).permutation(30);
    List<String> rows = rows(one, Split.TRAIN);
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
  void equalImagesAreAllKept() throws IOException {
    List<TestImage> images = new ArrayList<>(TestSource.images(6, 0));
    images.add(images.get(2));
    images.add(images.get(2));
    PrepareResult result =
        prepare(TestSource.writeCifar10(folder.resolve("binary"), images, 3), "out");
    assertEquals(8, result.images());
    String pixels = HexFormat.of().formatHex(images.get(2).pixels());
    long found = rows(result, Split.TRAIN).stream().filter(row -> row.endsWith(pixels)).count();
    assertEquals(3, found);
  }

  @Test
  void filesAreEqualInSizeAndInTheOrderOfIds() throws IOException {
    List<TestImage> images = TestSource.images(1000, 0);
    Path source = TestSource.writeCifar10(folder.resolve("binary"), images, 1);
    PrepareResult result =
        new Prepare(spark)
            .run(
                PrepareOptions.defaults(source.toString(), out("out"))
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
          spark
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
    assertEquals(1000, result.dataset().rows(spark, Split.TRAIN).count());
  }

  @Test
  void parquetFilesHaveTheSchema() throws IOException {
    Path source = TestSource.writeCifar10(folder.resolve("binary"), TestSource.images(3, 0), 1);
    PrepareResult result = prepare(source, "out");
    Path file;
    try (var list = Files.list(folder.resolve("out/parts/1/train"))) {
      file = list.filter(name -> name.toString().endsWith(".gz.parquet")).findFirst().get();
    }
    HadoopInputFile input =
        HadoopInputFile.fromPath(
            new org.apache.hadoop.fs.Path(file.toString()),
            spark.sparkContext().hadoopConfiguration());
    try (ParquetFileReader reader = ParquetFileReader.open(input)) {
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
              "}"),
          schema.lines().toList());
    }
    assertEquals(result.dataset().folders(Split.TRAIN).get(0).getName(), "train");
  }

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
    List<String> rows = rows(result, Split.TRAIN);
    for (int id = 0; id < 20; id++) {
      assertTrue(rows.get(id).startsWith(id + " "));
    }
    assertEquals(withoutIds(rows(expected, Split.TRAIN)), withoutIds(rows));
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
    for (String row : rows(result, Split.TRAIN)) {
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
    assertEquals(List.of("3"), names("out/parts"));
    assertEquals(result.dataset(), open("out"));
  }

  @Test
  void existingDataSetIsKept() throws IOException {
    Path source = TestSource.writeCifar10(folder.resolve("s"), TestSource.images(6, 0), 1);
    PrepareResult first = prepare(source, "out");
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> prepare(source, "out"));
    assertTrue(e.getMessage().contains("a data set exists already"), e.getMessage());
    assertEquals(first.dataset(), open("out"));
  }

  @Test
  void leftoversOfAnInterruptedRunAreRemoved() throws IOException {
    Path source = TestSource.writeCifar10(folder.resolve("s"), TestSource.images(6, 0), 1);
    Files.createDirectories(folder.resolve("out/parts/1/train/_temporary"));
    Files.writeString(folder.resolve("out/parts/1/train/x.parquet"), "half");
    prepare(source, "out");
    assertEquals(6, open("out").rows(spark, Split.TRAIN).count());
    Files.createDirectories(folder.resolve("out/parts/7/train"));
    prepare(source, "out", Existing.APPEND);
    assertEquals(List.of("1", "2"), names("out/parts"));
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
    for (String row : rows(fine, Split.TEST)) {
      String[] fields = row.split(" ");
      assertEquals(100 + Integer.parseInt(fields[1]), HexFormat.fromHexDigits(fields[3], 0, 2));
    }
    PrepareResult coarse =
        new Prepare(spark)
            .run(PrepareOptions.defaults(folder.toString(), out("coarse")).withCoarseLabels(true));
    assertEquals(List.of("x", "y"), coarse.dataset().classNames());
    assertEquals(List.of(2L, 2L), coarse.part().counts(Split.TRAIN).imagesPerClass());
  }

  @Test
  void generatedShapesArePrepared() throws IOException {
    Storage storage = new Storage(spark.sparkContext().hadoopConfiguration());
    Path source = folder.resolve("shapes");
    new ShapesGenerator(3, 50, 20).write(storage, source.toString());
    PrepareResult result = prepare(source, "out");
    assertEquals(ShapesGenerator.classNames(), result.dataset().classNames());
    assertEquals(Collections.nCopies(10, 5L), result.part().counts(Split.TRAIN).imagesPerClass());
    assertEquals(Collections.nCopies(10, 2L), result.part().counts(Split.TEST).imagesPerClass());
  }

  @Test
  void missingDataSetIsSaid() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> open("nothing"));
    assertTrue(e.getMessage().contains("no data set here"), e.getMessage());
  }

  @Test
  void missingSplitIsSaid() throws IOException {
    Path source = TestSource.writeCifar10(folder.resolve("s"), TestSource.images(6, 0), 1);
    PrepareResult result = prepare(source, "out");
    assertFalse(Files.exists(folder.resolve("out/parts/1/test")));
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class, () -> result.dataset().rows(spark, Split.TEST));
    assertTrue(e.getMessage().endsWith("the data set has no test images"), e.getMessage());
  }

  private PrepareResult prepare(Path source, String out) throws IOException {
    return prepare(source, out, Existing.REFUSE);
  }

  private PrepareResult prepare(Path source, String out, Existing existing) throws IOException {
    return new Prepare(spark)
        .run(PrepareOptions.defaults(source.toString(), out(out)).withExisting(existing));
  }

  private String out(String name) {
    return folder.resolve(name).toString();
  }

  private ImageDataset open(String name) throws IOException {
    return ImageDataset.open(out(name), spark.sparkContext().hadoopConfiguration());
  }

  private List<String> names(String sub) throws IOException {
    try (var files = Files.list(folder.resolve(sub))) {
      return files.map(file -> file.getFileName().toString()).sorted().toList();
    }
  }

  /** Each row as text, by id; checked against the committed state by opening it anew. */
  private static List<String> rows(PrepareResult result, Split split) throws IOException {
    ImageDataset dataset =
        ImageDataset.open(
            result.dataset().folder().toString(), spark.sparkContext().hadoopConfiguration());
    assertEquals(result.dataset(), dataset);
    List<String> texts = new ArrayList<>();
    for (Row row : dataset.rows(spark, split).orderBy("id").collectAsList()) {
      ImageSize size = new ImageSize(row.getInt(2), row.getInt(3), row.getInt(4));
      byte[] pixels = row.getAs(5);
      texts.add(
          row.getLong(0)
              + " "
              + row.getInt(1)
              + " "
              + size
              + " "
              + HexFormat.of().formatHex(pixels));
    }
    assertEquals(dataset.images(split), texts.size());
    return texts;
  }

  private static List<String> withoutIds(List<String> rows) {
    List<String> contents = new ArrayList<>();
    for (String row : rows) {
      contents.add(row.substring(row.indexOf(' ') + 1));
    }
    Collections.sort(contents);
    return contents;
  }
}
