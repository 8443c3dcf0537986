package convoy.engine.layer;

import convoy.engine.kernel.Window;
import convoy.engine.tensor.Shape;

/** How far a window may reach over the edge of the image. */
public sealed interface Padding {
  /** The window of size {@code r} x {@code s} over images of shape {@code x}. */
  Window window(int r, int s, int strideH, int strideW, Shape x);

  /** No padding: every window lies inside the image. */
  record Valid() implements Padding {
    @Override
    public Window window(int r, int s, int strideH, int strideW, Shape x) {
      return new Window(r, s, strideH, strideW, 0, 0, 0, 0);
    }
  }

  /**
   * Padding such that P = ceil(H / stride), as TensorFlow defines it: max((P - 1) * stride + R - H,
   * 0) rows in all, the odd one at the bottom; columns alike.
   */
  record Same() implements Padding {
    @Override
    public Window window(int r, int s, int strideH, int strideW, Shape x) {
      int rows = Math.max((ceilDiv(x.h(), strideH) - 1) * strideH + r - x.h(), 0);
      int columns = Math.max((ceilDiv(x.w(), strideW) - 1) * strideW + s - x.w(), 0);
      int top = rows / 2;
      int left = columns / 2;
      return new Window(r, s, strideH, strideW, top, left, rows - top, columns - left);
    }

    private static int ceilDiv(int size, int stride) {
      return (size - 1) / stride + 1;
    }
  }

  /** So many rows and columns on each side, 0 to 2^20. */
  record Explicit(int top, int left, int bottom, int right) implements Padding {
    private static final int LARGEST = 1 << 20;

    public Explicit {
      if (Math.min(Math.min(top, left), Math.min(bottom, right)) < 0
          || Math.max(Math.max(top, left), Math.max(bottom, right)) > LARGEST) {
        throw new IllegalArgumentException(
            "padding is ["
                + top
                + ", "
                + left
                + ", "
                + bottom
                + ", "
                + right
                + "], wanted 0 to "
                + LARGEST
                + " on each side");
      }
    }

    @Override
    public Window window(int r, int s, int strideH, int strideW, Shape x) {
      return new Window(r, s, strideH, strideW, top, left, bottom, right);
    }
  }
}
