package convoy.dataprep;

/**
 * Scales images to another size, each axis by itself and each channel by itself.
 *
 * <p>A new pixel is the mean of the old ones weighted by a triangle around its centre, whose half
 * width is one pixel of the coarser image: bilinear interpolation where the image grows, without
 * aliasing where it shrinks, as Pillow's BILINEAR.
 */
public final class ImageScaling {
  private ImageScaling() {}

  /** The pixels of {@code image} (height, width, channels) at {@code height} x {@code width}. */
  public static byte[] scaled(ImageSize size, byte[] pixels, int height, int width) {
    float[] values = new float[size.bytes()];
    for (int i = 0; i < values.length; i++) {
      values[i] = pixels[i] & 0xFF;
    }
    int rowValues = size.width() * size.channels();
    float[] rows = scaledAxis(values, 1, size.height(), height, rowValues);
    float[] both = scaledAxis(rows, height, size.width(), width, size.channels());
    byte[] scaled = new byte[both.length];
    for (int i = 0; i < scaled.length; i++) {
      scaled[i] = (byte) Math.round(both[i]);
    }
    return scaled;
  }

  /** Scales the middle axis of (outer, from, inner) to {@code to}. */
  private static float[] scaledAxis(float[] values, int outer, int from, int to, int inner) {
    float[] scaled = new float[Math.multiplyExact(Math.multiplyExact(outer, to), inner)];
    double step = (double) from / to;
    double halfWidth = Math.max(1, step);
    for (int i = 0; i < to; i++) {
      double centre = (i + 0.5) * step;
      int first = Math.max(0, (int) Math.floor(centre - halfWidth));
      int end = Math.min(from, (int) Math.ceil(centre + halfWidth));
      float[] weights = triangle(centre, halfWidth, first, end);
      for (int o = 0; o < outer; o++) {
        int at = (o * to + i) * inner;
        for (int j = first; j < end; j++) {
          int source = (o * from + j) * inner;
          for (int k = 0; k < inner; k++) {
            scaled[at + k] += weights[j - first] * values[source + k];
          }
        }
      }
    }
    return scaled;
  }

  /** Weights of the pixels [first, end) that sum to 1. */
  private static float[] triangle(double centre, double halfWidth, int first, int end) {
    double sum = 0;
    double[] heights = new double[end - first];
    for (int j = first; j < end; j++) {
      heights[j - first] = Math.max(0, 1 - Math.abs(j + 0.5 - centre) / halfWidth);
      sum += heights[j - first];
    }
    float[] weights = new float[heights.length];
    for (int j = 0; j < weights.length; j++) {
      weights[j] = (float) (heights[j] / sum);
    }
    return weights;
  }
}
