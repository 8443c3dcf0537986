package convoy.engine.kernel.vector;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Operand;
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

  static void reluForward(
      int size, float[] x, int xOffset, float[] y, int yOffset, Workers workers) {
    workers.run(
        parts(size),
        (part, worker) -> {
          int i = part * PART, end = end(part, size);
          for (; i <= end - WIDTH; i += WIDTH) {
            FloatVector value = FloatVector.fromArray(MicroKernel.LANES, x, xOffset + i);
            relu(value).intoArray(y, yOffset + i);
          }
          for (; i < end; i++) {
            float value = x[xOffset + i];
            y[yOffset + i] = value < 0 ? 0 : value;
          }
        });
  }

  /** 0 where a lane is negative; NaN stays. */
  static FloatVector relu(FloatVector value) {
    return value.blend(0, value.compare(VectorOperators.LT, 0));
  }

  static void reluBackward(
      int size,
      float[] y,
      int yOffset,
      float[] dy,
      int dyOffset,
      boolean accumulate,
      float[] dx,
      int dxOffset,
      Workers workers) {
    workers.run(
        parts(size),
        (part, worker) -> {
          FloatVector zero = FloatVector.zero(MicroKernel.LANES);
          int i = part * PART, end = end(part, size);
          for (; i <= end - WIDTH; i += WIDTH) {
            FloatVector output = FloatVector.fromArray(MicroKernel.LANES, y, yOffset + i);
            FloatVector gradient = FloatVector.fromArray(MicroKernel.LANES, dy, dyOffset + i);
            gradient = zero.blend(gradient, output.compare(VectorOperators.GT, 0));
            if (accumulate) {
              gradient = FloatVector.fromArray(MicroKernel.LANES, dx, dxOffset + i).add(gradient);
            }
            gradient.intoArray(dx, dxOffset + i);
          }
          for (; i < end; i++) {
            float gradient = y[yOffset + i] > 0 ? dy[dyOffset + i] : 0;
            dx[dxOffset + i] = accumulate ? dx[dxOffset + i] + gradient : gradient;
          }
        });
  }

  /**
   * The gradient of a fused ReLU in the place of its output: puts dy where y is above 0, and 0
   * elsewhere in y, for {@code pixels} of {@code c} channels, {@code pixelStride} floats apart.
   */
  static void mask(int pixels, int c, int pixelStride, Operand y, Operand dy, Workers workers) {
    float[] outputs = y.array(), gradients = dy.array();
    if (pixelStride == c) {
      reluBackward(
          pixels * c,
          outputs,
          y.offset(),
          gradients,
          dy.offset(),
          false,
          outputs,
          y.offset(),
          workers);
      return;
    }
    workers.run(
        pixels,
        (pixel, worker) -> {
          for (int i = pixel * pixelStride; i < pixel * pixelStride + c; i++) {
            float gradient = gradients[dy.offset() + i];
            outputs[y.offset() + i] = outputs[y.offset() + i] > 0 ? gradient : 0;
          }
        });
  }

  /** Each sum adds blocks of PIXELS in order, each block summed in order from zero. */
  static void biasGradient(
      ConvolutionShape shape, int images, Operand dy, Operand db, Workers workers) {
    int K = shape.k(), pixels = images * shape.p() * shape.q(), stride = shape.yPixelStride();
    Arrays.fill(db.array(), db.offset(), db.offset() + K, 0);
    workers.run(
        (K + CHANNELS - 1) / CHANNELS,
        (part, worker) -> {
          int end = Math.min(K, (part + 1) * CHANNELS);
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
