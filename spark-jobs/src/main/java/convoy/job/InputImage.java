package convoy.job;

import convoy.dataprep.ImageDecoder;
import convoy.dataprep.ImageScaling;
import convoy.dataprep.ImageSize;
import convoy.engine.network.NetworkSpec;
import convoy.engine.tensor.Shape;
import convoy.storage.Storage;
import java.io.IOException;

/** Reads an image file as the input of a network. */
final class InputImage {
  private InputImage() {}

  /**
   * The pixels of an image file: height, width, RGB.
   *
   * @param resize whether an image of another size is scaled to the network's
   * @throws IllegalArgumentException if it is no image, or not of the network's size
   */
  static byte[] read(Storage storage, String file, NetworkSpec network, boolean resize)
      throws IOException {
    ImageDecoder.Decoded image = new ImageDecoder().read(storage, storage.path(file));
    ImageSize size = image.size();
    Shape input = network.input();
    String wanted = "network " + network.name() + " takes " + input.heightWidthChannels();
    if (size.channels() != input.c()) {
      throw new IllegalArgumentException(
          file + " is read as " + size + ", " + wanted + ": its images are no RGB images");
    }
    if (size.height() == input.h() && size.width() == input.w()) {
      return image.pixels();
    }
    if (!resize) {
      throw new IllegalArgumentException(
          file + " is " + size + ", " + wanted + ": give --resize to scale it");
    }
    return ImageScaling.scaled(size, image.pixels(), input.h(), input.w());
  }
}
