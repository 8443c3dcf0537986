package convoy.sharding;

import convoy.cluster.IndexPartitioner;
import convoy.dataprep.ImageDataset;
import convoy.dataprep.ImageSize;
import convoy.dataprep.Split;
import convoy.engine.data.Shard;
import convoy.engine.tensor.Shape;
import convoy.engine.training.StepRange;
import java.io.Serializable;
import java.util.Iterator;
import java.util.List;
import org.apache.spark.api.java.JavaRDD;
import org.apache.spark.api.java.JavaSparkContext;
import org.apache.spark.broadcast.Broadcast;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import scala.Tuple2;

/**
 * The training split of a data set, divided into training and validation images by their content,
 * each of them divided into logical shards that the executors keep.
 *
 * <p>The r-th training image in the order of ids belongs to shard r mod shards, at place r div
 * shards; validation images alike. In a later {@link Deal} r is the image's place in another order.
 * So a shard's bits depend on data and settings alone, and shards differ by one image at most.
 */
public final class ShardedDataset implements AutoCloseable {
  private final JavaRDD<LabelledImage> rows;
  private final Broadcast<RowUse> use;
  private final Counts counts;
  private final Shape image;
  private Deal deal;
  private JavaRDD<ReplicaData> shards;

  /** How many images the shards hold in all. */
  private record Counts(long training, long validation, long all, int shards)
      implements Serializable {
    /** Images of {@code shard} if {@code images} are dealt out to all shards in turn. */
    int ofShard(long images, int shard) {
      return Math.toIntExact((images - shard + shards - 1) / shards);
    }
  }

  private ShardedDataset(
      JavaRDD<LabelledImage> rows, Broadcast<RowUse> use, Counts counts, Shape image) {
    this.rows = rows;
    this.use = use;
    this.counts = counts;
    this.image = image;
    deal = new Deal(0, 0);
    shards = dealt(deal);
  }

  /**
   * Divides the training split of {@code dataset} into {@code shards} shards.
   *
   * @param validationFraction share of the images that is kept for validation
   * @param training which of the others are trained on
   * @throws IllegalArgumentException if there are fewer training images than shards, or if a shard
   *     is too large for one array; so do the tasks if a row has no label, or another size than the
   *     data set's, or if the ids are not 0, 1, 2, ...
   */
  public static ShardedDataset load(
      SparkSession spark,
      ImageDataset dataset,
      int shards,
      double validationFraction,
      TrainingRows training) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(spark.sparkContext());
    ImageSize size = dataset.imageSize();
    LabelledImage.Reader reader = LabelledImage.Reader.of(dataset);
    JavaRDD<LabelledImage> rows =
        dataset.rows(spark, Split.TRAIN).toJavaRDD().map(row -> reader.read(row));
    try {
      context.setCallSite("choose the validation images");
      HeldOut heldOut = HeldOut.of(dataset, validationFraction);
      RowUse use =
          RowUse.together(
              rows.mapPartitions(part -> List.of(RowUse.of(part, heldOut, training)).iterator())
                  .collect());
      long images = dataset.images(Split.TRAIN);
      long validation = use.validation().length;
      Counts counts =
          new Counts(images - validation - use.unused().length, validation, images, shards);
      check(counts.training(), counts.validation(), shards, size);
      return new ShardedDataset(rows, context.broadcast(use), counts, shape(size));
    } finally {
      context.clearCallSite();
    }
  }

  /**
   * Checks that images can be divided so.
   *
   * @throws IllegalArgumentException if a shard would have none, or more than an array holds
   */
  public static void check(long training, long validation, int shards, ImageSize size) {
    if (training < shards) {
      throw new IllegalArgumentException(
          "there are "
              + training
              + " training images for "
              + shards
              + " shards, wanted at least one for each: lower shards or validationFraction");
    }
    int largest = Shard.largestSize(shape(size));
    long images = Math.max(training, validation) / shards + 1;
    if (images > largest) {
      throw new IllegalArgumentException(
          images
              + " images a shard: a shard holds at most "
              + largest
              + " images of "
              + size
              + ": raise shards");
    }
  }

  /**
   * Deals the training images out anew. The executors may drop the shards of before, which the new
   * ones do not depend on; they read the new ones when these are asked for.
   *
   * @param next which shard each of them belongs to from now on; nothing happens if it is so
   */
  public void deal(Deal next) {
    if (next.number() != deal.number()) {
      drop();
      deal = next;
      shards = dealt(next);
    }
  }

  /** Lets the executors drop the shards, and the files by which they were sorted out. */
  private void drop() {
    shards.unpersist(false);
    shards.rdd().cleanShuffleDependencies(false);
  }

  private JavaRDD<ReplicaData> dealt(Deal deal) {
    JavaSparkContext context = JavaSparkContext.fromSparkContext(rows.context());
    context.setCallSite("read the shards");
    JavaRDD<ReplicaData> dealt = divide(rows, use, counts, deal, image);
    context.clearCallSite();
    return dealt.setName("shards").persist(StorageLevel.MEMORY_AND_DISK());
  }

  private static JavaRDD<ReplicaData> divide(
      JavaRDD<LabelledImage> rows, Broadcast<RowUse> use, Counts counts, Deal deal, Shape image) {
    return rows.filter(row -> !use.value().isUnused(row.id()))
        .mapToPair(row -> placed(row, use.value(), counts, deal))
        .partitionBy(new IndexPartitioner(counts.shards()))
        .mapPartitionsWithIndex(
            (shard, part) -> List.of(packed(shard, counts, image, part)).iterator(), false);
  }

  private static Tuple2<Integer, ImageRow> placed(
      LabelledImage row, RowUse use, Counts counts, Deal deal) {
    long id = row.id();
    if (id < 0 || id >= counts.all()) {
      throw new IllegalArgumentException(
          "there is an image "
              + id
              + ", dataset.json counts "
              + counts.all()
              + ", numbered from 0");
    }
    boolean validation = use.isValidation(id);
    long rank = use.rank(id);
    long place = validation ? rank : deal.place(rank, counts.training());
    int position = Math.toIntExact(place / counts.shards());
    return new Tuple2<>(
        (int) (place % counts.shards()),
        new ImageRow(validation, position, row.label(), row.pixels()));
  }

  private static ReplicaData packed(
      int shard, Counts counts, Shape image, Iterator<Tuple2<Integer, ImageRow>> rows) {
    Packing training = new Packing(shard, counts.ofShard(counts.training(), shard), image);
    Packing validation = new Packing(shard, counts.ofShard(counts.validation(), shard), image);
    while (rows.hasNext()) {
      ImageRow row = rows.next()._2();
      (row.validation() ? validation : training).put(row);
    }
    return new ReplicaData(training.shard(), validation.shard());
  }

  private static Shape shape(ImageSize size) {
    return new Shape(1, size.height(), size.width(), size.channels());
  }

  /** The shards, one a partition, in their order. */
  public JavaRDD<ReplicaData> shards() {
    return shards;
  }

  /** Number of training images. */
  public long trainingImages() {
    return counts.training();
  }

  /** Number of validation images. */
  public long validationImages() {
    return counts.validation();
  }

  /** Training images of the largest shard. */
  public int largestShard() {
    return counts.ofShard(counts.training(), 0);
  }

  /** Steps of an epoch, in batches of {@code batchSize}: those of the largest shard. */
  public int stepsPerEpoch(int batchSize) {
    return StepRange.stepsPerEpoch(largestShard(), batchSize);
  }

  /** Lets the executors drop the shards. */
  @Override
  public void close() {
    drop();
    use.destroy();
  }
}
