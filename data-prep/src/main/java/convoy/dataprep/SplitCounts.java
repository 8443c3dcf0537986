package convoy.dataprep;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * How many images a split has.
 *
 * @param split which split
 * @param images all images
 * @param imagesPerClass labelled images of each class, in the order of the class names
 */
public record SplitCounts(Split split, long images, List<Long> imagesPerClass) {
  public SplitCounts {
    imagesPerClass = List.copyOf(imagesPerClass);
    for (long count : imagesPerClass) {
      if (count < 0) {
        throw new IllegalArgumentException(
            split.folderName() + ": a class has " + count + " images");
      }
    }
    long labelled = sum(imagesPerClass);
    if (labelled > images) {
      throw new IllegalArgumentException(
          split.folderName() + ": " + labelled + " labelled images of " + images);
    }
  }

  /** How many images have no label. */
  public long unlabelled() {
    return images - labelled();
  }

  /** How many images have one. */
  public long labelled() {
    return sum(imagesPerClass);
  }

  /** No images in any of {@code classes} classes. */
  static SplitCounts none(Split split, int classes) {
    return new SplitCounts(split, 0, Collections.nCopies(classes, 0L));
  }

  /** The counts of both, for the same split and classes. */
  SplitCounts plus(SplitCounts other) {
    List<Long> sums = new ArrayList<>();
    for (int i = 0; i < imagesPerClass.size(); i++) {
      sums.add(imagesPerClass.get(i) + other.imagesPerClass.get(i));
    }
    return new SplitCounts(split, images + other.images, sums);
  }

  private static long sum(List<Long> counts) {
    return counts.stream().mapToLong(Long::longValue).sum();
  }
}
