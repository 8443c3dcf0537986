package convoy.dataprep;

import convoy.dataprep.PrepareOptions.Existing;
import convoy.storage.Storage;
import java.io.IOException;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import org.apache.hadoop.fs.Path;

/**
 * What the images of a source are to become, and whether they fit.
 *
 * @param out the folder that they are written to
 * @param base the data set there that they are appended to
 * @param like the data set whose classes images without a label are to have
 */
record Target(OutputFolder out, Optional<ImageDataset> base, Optional<ImageDataset> like) {

  /**
   * Looks at folder and data sets and changes nothing.
   *
   * @throws IllegalArgumentException if they don't allow what the options ask for
   */
  static Target open(Storage storage, PrepareOptions options) throws IOException {
    OutputFolder out = OutputFolder.open(storage, options.out(), options.existing());
    Optional<ImageDataset> base = Optional.empty();
    if (options.existing() == Existing.APPEND) {
      base = out.committed().map(manifest -> new ImageDataset(out.folder(), manifest));
    }
    Optional<ImageDataset> like = Optional.empty();
    if (options.like().isPresent()) {
      Path path = storage.path(options.like().get());
      like = Optional.of(ImageDataset.open(storage, path));
      if (options.existing() == Existing.OVERWRITE && path.equals(out.folder())) {
        throw new IllegalArgumentException(
            path + " would be overwritten by images without a label; choose another output");
      }
    }
    Target target = new Target(out, base, like);
    target.checkKind(options);
    target.checkResize(options);
    return target;
  }

  /** A data set is of images with labels or without, unless other programs have mixed them. */
  private void checkKind(PrepareOptions options) {
    if (base.isEmpty()) {
      return;
    }
    long same = 0;
    for (Split split : Split.values()) {
      SplitCounts counts = base.get().manifest().counts(split);
      same += like.isPresent() ? counts.unlabelled() : counts.labelled();
    }
    if (same == 0) {
      throw new IllegalArgumentException(
          options.source()
              + ": "
              + out.folder()
              + " would have images with a label and images without; prepare another data set");
    }
  }

  private void checkResize(PrepareOptions options) {
    Optional<ImageSize> resize = options.resize();
    Optional<ImageDataset> sized = sized();
    if (resize.isPresent() && sized.isPresent()) {
      ImageSize expected = sized.get().imageSize();
      if (!resize.get().equals(expected)) {
        throw new IllegalArgumentException(
            options.source()
                + ": images would be scaled to "
                + resize.get()
                + ", expected "
                + expected
                + " as the data set "
                + sized.get().folder()
                + " has");
      }
    }
  }

  /** The data set whose image size is to be kept. */
  private Optional<ImageDataset> sized() {
    return base.isPresent() ? base : like;
  }

  /**
   * The class names of what is written, in its order.
   *
   * @throws IllegalArgumentException if the source has others than the data set that it is appended
   *     to
   */
  List<String> classNames(ImageSource source) {
    if (base.isEmpty()) {
      return source.classNames();
    }
    List<String> names = base.get().classNames();
    if (!new HashSet<>(source.classNames()).equals(new HashSet<>(names))) {
      throw new IllegalArgumentException(
          source.description()
              + ": classes are "
              + source.classNames()
              + ", expected "
              + names
              + " as in "
              + out.folder()
              + "; rename them, or prepare another data set");
    }
    return names;
  }

  /** Images of a split that are there already. */
  long images(Split split) {
    return base.isEmpty() ? 0 : base.get().images(split);
  }

  /**
   * Checks all images that were read.
   *
   * @throws IllegalArgumentException if one is no good, or has another size than the others, or if
   *     a class has test images alone
   */
  void check(SourceSummary summary, ImageSource source) {
    summary.checkProblems();
    ImageSize common = summary.commonSize(source.description());
    Optional<ImageDataset> sized = sized();
    if (sized.isPresent()) {
      summary.checkSizes(sized.get().imageSize(), "the data set " + sized.get().folder() + " has");
    } else {
      summary.checkSizes(common, "most images have");
    }
    SplitCounts train = summary.counts(Split.TRAIN);
    SplitCounts test = summary.counts(Split.TEST);
    List<String> names = classNames(source);
    for (int label = 0; label < names.size(); label++) {
      long known = 0;
      if (base.isPresent()) {
        known = base.get().manifest().counts(Split.TRAIN).imagesPerClass().get(label);
      }
      if (test.imagesPerClass().get(label) > 0 && train.imagesPerClass().get(label) + known == 0) {
        throw new IllegalArgumentException(
            source.description()
                + ": class '"
                + names.get(label)
                + "' has test images but no training images");
      }
    }
  }
}
