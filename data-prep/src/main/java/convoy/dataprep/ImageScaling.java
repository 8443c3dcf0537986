package convoy.dataprep;

/**
 * Scales images to another size, each axis by itself and each channel by itself.
 *
 * <p>A new pixel is the mean of the old ones weighted by a triangle around its centre, whose half
 * width is one pixel of the coarser image: bilinear interpolation where the image grows, without
 * aliasing where it shrinks, as Pillow's BILINEAR.
 */
public final class ImageScaling {
  /** Some less than the longest array that every Java has. */
  private static final int MOST_VALUES = Integer.MAX_VALUE - 8;

  private ImageScaling() {}

  /**
   * The pixels of {@code image} (height, width, channels) at {@code height} x {@code width}.
   *
   * @throws IllegalArgumentException if no array holds it with its new height and its old width
   */
  public static byte[] scaled(ImageSize size, byte[] pixels, int height, int width) {
    int row = size.width() * size.channels();
    if ((long) height * row > MOST_VALUES) {
      throw new IllegalArgumentException(
          "the image is " + size + ", which is too wide to be scaled to " + height + " rows");
    }
    float[] rows = new float[height * row];
    for (int i = 0; i < height; i++) {
      Weights weights = Weights.of(i, size.height(), height);
      for (int j = weights.first(); j < weights.end(); j++) {
        for (int k = 0; k < row; k++) {
          rows[i * row + k] += weights.of(j) * (pixels[j * row + k] & 0xFF);
        }
      }
    }
    return scaledRows(rows, height, size, width);
  }

  /** Scales each of {@code height} rows to {@code width} and rounds. */
  private static byte[] scaledRows(float[] rows, int height, ImageSize size, int width) {
    int channels = size.channels();
    byte[] scaled = new byte[height * width * channels];
    for (int i = 0; i < width; i++) {
      Weights weights = Weights.of(i, size.width(), width);
      for (int row = 0; row < height; row++) {
        for (int c = 0; c < channels; c++) {
          float sum = 0;
          for (int j = weights.first(); j < weights.end(); j++) {
            sum += weights.of(j) * rows[(row * size.width() + j) * channels + c];
          }
          scaled[(row * width + i) * channels + c] = (byte) Math.round(sum);
        }
      }
    }
    return scaled;
  }

  /**
   * What the old pixels of an axis are in a new one.
   *
   * @param first the first old one
   * @param values of it and those after it; their sum is 1
   */
  private record Weights(int first, float[] values) {

    /** Of the i-th of {@code to} new pixels, from {@code from} old ones. */
    static Weights of(int i, int from, int to) {
      double step = (double) from / to;
      double halfWidth = Math.max(1, step);
      double centre = (i + 0.5) * step;
      int first = Math.max(0, (int) Math.floor(centre - halfWidth));
      int end = Math.min(from, (int) Math.ceil(centre + halfWidth));
      double sum = 0;
      double[] heights = new double[end - first];
      for (int j = first; j < end; j++) {
        heights[j - first] = Math.max(0, 1 - Math.abs(j + 0.5 - centre) / halfWidth);
        sum += heights[j - first];
      }
      float[] values = new float[heights.length];
      for (int j = 0; j < values.length; j++) {
        values[j] = (float) (heights[j] / sum);
      }
      return new Weights(first, values);
    }

    int end() {
      return first + values.length;
    }

    float of(int old) {
      return values[old - first];
    }
  }
}
