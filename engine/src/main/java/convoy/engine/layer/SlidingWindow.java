package convoy.engine.layer;

import convoy.engine.kernel.Window;
import convoy.engine.tensor.Shape;

/**
 * The window of a convolution or a pooling: over images of H rows it has P = (H + top + bottom - R)
 * / strideH + 1 places, rounded down, and Q columns of places alike.
 *
 * @param r height R
 * @param s width S
 * @param strideH rows from one place to the next
 * @param strideW columns from one place to the next
 * @param padding what surrounds the image
 */
public record SlidingWindow(int r, int s, int strideH, int strideW, Padding padding) {

  public SlidingWindow {
    if (r < 1 || s < 1 || strideH < 1 || strideW < 1) {
      throw new IllegalArgumentException(
          "window " + r + "x" + s + ", stride " + strideH + "x" + strideW + ": each must be >= 1");
    }
  }

  /** A window that moves by its own size and stays inside the image. */
  public static SlidingWindow tiles(int r, int s) {
    return new SlidingWindow(r, s, r, s, new Padding.Valid());
  }

  /** The window with the padding that images of shape {@code x} get. */
  public Window over(Shape x) {
    return padding.window(r, s, strideH, strideW, x);
  }

  /**
   * The shape of one output of {@code channels} for each place.
   *
   * @throws IllegalArgumentException if there is no place
   */
  public Shape outputShape(Shape x, int channels) {
    Window window = over(x);
    int p = window.outputHeight(x.h());
    int q = window.outputWidth(x.w());
    if (p < 1 || q < 1) {
      throw new IllegalArgumentException(
          "its "
              + r
              + "x"
              + s
              + " window does not fit an input of "
              + x.heightWidthChannels()
              + sides(window)
              + ": use a smaller one, or padding: same");
    }
    return new Shape(x.n(), p, q, channels);
  }

  /**
   * Refuses a window that does not end with the image: one where (H + top + bottom - R) / strideH,
   * or the same of the columns, is no whole number.
   *
   * @throws IllegalArgumentException with the numbers
   */
  public void checkNothingIsLeft(Shape x) {
    Window window = over(x);
    int rows = Math.floorMod(x.h() + window.top() + window.bottom() - r, strideH);
    int columns = Math.floorMod(x.w() + window.left() + window.right() - s, strideW);
    if (rows != 0 || columns != 0) {
      throw new IllegalArgumentException(
          "its "
              + r
              + "x"
              + s
              + " window with stride "
              + strideH
              + "x"
              + strideW
              + " leaves "
              + rows
              + " rows and "
              + columns
              + " columns of an input of "
              + x.heightWidthChannels()
              + sides(window)
              + ", and the network is strict: change window, stride or padding");
    }
  }

  private static String sides(Window window) {
    return window.top() + window.left() + window.bottom() + window.right() == 0
        ? ""
        : " with padding "
            + window.top()
            + ", "
            + window.left()
            + ", "
            + window.bottom()
            + ", "
            + window.right();
  }
}
