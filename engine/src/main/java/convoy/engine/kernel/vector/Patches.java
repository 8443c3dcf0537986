package convoy.engine.kernel.vector;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Window;

/**
 * A convolution's input seen as a matrix: row (n, i, j) holds the pixels under the window at (i, j)
 * of image n, its columns are the taps (r, s, c). It is never formed whole; {@link #gather} copies
 * a block of it, out-of-image taps as zeros.
 *
 * <p>In NHWC the taps (s, c) of one kernel row lie in a row in the image, a piece; where the pixel
 * stride exceeds C, those of one pixel do. The same piece of neighbouring windows is copied in one
 * run, since for few channels the copies would take longer than the product.
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

  /**
   * Whether the matrix lies in the image as it is, a pixel a row: each window is one pixel and each
   * pixel has one.
   */
  boolean isInPlace() {
    return r == 1
        && s == 1
        && strideH == 1
        && strideW == 1
        && top == 0
        && left == 0
        && rows == height
        && columns == width;
  }

  /** Rows of the matrix for {@code images}. */
  int positions(int images) {
    return images * rows * columns;
  }

  /**
   * Copies rows [firstRow, firstRow + count) and taps [firstTap, lastTap) of the matrix into {@code
   * block}, from {@code blockOffset} on, the rows {@code blockStride} apart. The rest of the rows
   * is undefined afterwards.
   */
  void gather(
      float[] source,
      int sourceOffset,
      int firstRow,
      int count,
      int firstTap,
      int lastTap,
      float[] block,
      int blockOffset,
      int blockStride) {
    if (isInPlace()) {
      int from = sourceOffset + firstRow * pixelStride + firstTap;
      int taps = lastTap - firstTap, to = blockOffset;
      RowCopy.copy(source, from, pixelStride, taps, count, block, to, blockStride, blockStride);
      return;
    }
    int line = firstRow / columns, j = firstRow % columns;
    for (int row = 0; row < count; ) {
      int run = Math.min(columns - j, count - row);
      int image = sourceOffset + line / rows * height * width * pixelStride;
      int to = blockOffset + row * blockStride;
      gatherRun(source, image, line % rows, j, run, firstTap, lastTap, block, to, blockStride);
      row += run;
      j = 0;
      line++;
    }
  }

  /** Windows (i, j) to (i, j + run - 1) of the image that begins at {@code image}. */
  private void gatherRun(
      float[] source,
      int image,
      int i,
      int j,
      int run,
      int firstTap,
      int lastTap,
      float[] block,
      int to,
      int blockStride) {
    int pieceColumns = pixelStride == channels ? s : 1, pieceTaps = pieceColumns * channels;
    for (int tap = firstTap; tap < lastTap; ) {
      int piece = tap / pieceTaps, from = tap - piece * pieceTaps;
      int end = Math.min(pieceTaps, from + lastTap - tap), pieces = s / pieceColumns;
      int h = i * strideH + piece / pieces - top, at = to + tap - firstTap;
      int room = blockStride - (tap - firstTap);
      if (h < 0 || h >= height) {
        RowCopy.clear(end - from, run, block, at, blockStride, room);
      } else {
        int line = image + h * width * pixelStride;
        int column = piece % pieces * pieceColumns - left;
        gatherPiece(
            source, line, column, pieceColumns, j, run, from, end, block, at, blockStride, room);
      }
      tap += end - from;
    }
  }

  /**
   * Taps [from, end) of a piece of each window of a run: of pixels that lie in a row, {@code
   * pieceColumns} of them from column {@code column} + j * strideW of the line on.
   */
  private void gatherPiece(
      float[] source,
      int line,
      int column,
      int pieceColumns,
      int j,
      int run,
      int from,
      int end,
      float[] block,
      int to,
      int blockStride,
      int room) {
    int last = j + run;
    int firstInside = clamp(-strides(column), j, last);
    int lastInside = clamp(strides(width - pieceColumns - column) + 1, firstInside, last);
    for (int window = j; window < firstInside; window++) {
      int w = column + window * strideW;
      gatherEdge(source, line, w, from, end, block, to + (window - j) * blockStride, room);
    }
    RowCopy.copy(
        source,
        line + (column + firstInside * strideW) * pixelStride + from,
        strideW * pixelStride,
        end - from,
        lastInside - firstInside,
        block,
        to + (firstInside - j) * blockStride,
        blockStride,
        room);
    for (int window = lastInside; window < last; window++) {
      int w = column + window * strideW;
      gatherEdge(source, line, w, from, end, block, to + (window - j) * blockStride, room);
    }
  }

  /** The whole strides in so many columns, rounded down. A division takes longer than a copy. */
  private int strides(int pixels) {
    return strideW == 1 ? pixels : Math.floorDiv(pixels, strideW);
  }

  /** Taps [from, end) of a piece that begins at column w and hangs over the image's edge. */
  private void gatherEdge(
      float[] source, int line, int w, int from, int end, float[] block, int to, int room) {
    int inside = clamp(-w * channels, from, end);
    int outside = clamp((width - w) * channels, inside, end);
    int before = inside - from, behind = outside - from;
    int first = line + w * pixelStride + inside;
    RowCopy.clear(before, 1, block, to, 0, room);
    RowCopy.copy(source, first, 0, outside - inside, 1, block, to + before, 0, room - before);
    RowCopy.clear(end - outside, 1, block, to + behind, 0, room - behind);
  }

  private static int clamp(int value, int low, int high) {
    return Math.max(low, Math.min(value, high));
  }
}
