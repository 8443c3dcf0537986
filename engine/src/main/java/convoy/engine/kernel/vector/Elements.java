package convoy.engine.kernel.vector;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.Workers;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The passes that touch each element once, where the JIT does not vectorise plain loops: ReLU has a
 * branch in them, and the gradient of a bias is a sum.
 */
final class Elements {
  /** Floats in a part of an element-wise pass. */
  private static final int PART = 1 << 14;

  /** Channels in a part of a sum over pixels. */
  private static final int CHANNELS = 64;

  /** Pixels that are summed from zero before they join the whole sum. */
  private static final int PIXELS = 128;

  private static final int WIDTH = MicroKernel.WIDTH;

  private Elements() {}

  static Pass reluForward(int size, Operand x, Operand y, Workers workers) {
    float[] in = x.array(), out = y.array();
    int from = x.offset(), to = y.offset();
    return workers.pass(
        parts(size),
        (part, worker) -> {
          int i = part * PART, end = end(part, size);
          for (; i <= end - WIDTH; i += WIDTH) {
            FloatVector value = FloatVector.fromArray(MicroKernel.LANES, in, from + i);
            relu(value).intoArray(out, to + i);
          }
          for (; i < end; i++) {
            float value = in[from + i];
            out[to + i] = value < 0 ? 0 : value;
          }
        });
  }

  /** 0 where a lane is negative; NaN stays. */
  static FloatVector relu(FloatVector value) {
    return value.blend(0, value.compare(VectorOperators.LT, 0));
  }

  static Pass reluBackward(
      int size, Operand y, Operand dy, boolean accumulate, Operand dx, Workers workers) {
    float[] outputs = y.array(), slopes = dy.array(), gradients = dx.array();
    int own = y.offset(), from = dy.offset(), to = dx.offset();
    return workers.pass(
        parts(size),
        (part, worker) -> {
          FloatVector zero = FloatVector.zero(MicroKernel.LANES);
          int i = part * PART, end = end(part, size);
          for (; i <= end - WIDTH; i += WIDTH) {
            FloatVector output = FloatVector.fromArray(MicroKernel.LANES, outputs, own + i);
            FloatVector gradient = FloatVector.fromArray(MicroKernel.LANES, slopes, from + i);
            gradient = zero.blend(gradient, output.compare(VectorOperators.GT, 0));
            if (accumulate) {
              gradient = FloatVector.fromArray(MicroKernel.LANES, gradients, to + i).add(gradient);
            }
            gradient.intoArray(gradients, to + i);
          }
          for (; i < end; i++) {
            float gradient = outputs[own + i] > 0 ? slopes[from + i] : 0;
            gradients[to + i] = accumulate ? gradients[to + i] + gradient : gradient;
          }
        });
  }

  /**
   * The gradient of a fused ReLU in the place of its output: puts dy where y is above 0, and 0
   * elsewhere in y, for {@code pixels} of {@code c} channels, {@code pixelStride} floats apart.
   */
  static Pass mask(int pixels, int c, int pixelStride, Operand y, Operand dy, Workers workers) {
    if (pixelStride == c) {
      return reluBackward(pixels * c, y, dy, false, y, workers);
    }
    float[] outputs = y.array(), slopes = dy.array();
    int own = y.offset(), from = dy.offset();
    return workers.pass(
        pixels,
        (pixel, worker) -> {
          for (int i = pixel * pixelStride; i < pixel * pixelStride + c; i++) {
            float gradient = slopes[from + i];
            outputs[own + i] = outputs[own + i] > 0 ? gradient : 0;
          }
        });
  }

  /** Each sum adds blocks of PIXELS in order, each block summed in order from zero. */
  static Pass biasGradient(
      ConvolutionShape shape, int images, Operand dy, Operand db, Workers workers) {
    int K = shape.k(), pixels = images * shape.p() * shape.q(), stride = shape.yPixelStride();
    return workers.pass(
        (K + CHANNELS - 1) / CHANNELS,
        (part, worker) -> {
          int end = Math.min(K, (part + 1) * CHANNELS);
          Arrays.fill(db.array(), db.offset() + part * CHANNELS, db.offset() + end, 0);
          for (int first = 0; first < pixels; first += PIXELS) {
            int count = Math.min(PIXELS, pixels - first);
            int from = dy.offset() + first * stride;
            int i = part * CHANNELS;
            for (; i <= end - WIDTH; i += WIDTH) {
              addVector(dy.array(), from + i, stride, count, db.array(), db.offset() + i);
            }
            for (; i < end; i++) {
              addChannel(dy.array(), from + i, stride, count, db.array(), db.offset() + i);
            }
          }
        });
  }

  private static void addVector(float[] dy, int from, int stride, int count, float[] db, int to) {
    FloatVector sum = FloatVector.zero(MicroKernel.LANES);
    for (int pixel = 0; pixel < count; pixel++) {
      sum = FloatVector.fromArray(MicroKernel.LANES, dy, from + pixel * stride).add(sum);
    }
    FloatVector.fromArray(MicroKernel.LANES, db, to).add(sum).intoArray(db, to);
  }

  private static void addChannel(float[] dy, int from, int stride, int count, float[] db, int to) {
    float sum = 0;
    for (int pixel = 0; pixel < count; pixel++) {
      sum += dy[from + pixel * stride];
    }
    db[to] += sum;
  }

  private static int parts(int size) {
    return (int) (((long) size + PART - 1) / PART);
  }

  private static int end(int part, int size) {
    return (int) Math.min(size, (part + 1L) * PART);
  }
}
