package convoy.sharding;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;
import static org.apache.spark.sql.functions.lit;
import static org.apache.spark.sql.functions.when;
import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.averaging.TestData;
import convoy.averaging.TestSpark;
import convoy.dataprep.ContentHash;
import convoy.dataprep.ImageDataset;
import convoy.dataprep.Prepare;
import convoy.dataprep.PrepareOptions;
import convoy.dataprep.Split;
import convoy.engine.data.Shard;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.apache.spark.SparkException;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.sql.Column;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;
import org.junit.jupiter.api.io.TempDir;

class ShardedDatasetTest {
  private static final double FRACTION = 0.25;
  private static final int IMAGES = 61;

  @TempDir private static Path shared;

  private static SparkSession spark;
  private static ImageDataset dataset;

  /** The rows in the order of ids. */
  private static List<Row> rows;

  @TempDir private Path temporary;

  @BeforeAll
  static void prepare() throws Exception {
    spark = TestSpark.local(2);
    dataset = TestData.dataset(spark, shared, 3, IMAGES, 6);
    rows = dataset.rows(spark, Split.TRAIN).orderBy("id").collectAsList();
  }

  @Test
  void imagesAreDealtOutInTheOrderOfIds() {
    for (int shards : new int[] {1, 4, 7}) {
      List<ReplicaData> loaded = load(dataset, shards);
      assertEquals(shards, loaded.size());
      int training = 0;
      int validation = 0;
      for (Row row : rows) {
        boolean isValidation = isValidation(row);
        int rank = isValidation ? validation++ : training++;
        ReplicaData replica = loaded.get(rank % shards);
        Shard shard = isValidation ? replica.validation() : replica.training();
        assertImage(row, shard, rank / shards);
      }
      assertTrue(validation > 5 && training > 30, validation + " and " + training);
      assertSizes(loaded, training, validation);
    }
  }

  @Test
  void laterDealsAreRandomOrdersOfTheSameTrainingImages() {
    List<ReplicaData> first = load(dataset, 4);
    Set<List<Integer>> labels = new HashSet<>();
    labels.add(labels(first));
    try (ShardedDataset sharded =
        ShardedDataset.load(spark, dataset, 4, FRACTION, TrainingRows.ALL)) {
      for (Deal deal : List.of(new Deal(1, 1), new Deal(1, 2), new Deal(2, 1))) {
        sharded.deal(new Deal(1, 0));
        sharded.deal(deal);
        List<ReplicaData> dealt = sharded.shards().collect();
        assertTrue(labels.add(labels(dealt)), "an order of its own");
        for (int shard = 0; shard < 4; shard++) {
          assertEquals(first.get(shard).training().size(), dealt.get(shard).training().size());
          assertShard(first.get(shard).validation(), dealt.get(shard).validation());
        }
        assertEquals(
            pixels(first.stream().map(ReplicaData::training).toList()),
            pixels(dealt.stream().map(ReplicaData::training).toList()));
      }
      sharded.deal(new Deal(1, 0));
      assertEquals(labels(first), labels(sharded.shards().collect()), "as in the beginning");
    }
  }

  @Test
  void aDealReplacesTheShardsOfBefore() {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    int before = context.getPersistentRDDs().size();
    try (ShardedDataset sharded =
        ShardedDataset.load(spark, dataset, 4, FRACTION, TrainingRows.ALL)) {
      JavaRDD<ReplicaData> first = sharded.shards();
      sharded.deal(new Deal(1, 0));
      assertSame(first, sharded.shards());
      sharded.deal(new Deal(1, 1));
      sharded.shards().count();
      assertEquals(before + 1, context.getPersistentRDDs().size());
      String lineage = sharded.shards().toDebugString();
      assertFalse(lineage.contains("[" + first.id() + "]"), lineage);
    }
    assertEquals(before, context.getPersistentRDDs().size());
  }

  private static List<Integer> labels(List<ReplicaData> replicas) {
    return replicas.stream()
        .flatMapToInt(replica -> Arrays.stream(replica.training().labels()))
        .boxed()
        .toList();
  }

  @Test
  void shardsDifferByOneImageAtMost() {
    for (int shards : new int[] {2, 5, 11}) {
      for (boolean training : new boolean[] {true, false}) {
        int[] sizes =
            load(dataset, shards).stream()
                .map(replica -> training ? replica.training() : replica.validation())
                .mapToInt(Shard::size)
                .toArray();
        assertTrue(Arrays.stream(sizes).max().getAsInt() - sizes[shards - 1] <= 1);
        assertEquals(sizes[0], Arrays.stream(sizes).max().getAsInt());
      }
    }
  }

  @Test
  void numberOfFilesDoesNotMatter() throws Exception {
    List<ReplicaData> expected = load(dataset, 4);
    for (int files : new int[] {3, 8}) {
      Path copy = temporary.resolve("files" + files);
      ImageDataset scattered = TestData.inFiles(spark, dataset, copy, Split.TRAIN, files);
      assertEquals(files, scattered.rows(spark, Split.TRAIN).inputFiles().length);
      List<ReplicaData> actual = load(scattered, 4);
      for (int shard = 0; shard < 4; shard++) {
        assertShard(expected.get(shard).training(), actual.get(shard).training());
        assertShard(expected.get(shard).validation(), actual.get(shard).validation());
      }
    }
  }

  @Test
  void withoutFractionThereAreNoValidationImages() {
    try (ShardedDataset sharded = ShardedDataset.load(spark, dataset, 4, 0, TrainingRows.ALL)) {
      assertEquals(IMAGES, sharded.trainingImages());
      assertEquals(0, sharded.validationImages());
      assertEquals(16, sharded.largestShard());
      assertEquals(0, sharded.shards().collect().get(3).validation().size());
    }
  }

  @Test
  void imagesKeepTheirSideWhenDataGrow() throws Exception {
    Path source = TestData.source(temporary.resolve("first"), 21, 40, 3);
    Path more = TestData.source(temporary.resolve("more"), 22, 30, 3);
    String out = temporary.resolve("out").toString();
    Prepare prepare = new Prepare(spark);
    ImageDataset before = prepare.run(PrepareOptions.defaults(source.toString(), out)).dataset();
    Sides old = sides(before);
    ImageDataset after =
        prepare
            .run(
                PrepareOptions.defaults(more.toString(), out)
                    .withExisting(PrepareOptions.Existing.APPEND))
            .dataset();
    Sides grown = sides(after);
    assertEquals(40, old.training().size() + old.validation().size());
    assertEquals(70, grown.training().size() + grown.validation().size());
    assertTrue(grown.training().containsAll(old.training()));
    assertTrue(grown.validation().containsAll(old.validation()));
    assertTrue(grown.validation().size() > old.validation().size());
  }

  @Test
  void dataOfManyPartsIsRead() {
    // Beyond 32 folders Spark would list them by a job whose own classes nobody registered.
    String folder = dataset.folders(Split.TRAIN).get(0).toString();
    String[] folders = Collections.nCopies(40, folder).toArray(String[]::new);
    assertEquals(40 * IMAGES, spark.read().schema(ImageDataset.SCHEMA).parquet(folders).count());
  }

  @Test
  void fewerImagesThanShardsAreRefused() {
    String message = refusal(() -> load(dataset, IMAGES));
    assertTrue(message.contains("training images for 61 shards"), message);
    assertTrue(message.contains("lower shards or validationFraction"), message);
  }

  @Test
  void aRowWithoutLabelIsNamed() throws Exception {
    assertRefused("image 17 has no label", changed("label", forId(17, lit(null))));
  }

  @Test
  void aLabelThatIsNoClassIsNamed() throws Exception {
    assertRefused("image 17 has label 3, wanted 0 to 2", changed("label", forId(17, lit(3))));
    assertRefused("image 18 has label -1", changed("label", forId(18, lit(-1))));
  }

  @Test
  void anImageOfAnotherSizeIsNamed() throws Exception {
    Column shorter = expr("substring(image, 1, 3000)");
    assertRefused(
        "image 17 has 3000 bytes, wanted 3072 for 32x32x3", changed("image", forId(17, shorter)));
  }

  @Test
  void wrongIdsAreNamed() throws Exception {
    assertRefused("there is an image 61", changed("id", forId(17, lit(61L))));
    assertRefused("there is an image -1", changed("id", forId(0, lit(-1L))));
    // One shard has an image twice, another lacks one; whichever task comes first says so.
    assertRefused("data set", changed("id", forId(17, lit(18L))));
  }

  @Test
  void aMissingRowIsNoticed() throws Exception {
    assertRefused(
        "the data set does not hold the images", rows -> rows.filter(col("id").notEqual(60)));
  }

  private static UnaryOperator<Dataset<Row>> changed(String column, Column value) {
    return rows -> rows.withColumn(column, value.otherwise(col(column)).as(column));
  }

  /** {@code value} in the row with {@code id}; the columns of other rows stay. */
  private static Column forId(long id, Column value) {
    return when(col("id").equalTo(id), value);
  }

  private void assertRefused(String part, UnaryOperator<Dataset<Row>> change) throws Exception {
    Path copy = temporary.resolve("changed" + part.hashCode());
    ImageDataset bad = TestData.changed(spark, dataset, copy, Split.TRAIN, change);
    String message = refusal(() -> load(bad, 4));
    assertTrue(message.contains(part), message);
    assertEquals(1, message.lines().count());
  }

  /** The message of what {@code load} or one of its tasks threw. */
  private static String refusal(Executable load) {
    Throwable thrown = assertThrows(Exception.class, load);
    while (thrown instanceof SparkException && thrown.getCause() != null) {
      thrown = thrown.getCause();
    }
    assertEquals(IllegalArgumentException.class, thrown.getClass(), thrown.toString());
    return thrown.getMessage();
  }

  private static List<ReplicaData> load(ImageDataset dataset, int shards) {
    try (ShardedDataset sharded =
        ShardedDataset.load(spark, dataset, shards, FRACTION, TrainingRows.ALL)) {
      return sharded.shards().collect();
    }
  }

  private static void assertSizes(List<ReplicaData> loaded, int training, int validation) {
    assertEquals(training, loaded.stream().mapToInt(r -> r.training().size()).sum());
    assertEquals(validation, loaded.stream().mapToInt(r -> r.validation().size()).sum());
  }

  private static boolean isValidation(Row row) {
    String name = dataset.classNames().get(row.<Integer>getAs("label"));
    byte[] hash = ContentHash.of(name, dataset.imageSize(), row.getAs("image"));
    return ContentHash.isValidation(hash, FRACTION);
  }

  private static void assertImage(Row row, Shard shard, int place) {
    assertEquals(row.<Integer>getAs("label"), shard.labels()[place]);
    int size = shard.image().imageSize();
    assertArrayEquals(
        row.<byte[]>getAs("image"),
        Arrays.copyOfRange(shard.pixels(), place * size, (place + 1) * size));
  }

  private static void assertShard(Shard expected, Shard actual) {
    assertArrayEquals(expected.labels(), actual.labels());
    assertArrayEquals(expected.pixels(), actual.pixels());
  }

  /** The pixels of all images on each side. */
  private record Sides(Set<ByteBuffer> training, Set<ByteBuffer> validation) {}

  private static Sides sides(ImageDataset dataset) {
    List<ReplicaData> replicas = load(dataset, 3);
    return new Sides(
        pixels(replicas.stream().map(ReplicaData::training).toList()),
        pixels(replicas.stream().map(ReplicaData::validation).toList()));
  }

  private static Set<ByteBuffer> pixels(List<Shard> shards) {
    List<ByteBuffer> images = new ArrayList<>();
    for (Shard shard : shards) {
      int size = shard.image().imageSize();
      for (int i = 0; i < shard.size(); i++) {
        images.add(ByteBuffer.wrap(shard.pixels(), i * size, size).slice());
      }
    }
    return new HashSet<>(images);
  }
}
