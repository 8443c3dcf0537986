package convoy.engine.tensor;

/** Images of bytes, as files and shards hold them. */
public final class Pixels {
  private Pixels() {}

  /**
   * Writes the pixels of one image, 0 to 255, as floats.
   *
   * @param pixels height, width, channels
   * @param image where they are to be put, one image, its pixels side by side
   * @throws IllegalArgumentException if there are more or fewer of them than the image has values
   */
  public static void write(byte[] pixels, Tensor image) {
    if (pixels.length != image.size()) {
      throw new IllegalArgumentException(
          "got "
              + pixels.length
              + " pixel values, wanted those of an image of "
              + image.shape().heightWidthChannels());
    }
    for (int i = 0; i < pixels.length; i++) {
      image.array()[image.offset() + i] = pixels[i] & 0xFF;
    }
  }
}
