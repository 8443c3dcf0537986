package convoy.engine.kernel;

/**
 * A window that slides over an image: of a convolution or a pooling.
 *
 * @param r height, in pixels
 * @param s width, in pixels
 * @param strideH rows from one window to the next
 * @param strideW columns from one window to the next
 * @param top rows of padding above the image
 * @param left columns of padding left of the image
 * @param bottom rows of padding below the image
 * @param right columns of padding right of the image
 */
public record Window(
    int r, int s, int strideH, int strideW, int top, int left, int bottom, int right) {

  public Window {
    if (r < 1 || s < 1 || strideH < 1 || strideW < 1) {
      throw new IllegalArgumentException(
          "window " + r + "x" + s + ", stride " + strideH + "x" + strideW + ": each must be >= 1");
    }
    if (Math.min(Math.min(top, left), Math.min(bottom, right)) < 0) {
      throw new IllegalArgumentException(
          "padding " + top + ", " + left + ", " + bottom + ", " + right + ": each must be >= 0");
    }
  }

  /** Rows of the output for {@code h} rows of input: (h + top + bottom - r) / strideH + 1. */
  public int outputHeight(int h) {
    return Math.floorDiv(h + top + bottom - r, strideH) + 1;
  }

  /** Columns of the output for {@code w} columns of input. */
  public int outputWidth(int w) {
    return Math.floorDiv(w + left + right - s, strideW) + 1;
  }
}
