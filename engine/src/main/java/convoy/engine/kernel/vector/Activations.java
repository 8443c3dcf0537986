package convoy.engine.kernel.vector;

import convoy.engine.kernel.ActivationFunction;
import convoy.engine.kernel.Exponential;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.Workers;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sigmoid, hyperbolic tangent and softmax in vector lanes: operation for operation what {@link
 * ActivationFunction}, {@link Exponential} and the plain softmax do, so that the bits are theirs.
 *
 * <p>The exponentials are a loop of their own, and their constants are vectors: otherwise C2
 * reaches the limit of what it inlines (NodeCountInliningCutoff), makes objects of the vectors, and
 * both functions took longer, 5 times (sigmoid) and 18 times (tanh).
 */
final class Activations {
  /** Floats in a part of a pass. */
  private static final int PART = 1 << 14;

  /**
   * Fewer floats than these are exponentiated one by one: the vectors save some microseconds, but
   * are boxed until the JIT has compiled their loop, and the scores of a batch are so few that it
   * did not do so for thousands of steps.
   */
  private static final int FEW = 1 << 10;

  private static final int WIDTH = MicroKernel.WIDTH;
  private static final VectorSpecies<Float> LANES = MicroKernel.LANES;

  private static final FloatVector LEAST = all(Exponential.LEAST);
  private static final FloatVector LARGEST = all(Exponential.LARGEST);
  private static final FloatVector LOG2_E = all(Exponential.LOG2_E);
  private static final FloatVector ROUNDING = all(Exponential.ROUNDING);
  private static final FloatVector LN2_HIGH = all(Exponential.LN2_HIGH);
  private static final FloatVector LN2_LOW = all(Exponential.LN2_LOW);
  private static final FloatVector P5 = all(Exponential.P5);
  private static final FloatVector P4 = all(Exponential.P4);
  private static final FloatVector P3 = all(Exponential.P3);
  private static final FloatVector P2 = all(Exponential.P2);
  private static final FloatVector P1 = all(Exponential.P1);
  private static final FloatVector P0 = all(Exponential.P0);
  private static final FloatVector ONE = all(1);
  private static final IntVector ROUNDING_BITS = ROUNDING.reinterpretAsInts();
  private static final IntVector BIAS = ONE.reinterpretAsInts().lanewise(VectorOperators.LSHR, 23);

  private static final int MANTISSA_BITS = 23;

  private Activations() {}

  private static FloatVector all(float value) {
    return FloatVector.broadcast(LANES, value);
  }

  static Pass forward(
      ActivationFunction function, int size, Operand x, Operand y, Workers workers) {
    boolean sigmoid = function == ActivationFunction.SIGMOID;
    float[] in = x.array(), out = y.array();
    int from = x.offset(), to = y.offset();
    return workers.pass(
        parts(size),
        (part, worker) -> {
          int first = part * PART, end = end(part, size);
          int whole = end - (end - first) % WIDTH;
          exponentials(sigmoid ? -1 : 2, first, whole, in, from, out, to);
          if (sigmoid) {
            sigmoid(first, whole, in, from, out, to);
          } else {
            tanh(first, whole, in, from, out, to);
          }
          for (int i = whole; i < end; i++) {
            out[to + i] = function.value(in[from + i]);
          }
        });
  }

  /** The exponentials of all pixels of a part are one loop, as ten channels fill no vector. */
  static Pass softmaxForward(int pixels, int c, Operand x, Operand y, Workers workers) {
    int inPart = Math.max(1, PART / c);
    float[] in = x.array(), out = y.array();
    return workers.pass(
        (pixels + inPart - 1) / inPart,
        (part, worker) -> {
          int first = part * inPart, end = Math.min(pixels, first + inPart);
          for (int pixel = first; pixel < end; pixel++) {
            minusLargest(c, in, x.offset() + pixel * c, out, y.offset() + pixel * c);
          }
          int from = y.offset() + first * c, to = y.offset() + end * c;
          int whole = to - from < FEW ? from : to - (to - from) % WIDTH;
          for (int i = from; i < whole; i += WIDTH) {
            exp(FloatVector.fromArray(LANES, out, i)).intoArray(out, i);
          }
          for (int i = whole; i < to; i++) {
            out[i] = Exponential.exp(out[i]);
          }
          for (int i = from; i < to; i += c) {
            divideBySum(c, out, i);
          }
        });
  }

  private static void minusLargest(int c, float[] x, int from, float[] y, int to) {
    float largest = Float.NEGATIVE_INFINITY;
    for (int i = 0; i < c; i++) {
      largest = Math.max(largest, x[from + i]);
    }
    for (int i = 0; i < c; i++) {
      y[to + i] = x[from + i] - largest;
    }
  }

  private static void divideBySum(int c, float[] y, int from) {
    double sum = 0;
    for (int i = 0; i < c; i++) {
      sum += y[from + i];
    }
    float part = (float) (1 / sum);
    for (int i = 0; i < c; i++) {
      y[from + i] *= part;
    }
  }

  /** y = e^(factor * |x|). */
  private static void exponentials(
      float factor, int from, int end, float[] x, int xOffset, float[] y, int yOffset) {
    for (int i = from; i < end; i += WIDTH) {
      FloatVector value = FloatVector.fromArray(LANES, x, xOffset + i);
      exp(value.abs().mul(factor)).intoArray(y, yOffset + i);
    }
  }

  /** Makes sigmoids of the exponentials in y. */
  private static void sigmoid(int from, int end, float[] x, int xOffset, float[] y, int yOffset) {
    FloatVector one = FloatVector.broadcast(LANES, 1);
    for (int i = from; i < end; i += WIDTH) {
      FloatVector value = FloatVector.fromArray(LANES, x, xOffset + i);
      FloatVector e = FloatVector.fromArray(LANES, y, yOffset + i);
      FloatVector numerator = one.blend(e, value.compare(VectorOperators.LT, 0));
      numerator.div(e.add(one)).intoArray(y, yOffset + i);
    }
  }

  /** Makes hyperbolic tangents of the exponentials in y. */
  private static void tanh(int from, int end, float[] x, int xOffset, float[] y, int yOffset) {
    FloatVector one = FloatVector.broadcast(LANES, 1);
    for (int i = from; i < end; i += WIDTH) {
      FloatVector value = FloatVector.fromArray(LANES, x, xOffset + i);
      FloatVector e = FloatVector.fromArray(LANES, y, yOffset + i);
      FloatVector square = value.mul(value);
      FloatVector q = square.mul(ActivationFunction.Q4).add(ActivationFunction.Q3);
      q = q.mul(square).add(ActivationFunction.Q2);
      q = q.mul(square).add(ActivationFunction.Q1);
      q = q.mul(square).add(ActivationFunction.Q0);
      q = q.mul(square).mul(value).add(value);
      FloatVector large = one.sub(one.add(one).div(e.add(one)));
      large = large.blend(large.neg(), value.compare(VectorOperators.LT, 0));
      VectorMask<Float> small = value.abs().compare(VectorOperators.LT, ActivationFunction.SMALL);
      large.blend(q, small).intoArray(y, yOffset + i);
    }
  }

  /** {@link Exponential#exp} of each lane. */
  static FloatVector exp(FloatVector x) {
    FloatVector bounded = x.blend(LEAST, x.compare(VectorOperators.LT, LEAST));
    bounded = bounded.blend(LARGEST, bounded.compare(VectorOperators.GT, LARGEST));
    FloatVector shifted = bounded.mul(LOG2_E).add(ROUNDING);
    FloatVector n = shifted.sub(ROUNDING);
    FloatVector r = bounded.sub(n.mul(LN2_HIGH)).sub(n.mul(LN2_LOW));
    FloatVector p = P5.mul(r).add(P4).mul(r).add(P3).mul(r).add(P2).mul(r).add(P1).mul(r).add(P0);
    FloatVector y = p.mul(r.mul(r)).add(r).add(ONE);
    IntVector exponent = shifted.reinterpretAsInts().sub(ROUNDING_BITS);
    IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
    return y.mul(powerOfTwo(half)).mul(powerOfTwo(exponent.sub(half)));
  }

  private static FloatVector powerOfTwo(IntVector exponent) {
    return exponent.add(BIAS).lanewise(VectorOperators.LSHL, MANTISSA_BITS).reinterpretAsFloats();
  }

  static Pass backward(
      ActivationFunction function,
      int size,
      Operand y,
      Operand dy,
      boolean accumulate,
      Operand dx,
      Workers workers) {
    boolean sigmoid = function == ActivationFunction.SIGMOID;
    float[] outputs = y.array(), slopes = dy.array(), gradients = dx.array();
    int own = y.offset(), from = dy.offset(), to = dx.offset();
    return workers.pass(
        parts(size),
        (part, worker) -> {
          FloatVector one = FloatVector.broadcast(LANES, 1);
          int i = part * PART, end = end(part, size);
          for (; i <= end - WIDTH; i += WIDTH) {
            FloatVector output = FloatVector.fromArray(LANES, outputs, own + i);
            FloatVector slope = sigmoid ? output.mul(one.sub(output)) : one.sub(output.mul(output));
            FloatVector gradient = FloatVector.fromArray(LANES, slopes, from + i).mul(slope);
            if (accumulate) {
              gradient = FloatVector.fromArray(LANES, gradients, to + i).add(gradient);
            }
            gradient.intoArray(gradients, to + i);
          }
          for (; i < end; i++) {
            float gradient = slopes[from + i] * function.slope(outputs[own + i]);
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
