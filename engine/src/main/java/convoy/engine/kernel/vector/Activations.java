package convoy.engine.kernel.vector;

import convoy.engine.kernel.ActivationFunction;
import convoy.engine.kernel.Exponential;
import convoy.engine.kernel.Workers;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sigmoid and hyperbolic tangent in vector lanes: operation for operation what {@link
 * ActivationFunction} and {@link Exponential} do, so that the bits are theirs.
 */
final class Activations {
  /** Floats in a part of a pass. */
  private static final int PART = 1 << 14;

  private static final int WIDTH = MicroKernel.WIDTH;
  private static final VectorSpecies<Float> LANES = MicroKernel.LANES;

  private static final int EXPONENT_BIAS = 127;
  private static final int MANTISSA_BITS = 23;

  private Activations() {}

  static void forward(
      ActivationFunction function,
      int size,
      float[] x,
      int xOffset,
      float[] y,
      int yOffset,
      Workers workers) {
    boolean sigmoid = function == ActivationFunction.SIGMOID;
    workers.run(
        parts(size),
        (part, worker) -> {
          int i = part * PART, end = end(part, size);
          int whole = end - (end - i) % WIDTH;
          if (sigmoid) {
            sigmoid(i, whole, x, xOffset, y, yOffset);
          } else {
            tanh(i, whole, x, xOffset, y, yOffset);
          }
          for (i = whole; i < end; i++) {
            y[yOffset + i] = function.value(x[xOffset + i]);
          }
        });
  }

  private static void sigmoid(int from, int end, float[] x, int xOffset, float[] y, int yOffset) {
    for (int i = from; i < end; i += WIDTH) {
      FloatVector value = FloatVector.fromArray(LANES, x, xOffset + i);
      FloatVector e = exp(value.abs().neg());
      FloatVector above = FloatVector.broadcast(LANES, 1);
      FloatVector numerator = above.blend(e, value.compare(VectorOperators.LT, 0));
      numerator.div(e.add(1)).intoArray(y, yOffset + i);
    }
  }

  private static void tanh(int from, int end, float[] x, int xOffset, float[] y, int yOffset) {
    for (int i = from; i < end; i += WIDTH) {
      FloatVector value = FloatVector.fromArray(LANES, x, xOffset + i);
      FloatVector size = value.abs();
      FloatVector square = value.mul(value);
      FloatVector q = square.mul(ActivationFunction.Q4).add(ActivationFunction.Q3);
      q = q.mul(square).add(ActivationFunction.Q2);
      q = q.mul(square).add(ActivationFunction.Q1);
      q = q.mul(square).add(ActivationFunction.Q0);
      q = q.mul(square).mul(value).add(value);
      FloatVector two = FloatVector.broadcast(LANES, 2);
      FloatVector one = FloatVector.broadcast(LANES, 1);
      FloatVector large = one.sub(two.div(exp(size.mul(2)).add(1)));
      large = large.blend(large.neg(), value.compare(VectorOperators.LT, 0));
      VectorMask<Float> small = size.compare(VectorOperators.LT, ActivationFunction.SMALL);
      large.blend(q, small).intoArray(y, yOffset + i);
    }
  }

  /** {@link Exponential#exp} of each lane. */
  static FloatVector exp(FloatVector x) {
    FloatVector bounded =
        x.blend(Exponential.LEAST, x.compare(VectorOperators.LT, Exponential.LEAST));
    bounded =
        bounded.blend(
            Exponential.LARGEST, bounded.compare(VectorOperators.GT, Exponential.LARGEST));
    FloatVector shifted = bounded.mul(Exponential.LOG2_E).add(Exponential.ROUNDING);
    FloatVector n = shifted.sub(Exponential.ROUNDING);
    FloatVector r = bounded.sub(n.mul(Exponential.LN2_HIGH));
    r = r.sub(n.mul(Exponential.LN2_LOW));
    FloatVector p = r.mul(Exponential.P5).add(Exponential.P4);
    p = p.mul(r).add(Exponential.P3);
    p = p.mul(r).add(Exponential.P2);
    p = p.mul(r).add(Exponential.P1);
    p = p.mul(r).add(Exponential.P0);
    FloatVector y = p.mul(r.mul(r)).add(r).add(1);
    IntVector exponent = shifted.reinterpretAsInts().sub(Exponential.ROUNDING_BITS);
    IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
    return y.mul(powerOfTwo(half)).mul(powerOfTwo(exponent.sub(half)));
  }

  private static FloatVector powerOfTwo(IntVector exponent) {
    return exponent
        .add(EXPONENT_BIAS)
        .lanewise(VectorOperators.LSHL, MANTISSA_BITS)
        .reinterpretAsFloats();
  }

  static void backward(
      ActivationFunction function,
      int size,
      float[] y,
      int yOffset,
      float[] dy,
      int dyOffset,
      boolean accumulate,
      float[] dx,
      int dxOffset,
      Workers workers) {
    boolean sigmoid = function == ActivationFunction.SIGMOID;
    workers.run(
        parts(size),
        (part, worker) -> {
          FloatVector one = FloatVector.broadcast(LANES, 1);
          int i = part * PART, end = end(part, size);
          for (; i <= end - WIDTH; i += WIDTH) {
            FloatVector output = FloatVector.fromArray(LANES, y, yOffset + i);
            FloatVector slope = sigmoid ? output.mul(one.sub(output)) : one.sub(output.mul(output));
            FloatVector gradient = FloatVector.fromArray(LANES, dy, dyOffset + i).mul(slope);
            if (accumulate) {
              gradient = FloatVector.fromArray(LANES, dx, dxOffset + i).add(gradient);
            }
            gradient.intoArray(dx, dxOffset + i);
          }
          for (; i < end; i++) {
            float gradient = dy[dyOffset + i] * function.slope(y[yOffset + i]);
            dx[dxOffset + i] = accumulate ? dx[dxOffset + i] + gradient : gradient;
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
