package convoy.dataprep;

import convoy.dataprep.PrepareOptions.Existing;
import convoy.storage.Storage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
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
    OutputFolder out = OutputFolder.open(storage, options.out(), options.existing());
    Optional<ImageDataset> like = Optional.empty();
    if (options.like().isPresent()) {
      like = Optional.of(ImageDataset.open(storage, storage.path(options.like().get())));
    }
    ImageSource source = source(options, like);
    Optional<DatasetManifest> base =
        options.existing() == Existing.APPEND ? out.committed() : Optional.empty();
    base.ifPresent(manifest -> checkClasses(source, manifest, out));
    List<String> classNames = base.map(DatasetManifest::classNames).orElse(source.classNames());
    LOG.info("prepare source=\"{}\" classes={}", source.description(), classNames.size());

    Dataset<Row> rows =
        SourceRows.read(spark, source, classNames, options.resize())
            .persist(StorageLevel.MEMORY_AND_DISK());
    DatasetManifest manifest;
    try {
      describe("read " + source.description());
      SourceSummary summary = SourceSummary.of(rows, classNames);
      check(summary, source, like, base, out);
      manifest = write(options, source, rows, summary, classNames, base, out);
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
    ImageDataset dataset = new ImageDataset(out.folder(), manifest);
    DatasetPart part = manifest.parts().get(manifest.parts().size() - 1);
    PrepareResult result = new PrepareResult(dataset, part, seconds);
    LOG.info(
        "prepared out=\"{}\" part={} imagesAdded={} images={} fingerprint={} seconds={}",
        out.folder(),
        part.path(),
        result.imagesAdded(),
        result.images(),
        result.fingerprint(),
        String.format("%.1f", seconds));
    return result;
  }

  private void describe(String job) {
    spark.sparkContext().setJobDescription("prepare: " + job);
    spark.sparkContext().setCallSite("prepare: " + job);
  }

  private ImageSource source(PrepareOptions options, Optional<ImageDataset> like)
      throws IOException {
    if (like.isEmpty()) {
      return ImageSource.open(storage, options.source(), options.coarseLabels());
    }
    CifarLayout.refuseCoarseLabels(options.coarseLabels(), options.source());
    Path folder = ImageSource.existing(storage, options.source());
    return UnlabelledFolder.open(storage, folder, like.get().classNames());
  }

  private static void checkClasses(ImageSource source, DatasetManifest manifest, OutputFolder out) {
    if (!new HashSet<>(source.classNames()).equals(new HashSet<>(manifest.classNames()))) {
      throw new IllegalArgumentException(
          source.description()
              + ": classes are "
              + source.classNames()
              + ", expected "
              + manifest.classNames()
              + " as in "
              + out.folder()
              + "; rename them, or prepare another data set");
    }
  }

  private static void check(
      SourceSummary summary,
      ImageSource source,
      Optional<ImageDataset> like,
      Optional<DatasetManifest> base,
      OutputFolder out) {
    summary.checkProblems();
    ImageSize common = summary.commonSize(source.description());
    if (base.isPresent()) {
      summary.checkSizes(base.get().imageSize(), "the data set " + out.folder() + " has");
      checkMixture(summary, source, base.get(), out);
    } else if (like.isPresent()) {
      ImageDataset model = like.get();
      summary.checkSizes(model.imageSize(), "the data set " + model.folder() + " has");
    } else {
      summary.checkSizes(common, "most images have");
    }
    SplitCounts train = summary.counts(Split.TRAIN);
    SplitCounts test = summary.counts(Split.TEST);
    List<String> names = base.map(DatasetManifest::classNames).orElse(source.classNames());
    for (int label = 0; label < names.size(); label++) {
      long known = base.isEmpty() ? 0 : base.get().counts(Split.TRAIN).imagesPerClass().get(label);
      if (test.imagesPerClass().get(label) > 0 && train.imagesPerClass().get(label) + known == 0) {
        throw new IllegalArgumentException(
            source.description()
                + ": class '"
                + names.get(label)
                + "' has test images but no training images");
      }
    }
  }

  private static void checkMixture(
      SourceSummary summary, ImageSource source, DatasetManifest base, OutputFolder out) {
    SplitCounts test = base.counts(Split.TEST).plus(summary.counts(Split.TEST));
    if (test.labelled() > 0 && test.unlabelled() > 0) {
      throw new IllegalArgumentException(
          source.description()
              + ": "
              + out.folder()
              + " would have test images with and without a label; prepare another data set");
    }
  }

  private DatasetManifest write(
      PrepareOptions options,
      ImageSource source,
      Dataset<Row> rows,
      SourceSummary summary,
      List<String> classNames,
      Optional<DatasetManifest> base,
      OutputFolder out)
      throws IOException {
    String path = out.startPart();
    try {
      List<SplitCounts> counts = writeSplits(options, rows, summary, base, out, path);
      List<DatasetPart> parts = new ArrayList<>(base.map(DatasetManifest::parts).orElse(List.of()));
      parts.add(
          new DatasetPart(
              path,
              counts,
              summary.channelSums(),
              summary.fingerprint(),
              options.seed(),
              source.description()));
      ImageSize size = summary.commonSize(source.description());
      DatasetManifest manifest = DatasetManifest.of(classNames, size, parts);
      out.commit(manifest);
      return manifest;
    } finally {
      clean(out);
    }
  }

  private List<SplitCounts> writeSplits(
      PrepareOptions options,
      Dataset<Row> rows,
      SourceSummary summary,
      Optional<DatasetManifest> base,
      OutputFolder out,
      String path)
      throws IOException {
    List<SplitCounts> counts = new ArrayList<>();
    PartWriter writer = new PartWriter(storage, options);
    for (Split split : Split.values()) {
      SplitCounts splitCounts = summary.counts(split);
      counts.add(splitCounts);
      if (splitCounts.images() > 0) {
        describe("write " + split.folderName());
        long firstId = base.isEmpty() ? 0 : base.get().counts(split).images();
        Path folder = new Path(out.folder(), path + "/" + split.folderName());
        writer.write(rows, summary, splitCounts, firstId, folder);
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
    String message = cause.getMessage() == null ? cause.toString() : cause.getMessage();
    return new IOException(
        "preparing "
            + options.source()
            + " into "
            + options.out()
            + " failed: "
            + message.lines().findFirst().orElse(""),
        e);
  }
}
