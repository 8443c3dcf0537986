package convoy.job;

import convoy.dataprep.ImageSize;
import convoy.dataprep.Prepare;
import convoy.dataprep.PrepareOptions;
import convoy.dataprep.PrepareOptions.Compression;
import convoy.dataprep.PrepareOptions.Existing;
import convoy.dataprep.PrepareResult;
import java.util.Locale;
import java.util.Optional;
import org.apache.spark.sql.SparkSession;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Turns images into a data set. */
@Command(name = "prepare", description = "Turn images into a data set of Parquet files.")
public final class PrepareJob implements SparkJob {
  @Option(
      names = "--source",
      required = true,
      paramLabel = "URI",
      description =
          "A CIFAR-10 or CIFAR-100 binary archive (tar.gz), its unpacked folder, or a folder of"
              + " train/<class>/ and test/<class>/ with PNG or JPEG images.")
  private String source;

  @Option(
      names = "--out",
      required = true,
      paramLabel = "URI",
      description = "The folder of the data set.")
  private String out;

  @ArgGroup private Existence existence = new Existence();

  @Option(
      names = "--seed",
      paramLabel = "N",
      description = "Seed of the order of rows; default: 0.")
  private Optional<Long> seed = Optional.empty();

  @Option(
      names = "--compression",
      paramLabel = "NAME",
      description = "Of the Parquet files: gzip (the default) or uncompressed.")
  private Optional<Compression> compression = Optional.empty();

  @Option(
      names = "--file-megabytes",
      paramLabel = "N",
      description = "Megabytes of pixels in a Parquet file; default: 32.")
  private Optional<Integer> fileMegabytes = Optional.empty();

  @Option(
      names = "--coarse-labels",
      description = "Of CIFAR-100, take the 20 superclasses rather than the 100 classes.")
  private boolean coarseLabels;

  @Option(
      names = "--like",
      paramLabel = "URI",
      description =
          "Take images without a label: --source is a folder of PNG or JPEG files, with the classes"
              + " and the image size of the data set at this URI. For evaluate --predictions.")
  private Optional<String> like = Optional.empty();

  @Option(
      names = "--resize",
      paramLabel = "HxW",
      description =
          "Scale images to this height and width, as 224x224, whatever that does to their"
              + " proportions.")
  private Optional<String> resize = Optional.empty();

  /** What to do with a data set that is there already. */
  static final class Existence {
    @Option(names = "--append", description = "Add the images to the data set that is there.")
    private boolean append;

    @Option(names = "--overwrite", description = "Replace the data set that is there.")
    private boolean overwrite;

    Existing choice() {
      if (append) {
        return Existing.APPEND;
      }
      return overwrite ? Existing.OVERWRITE : Existing.REFUSE;
    }
  }

  /** The keys of {@code --json}. */
  record Result(long images, int classes, String fingerprint, long imagesAdded, double seconds) {}

  PrepareJob() {}

  /** The job with the options that it needs, for another job's use. */
  PrepareJob(String source, String out) {
    this.source = source;
    this.out = out;
  }

  @Override
  public Result run(SparkSession spark) throws Exception {
    try (ProgressBar bar = new ProgressBar(spark.sparkContext())) {
      PrepareResult done = new Prepare(spark).run(options());
      bar.println(
          String.format(
              Locale.ROOT,
              "%s: %,d images of %d classes (%,d added in %.1f s)",
              done.dataset().folder(),
              done.images(),
              done.classes(),
              done.imagesAdded(),
              done.seconds()));
      bar.println("fingerprint " + done.fingerprint());
      return result(done);
    }
  }

  private static Result result(PrepareResult done) {
    return new Result(
        done.images(),
        done.classes(),
        done.fingerprint().toString(),
        done.imagesAdded(),
        done.seconds());
  }

  private PrepareOptions options() {
    PrepareOptions options =
        PrepareOptions.defaults(source, out)
            .withExisting(existence.choice())
            .withCoarseLabels(coarseLabels);
    if (seed.isPresent()) {
      options = options.withSeed(seed.get());
    }
    if (compression.isPresent()) {
      options = options.withCompression(compression.get());
    }
    if (fileMegabytes.isPresent()) {
      options = options.withFileMegabytes(fileMegabytes.get());
    }
    if (resize.isPresent()) {
      options = options.withResize(size(resize.get()));
    }
    return like.isPresent() ? options.withLike(like.get()) : options;
  }

  private static ImageSize size(String heightWidth) {
    try {
      return ImageSize.parse(heightWidth);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--resize: " + e.getMessage(), e);
    }
  }

  /** Runs the job as a process. */
  public static void main(String[] arguments) {
    JobRunner.main(new PrepareJob(), arguments);
  }
}
