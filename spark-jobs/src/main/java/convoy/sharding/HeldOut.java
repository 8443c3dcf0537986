package convoy.sharding;

import convoy.dataprep.ContentHash;
import convoy.dataprep.ImageDataset;
import convoy.dataprep.ImageSize;
import java.io.Serializable;
import java.util.List;

/**
 * Tells the images that are kept for validation from those that are trained on: by their content
 * alone, so that it is the same share in every run and whatever is appended.
 *
 * @param fraction share of the images that is kept, from 0 to 1
 * @param size that every image has
 * @param classNames by label
 */
public record HeldOut(double fraction, ImageSize size, List<String> classNames)
    implements Serializable {

  /** Of the images of {@code dataset}. */
  public static HeldOut of(ImageDataset dataset, double fraction) {
    return new HeldOut(fraction, dataset.imageSize(), List.copyOf(dataset.classNames()));
  }

  /** Whether {@code image}, which has a label, is kept for validation. */
  public boolean has(LabelledImage image) {
    byte[] hash = ContentHash.of(classNames.get(image.label()), size, image.pixels());
    return ContentHash.isValidation(hash, fraction);
  }
}
