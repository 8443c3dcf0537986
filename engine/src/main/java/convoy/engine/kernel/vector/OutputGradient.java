package convoy.engine.kernel.vector;

import convoy.engine.kernel.ConvolutionBackward;
import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.kernel.Workers;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * What a backward pass does to the gradient dy of its output before any product reads it, in one
 * walk over dy: the mask of a fused ReLU and the gradient of the bias, db[k] = sum over pixels of
 * dy[pixel][k]. For {@link PatchProduct} and {@link DenseProduct}; Winograd has both in its
 * transform of dy.
 *
 * <p>A part is a strip of channels over all pixels, one for each worker, so a single worker reads
 * in the order of memory. Each sum adds blocks of PIXELS in order, each block summed in order from
 * zero; how the channels are cut changes no bits.
 *
 * @param shape the convolution
 */
record OutputGradient(ConvolutionShape shape) {
  /** Pixels that are summed from zero before they join the whole sum. */
  private static final int PIXELS = 128;

  /** Pixels whose sum stays in a register. */
  private static final int ROWS = 16;

  private static final int WIDTH = MicroKernel.WIDTH;
  private static final int SUMS = Workers.ORIGIN;

  /** The scratch memory of {@link #pass}: the sums of a block. */
  ScratchSize scratch() {
    return new ScratchSize(shape.k(), 0);
  }

  /**
   * The pass that puts dy where y is above 0, and 0 elsewhere in {@link
   * ConvolutionBackward#counted}, and overwrites db with the sums of what it put there. Without a y
   * dy itself is summed; db may be none.
   */
  Pass pass(int images, ConvolutionBackward operands, Workers workers) {
    Operand y = operands.y(), dy = operands.dy(), db = operands.db(), counted = operands.counted();
    if (!y.isPresent() && !db.isPresent()) {
      return Pass.NONE;
    }
    int vectors = (shape.k() + WIDTH - 1) / WIDTH;
    int strip = (vectors + workers.count() - 1) / workers.count() * WIDTH;
    int pixels = images * shape.p() * shape.q(), stride = shape.yPixelStride();
    return workers.pass(
        (shape.k() + strip - 1) / strip,
        (part, worker) -> {
          int first = part * strip, width = Math.min(strip, shape.k() - first);
          float[] sums = workers.scratch(worker);
          if (db.isPresent()) {
            Arrays.fill(db.array(), db.offset() + first, db.offset() + first + width, 0);
          }
          for (int pixel = 0; pixel < pixels; pixel += PIXELS) {
            Arrays.fill(sums, SUMS, SUMS + width, 0);
            int end = Math.min(pixel + PIXELS, pixels);
            for (int row = pixel; row < end; row += ROWS) {
              int rows = Math.min(ROWS, end - row), at = row * stride + first;
              if (y.isPresent()) {
                maskAndAdd(y, dy, counted, at, stride, rows, width, sums);
              } else {
                ChannelSums.add(dy.array(), dy.offset() + at, stride, rows, width, sums, SUMS);
              }
            }
            if (db.isPresent()) {
              for (int k = 0; k < width; k++) {
                db.array()[db.offset() + first + k] += sums[SUMS + k];
              }
            }
          }
        });
  }

  private static void maskAndAdd(
      Operand y,
      Operand dy,
      Operand counted,
      int at,
      int stride,
      int rows,
      int width,
      float[] sums) {
    float[] outputs = y.array(), gradients = dy.array(), target = counted.array();
    int own = y.offset() + at, from = dy.offset() + at, to = counted.offset() + at, c = 0;
    FloatVector zero = FloatVector.zero(MicroKernel.LANES);
    for (; c <= width - WIDTH; c += WIDTH) {
      FloatVector sum = FloatVector.fromArray(MicroKernel.LANES, sums, SUMS + c);
      for (int row = 0, i = c; row < rows; row++, i += stride) {
        FloatVector output = FloatVector.fromArray(MicroKernel.LANES, outputs, own + i);
        FloatVector gradient = FloatVector.fromArray(MicroKernel.LANES, gradients, from + i);
        gradient = zero.blend(gradient, output.compare(VectorOperators.GT, 0));
        gradient.intoArray(target, to + i);
        sum = sum.add(gradient);
      }
      sum.intoArray(sums, SUMS + c);
    }
    for (; c < width; c++) {
      for (int row = 0, i = c; row < rows; row++, i += stride) {
        float gradient = outputs[own + i] > 0 ? gradients[from + i] : 0;
        target[to + i] = gradient;
        sums[SUMS + c] += gradient;
      }
    }
  }
}
