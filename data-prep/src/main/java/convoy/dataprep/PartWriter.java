package convoy.dataprep;

import static org.apache.spark.sql.functions.col;
import static org.apache.spark.sql.functions.expr;

import convoy.engine.random.RandomKey;
import convoy.storage.Storage;
import java.io.IOException;
import java.util.Collections;
import java.util.Iterator;
import java.util.Locale;
import org.apache.hadoop.fs.Path;
import org.apache.spark.api.java.function.MapPartitionsFunction;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Encoders;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.RowFactory;

/**
 * Writes the rows of one split of a part: numbered, in equal-sized files in the order of ids.
 *
 * <p>A row's rank is its place in the order of content hashes and names; those that are equal in
 * both are equal rows, so their order is of no consequence. The seed permutes the ranks, and that
 * gives the ids. Two shuffles do it: one brings the hashes into order, one the ids.
 */
final class PartWriter {
  private static final long SHUFFLE_BYTES = 64L << 20;

  /**
   * Of a row group, before most of it is compressed. Spark reads no less in a task, so that small
   * ones let many tasks share a file.
   */
  private static final int ROW_GROUP_BYTES = 1 << 20;

  /** Rows after which sizes are looked at first, of pages and row groups: images may be large. */
  private static final int LEAST_ROWS = 10;

  private final Storage storage;
  private final PrepareOptions options;

  PartWriter(Storage storage, PrepareOptions options) {
    this.storage = storage;
    this.options = options;
  }

  /**
   * Writes the rows of a split, of which there is at least one.
   *
   * @param rows of {@link SourceRows}, all splits
   * @param firstId the id of the part's first row
   */
  void write(
      Dataset<Row> rows, SourceSummary summary, SplitCounts counts, long firstId, Path folder)
      throws IOException {
    long images = counts.images();
    if (images > Integer.MAX_VALUE) {
      throw new IllegalArgumentException(
          images + " images in one split of a part; prepare them in several parts by append");
    }
    long bytes = images * summary.commonSize(options.source()).bytes();
    int ranges = clampedRatio(bytes, SHUFFLE_BYTES, SourceRows.BUCKETS);
    int files = clampedRatio(bytes, (long) options.fileMegabytes() << 20, images);
    numbered(rows, summary, counts, firstId, ranges)
        .repartitionById(files, expr(fileOfId(firstId, images, files)))
        .sortWithinPartitions("id")
        .write()
        .option("maxRecordsPerFile", 0) // else a site's limit, which splits files
        .option("compression", options.compression().codec())
        .option("parquet.enable.dictionary#image", "false")
        .option("parquet.block.size", ROW_GROUP_BYTES)
        .option("parquet.page.size.row.check.min", LEAST_ROWS)
        .parquet(folder.toString());
    long written =
        storage.list(folder).stream()
            .filter(file -> file.getPath().getName().endsWith(".parquet"))
            .count();
    if (written != files) {
      throw new IOException(folder + ": " + written + " files were written, expected " + files);
    }
  }

  /** At least 1, at most {@code limit}. */
  private static int clampedRatio(long bytes, long unitBytes, long limit) {
    return (int) Math.max(1, Math.min(limit, (bytes + unitBytes - 1) / unitBytes));
  }

  /** The file f that holds a row, so that it starts at row floor(f * images / files). */
  private static String fileOfId(long firstId, long images, int files) {
    return String.format(
        Locale.ROOT, "cast(((id - %dL + 1) * %dL - 1) div %dL as int)", firstId, files, images);
  }

  private Dataset<Row> numbered(
      Dataset<Row> rows, SourceSummary summary, SplitCounts counts, long firstId, int ranges) {
    Split split = counts.split();
    RandomKey key = RandomKey.of(options.seed(), RandomKey.Purpose.ROW_PLACE).with(split.ordinal());
    Numbering numbering =
        new Numbering(key.state(), (int) counts.images(), firstId, summary.bucketStarts(split));
    return rows.filter(col("split").equalTo(split.ordinal()))
        .select("bucket", "hash", "label", "height", "width", "channels", "image", "name")
        .repartitionById(
            ranges,
            expr(
                String.format(
                    Locale.ROOT, "cast(bucket * %d div %d as int)", ranges, SourceRows.BUCKETS)))
        .sortWithinPartitions("hash", "name")
        .mapPartitions(numbering, Encoders.row(ImageDataset.SCHEMA));
  }

  /**
   * Gives ids to rows sorted by hash and name.
   *
   * @param key the state of the random key of the permutation
   * @param images number of rows of the split
   * @param firstId the smallest id
   * @param bucketStarts for each bucket, the rank of its first row
   */
  private record Numbering(long key, int images, long firstId, long[] bucketStarts)
      implements MapPartitionsFunction<Row, Row> {

    @Override
    public Iterator<Row> call(Iterator<Row> rows) {
      if (!rows.hasNext()) {
        return Collections.emptyIterator();
      }
      int[] places = new RandomKey(key).permutation(images);
      return new Iterator<>() {
        private long rank = -1;

        @Override
        public boolean hasNext() {
          return rows.hasNext();
        }

        @Override
        public Row next() {
          Row row = rows.next();
          rank = rank < 0 ? bucketStarts[row.getInt(0)] : rank + 1;
          return RowFactory.create(
              firstId + places[(int) rank],
              row.get(2),
              row.get(3),
              row.get(4),
              row.get(5),
              row.get(6),
              row.get(7));
        }
      };
    }
  }
}
