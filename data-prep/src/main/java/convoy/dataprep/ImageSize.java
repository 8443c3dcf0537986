package convoy.dataprep;

import java.io.Serializable;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The size of an image whose bytes are ordered height, width, channel.
 *
 * @param height rows
 * @param width columns
 * @param channels bytes per pixel, 3 for RGB
 */
public record ImageSize(int height, int width, int channels)
    implements Serializable, Comparable<ImageSize> {
  private static final long MAX_BYTES = 1L << 28;
  private static final Pattern HEIGHT_WIDTH = Pattern.compile("([0-9]{1,9})x([0-9]{1,9})");

  public ImageSize {
    if (height < 1 || width < 1 || channels < 1) {
      throw new IllegalArgumentException(
          "image size " + height + "x" + width + "x" + channels + ": each must be >= 1");
    }
    if ((long) height * width > MAX_BYTES / channels) {
      throw new IllegalArgumentException(
          "image size " + height + "x" + width + "x" + channels + ": more than 256 MB an image");
    }
  }

  /** Parses HEIGHTxWIDTH, as in 224x224, for RGB images. */
  public static ImageSize parse(String heightWidth) {
    Matcher sizes = HEIGHT_WIDTH.matcher(heightWidth);
    if (!sizes.matches()) {
      throw new IllegalArgumentException(
          "size is '" + heightWidth + "', expected HEIGHTxWIDTH, as in 224x224");
    }
    return new ImageSize(Integer.parseInt(sizes.group(1)), Integer.parseInt(sizes.group(2)), 3);
  }

  /** Bytes of one image. */
  public int bytes() {
    return height * width * channels;
  }

  @Override
  public int compareTo(ImageSize other) {
    int byHeight = Integer.compare(height, other.height);
    int byWidth = Integer.compare(width, other.width);
    return byHeight != 0
        ? byHeight
        : byWidth != 0 ? byWidth : Integer.compare(channels, other.channels);
  }

  /** Height x width x channels, as in 32x32x3. */
  @Override
  public String toString() {
    return height + "x" + width + "x" + channels;
  }
}
