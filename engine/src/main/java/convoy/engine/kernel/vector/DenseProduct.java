package convoy.engine.kernel.vector;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Epilogue;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.kernel.Workers;

/**
 * A dense layer, whose weights w[c][k] are as large as a batch of its inputs and outputs is small.
 * So they are read where they lie, once in each pass, and never packed or turned: what moves is the
 * batch.
 *
 * <ul>
 *   <li>Forward, y[n][k] = sum over c of x[n][c] w[c][k]: w is the right side as it lies; rows of x
 *       are copied block by block.
 *   <li>Backward data, turned: dx^T[c][n] = sum over k of w[c][k] dy^T[k][n]. Rows of w are the
 *       left side as they lie, dy is turned into a panel of COLUMNS images, and the tile is turned
 *       back as it is stored.
 *   <li>Backward weights is {@link WeightGradient}: there the weights are the result.
 * </ul>
 *
 * <p>How the outputs are cut into parts changes no bits: they are independent of each other. Both
 * sum blocks of depth from zero by FMA and add them in order; the blocks follow from the shape
 * alone.
 *
 * @param shape the layer, of the algorithm {@link ConvolutionAlgorithm#DENSE}
 */
record DenseProduct(ConvolutionShape shape) {
  /**
   * Images of a part of the forward pass, a multiple of both row counts of the micro-kernel: x and
   * the tile take 203 KB, and a batch of 32 is one part, so that w is read once.
   */
  private static final int IMAGES = 96;

  /** Most outputs of a part of the forward pass: rows of w are read as a stream. */
  private static final int OUTPUTS = 128;

  /** The same where several workers want parts. */
  private static final int FEW_OUTPUTS = 64;

  /** Inputs of a part of backward data: few enough that there are parts for all workers. */
  private static final int INPUTS = 256;

  private static final int ROWS = MicroKernel.ROWS;
  private static final int COLUMNS = MicroKernel.COLUMNS;
  private static final int MAX_DEPTH = MicroKernel.MAX_DEPTH;

  /** Distance of the rows of copied operands: an odd number of cache lines. */
  private static final int STRIDE = MAX_DEPTH + 16;

  /** Scratch of the forward pass: x, the tile, and the last columns of w as a panel. */
  private static final int X = Workers.ORIGIN;

  private static final int Y = X + IMAGES * STRIDE;
  private static final int W = Y + IMAGES * OUTPUTS;
  private static final int FORWARD_BLOCK = W + MAX_DEPTH * COLUMNS;

  /** Scratch of backward data: turned dy, the turned tile, and the last rows of w. */
  private static final int DY = Workers.ORIGIN;

  private static final int DX = DY + MAX_DEPTH * COLUMNS;
  private static final int W_ROWS = DX + INPUTS * COLUMNS;
  private static final int BACKWARD_BLOCK = W_ROWS + ROWS * STRIDE;

  /** The scratch memory of both passes. */
  ScratchSize scratch() {
    return new ScratchSize(Math.max(FORWARD_BLOCK, BACKWARD_BLOCK) + MicroKernel.BLOCK, 0);
  }

  /** Terms of a depth block of a sum of {@code terms}; the last one may have fewer. */
  private static int depth(int terms) {
    int blocks = (terms + MAX_DEPTH - 1) / MAX_DEPTH;
    return (terms + blocks - 1) / blocks;
  }

  /** Overwrites y. */
  Pass forward(int images, Operand x, Operand w, Epilogue epilogue, Operand y, Workers workers) {
    int K = shape.k(), outputs = workers.count() == 1 ? OUTPUTS : FEW_OUTPUTS;
    int groups = (K + outputs - 1) / outputs;
    return workers.pass(
        (images + IMAGES - 1) / IMAGES * groups,
        (part, worker) -> {
          int n = part / groups * IMAGES, count = Math.min(IMAGES, images - n);
          int k = part % groups * outputs, width = Math.min(outputs, K - k);
          float[] scratch = workers.scratch(worker);
          int weights = w.offset() + k, from = x.offset() + n * shape.xPixelStride();
          sumOutputs(x.array(), from, count, w.array(), weights, width, scratch);
          for (int row = 0; row < count; row++) {
            int pixel = (n + row) * shape.yPixelStride(), sums = Y + row * OUTPUTS;
            Finish.store(scratch, sums, width, epilogue, pixel, k, y.array(), y.offset());
          }
        });
  }

  private void sumOutputs(
      float[] x, int xOffset, int count, float[] w, int wOffset, int width, float[] scratch) {
    int C = shape.c(), K = shape.k(), depth = depth(C);
    for (int first = 0; first < C; first += depth) {
      int length = Math.min(depth, C - first);
      for (int row = first; row < first + length; row++) {
        CacheLines.touch(w, wOffset + row * K, width, scratch);
      }
      RowCopy.copy(
          x, xOffset + first, shape.xPixelStride(), length, count, scratch, X, STRIDE, STRIDE);
      for (int column = 0; column < width; column += COLUMNS) {
        int from = wOffset + first * K + column;
        boolean whole = column + COLUMNS <= width;
        if (!whole) {
          Panels.pack(w, from, K, length, width - column, scratch, W, 0);
        }
        // Rows beyond count hold old scratch; what they give is not stored.
        for (int row = 0; row < count; row += ROWS) {
          int to = Y + row * OUTPUTS + column;
          StridedKernel.multiply(
              scratch,
              X + row * STRIDE,
              STRIDE,
              1,
              whole ? w : scratch,
              whole ? from : W,
              whole ? K : COLUMNS,
              length,
              scratch,
              first == 0 ? to : FORWARD_BLOCK,
              first == 0 ? OUTPUTS : COLUMNS);
          if (first > 0) {
            MicroKernel.add(scratch, FORWARD_BLOCK, scratch, to, OUTPUTS);
          }
        }
      }
    }
  }

  /** Overwrites dx, or adds to it. */
  Pass dataGradient(
      int images, Operand dy, Operand w, boolean accumulate, Operand dx, Workers workers) {
    int C = shape.c(), xStride = shape.xPixelStride();
    return workers.pass(
        (C + INPUTS - 1) / INPUTS,
        (part, worker) -> {
          int c = part * INPUTS, count = Math.min(INPUTS, C - c);
          float[] scratch = workers.scratch(worker);
          for (int n = 0; n < images; n += COLUMNS) {
            int width = Math.min(COLUMNS, images - n);
            int gradients = dy.offset() + n * shape.yPixelStride();
            sumInputs(dy.array(), gradients, width, w, c, count, scratch);
            int to = dx.offset() + n * xStride + c;
            if (accumulate) {
              Transposition.add(scratch, DX, COLUMNS, count, width, dx.array(), to, xStride);
            } else {
              Transposition.copy(scratch, DX, COLUMNS, count, width, dx.array(), to, xStride);
            }
          }
        });
  }

  private void sumInputs(
      float[] dy, int dyOffset, int width, Operand w, int c, int count, float[] scratch) {
    int K = shape.k(), depth = depth(K), whole = count / ROWS * ROWS;
    for (int first = 0; first < K; first += depth) {
      int length = Math.min(depth, K - first), from = w.offset() + c * K + first;
      // Columns beyond the last image hold old scratch; what they give is not stored.
      Transposition.copy(
          dy, dyOffset + first, shape.yPixelStride(), width, length, scratch, DY, COLUMNS);
      for (int row = 0; row < whole; row += ROWS) {
        multiplyRows(w.array(), from + row * K, K, length, first > 0, scratch, row);
      }
      if (whole < count) {
        int rest = count - whole;
        RowCopy.copy(w.array(), from + whole * K, K, length, rest, scratch, W_ROWS, STRIDE, STRIDE);
        // Rows beyond count hold old scratch; what they give is not stored.
        multiplyRows(scratch, W_ROWS, STRIDE, length, first > 0, scratch, whole);
      }
    }
  }

  /** ROWS rows of the turned tile, from {@code row} on. */
  private static void multiplyRows(
      float[] w,
      int wOffset,
      int wStride,
      int depth,
      boolean accumulate,
      float[] scratch,
      int row) {
    int to = DX + row * COLUMNS;
    StridedKernel.multiply(
        w,
        wOffset,
        wStride,
        1,
        scratch,
        DY,
        COLUMNS,
        depth,
        scratch,
        accumulate ? BACKWARD_BLOCK : to,
        COLUMNS);
    if (accumulate) {
      MicroKernel.add(scratch, BACKWARD_BLOCK, scratch, to, COLUMNS);
    }
  }
}
