package convoy.job;

import convoy.storage.Storage;
import java.awt.image.BufferedImage;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import javax.imageio.ImageIO;
import javax.imageio.stream.ImageOutputStream;
import javax.imageio.stream.MemoryCacheImageOutputStream;
import org.apache.hadoop.fs.Path;

/** Writes images as PNG files, whole or not at all. */
final class PngFile {
  private static final String FORMAT = "png";

  private PngFile() {}

  /**
   * Checks, before the work, that a file can be written.
   *
   * @throws IllegalArgumentException if it is a folder or no name of a PNG file, or if its folder
   *     can't be one; begins with {@code option}
   */
  static Path checked(Storage storage, String option, String uri) throws IOException {
    if (!uri.endsWith("." + FORMAT)) {
      throw new IllegalArgumentException(
          option + ": " + uri + " would hold a PNG image, wanted a name that ends in ." + FORMAT);
    }
    return JobStorage.outputFile(storage, option, uri);
  }

  /** Writes an image of one channel (grey) or three (RGB): height, width, channel. */
  static void write(Storage storage, Path file, int width, int channels, byte[] pixels)
      throws IOException {
    storage.writeAtomically(file, bytes(width, channels, pixels));
  }

  /** The content of such a file. */
  static byte[] bytes(int width, int channels, byte[] pixels) throws IOException {
    int height = pixels.length / width / channels;
    int type = channels == 1 ? BufferedImage.TYPE_BYTE_GRAY : BufferedImage.TYPE_3BYTE_BGR;
    BufferedImage image = new BufferedImage(width, height, type);
    int[] samples = new int[width * channels];
    for (int row = 0; row < height; row++) {
      for (int i = 0; i < samples.length; i++) {
        samples[i] = pixels[row * samples.length + i] & 0xFF;
      }
      image.getRaster().setPixels(0, row, width, 1, samples);
    }
    ByteArrayOutputStream content = new ByteArrayOutputStream();
    try (ImageOutputStream stream = new MemoryCacheImageOutputStream(content)) {
      if (!ImageIO.write(image, FORMAT, stream)) {
        throw new IllegalStateException("this Java has no writer for " + FORMAT);
      }
    }
    return content.toByteArray();
  }
}
