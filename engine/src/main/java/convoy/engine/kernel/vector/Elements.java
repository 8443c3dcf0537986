package convoy.engine.kernel.vector;

import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.Workers;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The passes of ReLU, which touch each element once; it has a branch, so the JIT does not vectorise
 * plain loops.
 */
final class Elements {
  /** Floats in a part of an element-wise pass. */
  private static final int PART = 1 << 14;

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

  private static int parts(int size) {
    return (int) (((long) size + PART - 1) / PART);
  }

  private static int end(int part, int size) {
    return (int) Math.min(size, (part + 1L) * PART);
  }
}
