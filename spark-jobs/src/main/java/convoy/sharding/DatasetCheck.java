package convoy.sharding;

import convoy.dataprep.ImageDataset;
import convoy.engine.network.NetworkSpec;

/** Checks that network and data set go together. */
public final class DatasetCheck {
  private DatasetCheck() {}

  /**
   * Checks that a network can take the images of a data set and tells its classes apart.
   *
   * @throws IllegalArgumentException if not
   */
  public static void check(ImageDataset dataset, NetworkSpec network) {
    String images = dataset.imageSize().toString();
    String input = network.input().heightWidthChannels();
    if (!images.equals(input)) {
      throw new IllegalArgumentException(
          "the images of "
              + dataset.folder()
              + " are "
              + images
              + ", network "
              + network.name()
              + " takes "
              + input);
    }
    if (network.outputs() != dataset.classNames().size()) {
      throw new IllegalArgumentException(
          "network "
              + network.name()
              + " has "
              + network.outputs()
              + " outputs, but there are "
              + dataset.classNames().size()
              + " classes in "
              + dataset.folder());
    }
    if (!network.classNames().isEmpty() && !network.classNames().equals(dataset.classNames())) {
      throw new IllegalArgumentException(
          "the classes of "
              + dataset.folder()
              + " are "
              + dataset.classNames()
              + ", those of the model "
              + network.classNames());
    }
  }
}
