package convoy.dataprep;

import convoy.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.apache.hadoop.fs.Path;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.storage.StorageLevel;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns images into a data set of Parquet files: reads the source once, checks all of it, and only
 * then writes a part and commits it by dataset.json.
 *
 * <p>One run at a time may work on an output: what another run has not committed yet looks like a
 * leftover and is removed. Of two that did run at once, the later commit is refused.
 */
public final class Prepare {
  private static final Logger LOG = LoggerFactory.getLogger(Prepare.class);

  private final SparkSession spark;
  private final Storage storage;

  /** Works in a session of its own, with the files and settings of {@code spark}'s context. */
  public Prepare(SparkSession spark) {
    this.spark = spark.newSession();
    // Partitions have their sizes and meanings already; nothing is left to adapt.
    this.spark.conf().set("spark.sql.adaptive.enabled", false);
    this.storage = new Storage(spark.sparkContext().hadoopConfiguration());
  }

  /**
   * Reads the source and writes a data set, or a further part of one.
   *
   * @throws IllegalArgumentException if the source is no good or the output can't be written there;
   *     what was at the output before is untouched
   * @throws IOException if files can't be read or written; what was at the output before is
   *     untouched, or will be after the next run
   */
  public PrepareResult run(PrepareOptions options) throws IOException {
    long start = System.nanoTime();
    Target target = Target.open(storage, options);
    if (target.out().holdsAmongParts(storage.path(options.source()))) {
      throw new IllegalArgumentException(
          options.source()
              + " lies in the output "
              + target.out().folder()
              + ", among what gets replaced; choose another output");
    }
    ImageSource source = source(options, target);
    List<String> classNames = target.classNames(source);
    LOG.info("prepare source=\"{}\" classes={}", source.description(), classNames.size());

    Dataset<Row> rows =
        SourceRows.read(spark, source, classNames, options.resize())
            .persist(StorageLevel.MEMORY_AND_DISK());
    DatasetManifest manifest;
    try {
      describe("read " + source.description());
      SourceSummary summary = SourceSummary.of(rows, classNames);
      target.check(summary, source);
      manifest = write(options, source, rows, summary, target);
    } catch (IOException | IllegalArgumentException e) {
      throw e;
    } catch (Exception e) {
      throw asIoException(options, e);
    } finally {
      rows.unpersist();
      spark.sparkContext().setJobDescription(null);
      spark.sparkContext().clearCallSite();
    }
    double seconds = (System.nanoTime() - start) * 1e-9;
    ImageDataset dataset = new ImageDataset(target.out().folder(), manifest);
    DatasetPart part = manifest.parts().get(manifest.parts().size() - 1);
    PrepareResult result = new PrepareResult(dataset, part, seconds);
    LOG.info(
        "prepared out=\"{}\" part={} imagesAdded={} images={} fingerprint={} seconds={}",
        dataset.folder(),
        part.path(),
        result.imagesAdded(),
        result.images(),
        result.fingerprint(),
        String.format(Locale.ROOT, "%.1f", seconds));
    return result;
  }

  private void describe(String job) {
    spark.sparkContext().setJobDescription("prepare: " + job);
    spark.sparkContext().setCallSite("prepare: " + job);
  }

  private ImageSource source(PrepareOptions options, Target target) throws IOException {
    ImageSource source;
    if (target.like().isPresent()) {
      CifarLayout.refuseCoarseLabels(options.coarseLabels(), options.source());
      Path folder = ImageSource.existing(storage, options.source());
      source = UnlabelledFolder.open(storage, folder, target.like().get());
    } else {
      source = ImageSource.open(storage, options.source(), options.coarseLabels());
    }
    return options.resize().isPresent() ? source.scaledTo(options.resize().get()) : source;
  }

  private DatasetManifest write(
      PrepareOptions options,
      ImageSource source,
      Dataset<Row> rows,
      SourceSummary summary,
      Target target)
      throws IOException {
    OutputFolder out = target.out();
    String path = out.startPart();
    try {
      List<SplitCounts> counts = writeSplits(options, rows, summary, target, path);
      List<DatasetPart> parts = new ArrayList<>();
      target.base().ifPresent(base -> parts.addAll(base.parts()));
      parts.add(
          new DatasetPart(
              path,
              counts,
              summary.channelSums(),
              summary.fingerprint(),
              options.seed(),
              source.description()));
      ImageSize size = summary.commonSize(source.description());
      DatasetManifest manifest = DatasetManifest.of(target.classNames(source), size, parts);
      out.commit(manifest);
      return manifest;
    } finally {
      clean(out);
    }
  }

  private List<SplitCounts> writeSplits(
      PrepareOptions options, Dataset<Row> rows, SourceSummary summary, Target target, String path)
      throws IOException {
    List<SplitCounts> counts = new ArrayList<>();
    PartWriter writer = new PartWriter(storage, options);
    for (Split split : Split.values()) {
      SplitCounts splitCounts = summary.counts(split);
      counts.add(splitCounts);
      if (splitCounts.images() > 0) {
        describe("write " + split.folderName());
        Path folder = new Path(target.out().folder(), path + "/" + split.folderName());
        writer.write(rows, summary, splitCounts, target.images(split), folder);
      }
    }
    return counts;
  }

  /** Removes what is not committed; where that fails the data set is none the worse for it. */
  private static void clean(OutputFolder out) {
    try {
      out.clean();
    } catch (IOException e) {
      LOG.warn("{}: leftovers stay until the next run: {}", out.folder(), e.getMessage());
    }
  }

  /** Finds what is behind Spark's own exceptions; files that can't be read, mostly. */
  private static IOException asIoException(PrepareOptions options, Exception e) {
    Throwable cause = e;
    while (cause.getCause() != null && !(cause instanceof IOException)) {
      cause = cause.getCause();
    }
    return new IOException(
        "preparing "
            + options.source()
            + " into "
            + options.out()
            + " failed: "
            + Storage.firstLine(cause),
        e);
  }
}
