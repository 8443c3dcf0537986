package convoy.dataprep;

import java.util.Locale;
import java.util.Optional;

/**
 * The settings of one run of {@link Prepare}; defaults are in {@link #defaults}.
 *
 * @param source URI of a CIFAR archive (tar.gz), of its unpacked folder, or of class folders; of a
 *     folder of image files if {@code like} is given
 * @param out URI of the data set's folder
 * @param existing what to do if a data set is there; default REFUSE
 * @param seed of the permutation of rows; any number, default 0
 * @param compression of the Parquet files; default GZIP
 * @param fileMegabytes size of a Parquet file before compression, in units of 2^20 bytes of pixels,
 *     from 1 to 1024; default 32
 * @param coarseLabels whether CIFAR-100 gives its 20 superclasses rather than its 100 classes;
 *     default false
 * @param like URI of a data set whose classes and image size images without a label have; default
 *     none, for images with labels
 * @param resize what all images are scaled to by {@link ImageScaling}; default none: they have to
 *     be of one size
 */
public record PrepareOptions(
    String source,
    String out,
    Existing existing,
    long seed,
    Compression compression,
    int fileMegabytes,
    boolean coarseLabels,
    Optional<String> like,
    Optional<ImageSize> resize) {

  /** What to do if a data set is there already. */
  public enum Existing {
    /** Stop with an error. */
    REFUSE,
    /** Add a part to it. */
    APPEND,
    /** Replace it; until the new one is whole the old one stays. */
    OVERWRITE
  }

  /** How Parquet files are compressed; both need no native code. */
  public enum Compression {
    GZIP,
    UNCOMPRESSED;

    /** Its name as Spark's Parquet writer knows it. */
    String codec() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public PrepareOptions {
    if (fileMegabytes < 1 || fileMegabytes > 1024) {
      throw new IllegalArgumentException(
          "fileMegabytes is " + fileMegabytes + ", expected 1 to 1024");
    }
  }

  /** The defaults for a source and an output. */
  public static PrepareOptions defaults(String source, String out) {
    return new PrepareOptions(
        source,
        out,
        Existing.REFUSE,
        0,
        Compression.GZIP,
        32,
        false,
        Optional.empty(),
        Optional.empty());
  }

  /** The same with another answer to an existing data set. */
  public PrepareOptions withExisting(Existing existing) {
    return new PrepareOptions(
        source, out, existing, seed, compression, fileMegabytes, coarseLabels, like, resize);
  }

  /** The same with another seed. */
  public PrepareOptions withSeed(long seed) {
    return new PrepareOptions(
        source, out, existing, seed, compression, fileMegabytes, coarseLabels, like, resize);
  }

  /** The same with another compression. */
  public PrepareOptions withCompression(Compression compression) {
    return new PrepareOptions(
        source, out, existing, seed, compression, fileMegabytes, coarseLabels, like, resize);
  }

  /** The same with another size of file. */
  public PrepareOptions withFileMegabytes(int fileMegabytes) {
    return new PrepareOptions(
        source, out, existing, seed, compression, fileMegabytes, coarseLabels, like, resize);
  }

  /** The same with fine or coarse labels of CIFAR-100. */
  public PrepareOptions withCoarseLabels(boolean coarseLabels) {
    return new PrepareOptions(
        source, out, existing, seed, compression, fileMegabytes, coarseLabels, like, resize);
  }

  /** The same for images without a label, with the classes and image size of a data set. */
  public PrepareOptions withLike(String like) {
    return new PrepareOptions(
        source,
        out,
        existing,
        seed,
        compression,
        fileMegabytes,
        coarseLabels,
        Optional.of(like),
        resize);
  }

  /** The same with images scaled to a size. */
  public PrepareOptions withResize(ImageSize size) {
    return new PrepareOptions(
        source,
        out,
        existing,
        seed,
        compression,
        fileMegabytes,
        coarseLabels,
        like,
        Optional.of(size));
  }
}
