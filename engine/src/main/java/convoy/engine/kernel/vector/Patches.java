package convoy.engine.kernel.vector;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Window;

/**
 * A convolution's input seen as a matrix: row (n, i, j) holds the pixels under the window at (i, j)
 * of image n, its columns are the taps (r, s, c). It is never formed whole; {@link #gather} copies
 * a block of it, out-of-image taps as zeros.
 *
 * <p>In NHWC the taps (s, c) of one kernel row lie in a row in the image unless the pixel stride
 * exceeds C, so a row of the matrix is R copies.
 *
 * @param height rows of the image
 * @param width columns of the image
 * @param channels C, the taps of one pixel
 * @param pixelStride floats from one pixel to the next
 * @param rows window positions from top to bottom
 * @param columns window positions from left to right
 * @param r height of the window; 0 for a matrix without columns
 * @param s width of the window; 0 for a matrix without columns
 * @param strideH rows from one window to the next
 * @param strideW columns from one window to the next
 * @param top rows that the first window begins above the image; negative for below its edge
 * @param left columns that the first window begins left of the image, likewise
 */
record Patches(
    int height,
    int width,
    int channels,
    int pixelStride,
    int rows,
    int columns,
    int r,
    int s,
    int strideH,
    int strideW,
    int top,
    int left) {

  /** Below this length a plain loop beats System.arraycopy. */
  private static final int SHORT = 24;

  /** The patches of x that the forward pass and the gradient of the weights multiply. */
  static Patches ofInput(ConvolutionShape shape) {
    Window window = shape.window();
    return new Patches(
        shape.h(),
        shape.w(),
        shape.c(),
        shape.xPixelStride(),
        shape.p(),
        shape.q(),
        window.r(),
        window.s(),
        window.strideH(),
        window.strideW(),
        window.top(),
        window.left());
  }

  /** Columns of the matrix. */
  int taps() {
    return r * s * channels;
  }

  /** Rows of the matrix for {@code images}. */
  int positions(int images) {
    return images * rows * columns;
  }

  /**
   * Copies rows [firstRow, firstRow + count) and taps [firstTap, lastTap) of the matrix into {@code
   * block}, from its start on, the rows {@code blockStride} apart.
   */
  void gather(
      float[] source,
      int sourceOffset,
      int firstRow,
      int count,
      int firstTap,
      int lastTap,
      float[] block,
      int blockStride) {
    int rowTaps = s * channels;
    if (firstTap == lastTap) {
      return;
    }
    int firstR = firstTap / rowTaps, lastR = (lastTap - 1) / rowTaps;
    int n = firstRow / (rows * columns), i = firstRow / columns % rows, j = firstRow % columns;
    for (int row = 0; row < count; row++) {
      int to = row * blockStride;
      for (int kernelRow = firstR; kernelRow <= lastR; kernelRow++) {
        int from = Math.max(firstTap - kernelRow * rowTaps, 0);
        int end = Math.min(lastTap - kernelRow * rowTaps, rowTaps);
        int h = i * strideH + kernelRow - top, w = j * strideW - left;
        if (h < 0 || h >= height) {
          zero(block, to, end - from);
        } else {
          int line = sourceOffset + (n * height + h) * width * pixelStride;
          if (pixelStride == channels) {
            gatherLine(source, line, w, from, end, block, to);
          } else {
            gatherPixels(source, line, w, from, end, block, to);
          }
        }
        to += end - from;
      }
      if (++j == columns) {
        j = 0;
        if (++i == rows) {
          i = 0;
          n++;
        }
      }
    }
  }

  /** Taps [from, end) of one kernel row at column w of an image line without gaps. */
  private void gatherLine(
      float[] source, int line, int w, int from, int end, float[] block, int to) {
    int inside = clamp(-w * channels, from, end);
    int outside = clamp((width - w) * channels, inside, end);
    zero(block, to, inside - from);
    copy(source, line + w * channels + inside, block, to + inside - from, outside - inside);
    zero(block, to + outside - from, end - outside);
  }

  /** As gatherLine, pixel by pixel, for pixels with a gap behind them. */
  private void gatherPixels(
      float[] source, int line, int w, int from, int end, float[] block, int to) {
    int tap = from;
    while (tap < end) {
      int column = w + tap / channels, channel = tap % channels;
      int length = Math.min(channels - channel, end - tap);
      if (column < 0 || column >= width) {
        zero(block, to, length);
      } else {
        copy(source, line + column * pixelStride + channel, block, to, length);
      }
      tap += length;
      to += length;
    }
  }

  private static int clamp(int value, int low, int high) {
    return Math.max(low, Math.min(value, high));
  }

  private static void copy(float[] source, int from, float[] block, int to, int length) {
    if (length >= SHORT) {
      System.arraycopy(source, from, block, to, length);
      return;
    }
    for (int i = 0; i < length; i++) {
      block[to + i] = source[from + i];
    }
  }

  private static void zero(float[] block, int to, int length) {
    for (int i = 0; i < length; i++) {
      block[to + i] = 0;
    }
  }
}
