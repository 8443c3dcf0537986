package convoy.engine.kernel;

import java.util.Arrays;

/**
 * Local response normalisation of one pixel after another. Squares and products lie in a row with
 * zeros on both sides, so that the channels at the ends need no case of their own and each loop
 * runs over channels.
 */
final class ScalarResponseNormalization {
  /** Floats in a part of a pass. */
  private static final int ELEMENTS = 1 << 14;

  /** The exponent for which two square roots do, AlexNet's. */
  private static final float THREE_QUARTERS = 0.75f;

  private ScalarResponseNormalization() {}

  static Pass forward(
      ResponseNormalization normalization,
      int pixels,
      int c,
      Operand x,
      Operand y,
      Workers workers) {
    int inPart = Math.max(1, ELEMENTS / c), reach = normalization.reach();
    int s = Workers.ORIGIN + c + 2 * reach, power = s + c;
    float[] in = x.array(), out = y.array();
    return workers.pass(
        parts(pixels, inPart),
        (part, worker) -> {
          float[] scratch = workers.scratch(worker);
          for (int pixel = part * inPart; pixel < end(part, pixels, inPart); pixel++) {
            int from = x.offset() + pixel * c, to = y.offset() + pixel * c;
            powers(normalization, c, in, from, scratch, s, power);
            for (int i = 0; i < c; i++) {
              out[to + i] = in[from + i] * scratch[power + i];
            }
          }
        });
  }

  static Pass backward(
      ResponseNormalization normalization,
      int pixels,
      int c,
      Operand x,
      Operand dy,
      boolean accumulate,
      Operand dx,
      Workers workers) {
    int inPart = Math.max(1, ELEMENTS / c), reach = normalization.reach();
    int row = Workers.ORIGIN + reach, s = row + c + reach, power = s + c;
    float factor = 2 * normalization.alpha() * normalization.beta();
    float[] in = x.array(), slopes = dy.array(), gradients = dx.array();
    return workers.pass(
        parts(pixels, inPart),
        (part, worker) -> {
          float[] scratch = workers.scratch(worker);
          for (int pixel = part * inPart; pixel < end(part, pixels, inPart); pixel++) {
            int from = x.offset() + pixel * c, own = dy.offset() + pixel * c;
            int to = dx.offset() + pixel * c;
            powers(normalization, c, in, from, scratch, s, power);
            for (int i = 0; i < c; i++) {
              float y = in[from + i] * scratch[power + i];
              scratch[row + i] = slopes[own + i] * y / scratch[s + i];
            }
            sums(normalization.size(), c, scratch, s);
            for (int i = 0; i < c; i++) {
              float gradient =
                  slopes[own + i] * scratch[power + i] - factor * in[from + i] * scratch[s + i];
              gradients[to + i] = accumulate ? gradients[to + i] + gradient : gradient;
            }
          }
        });
  }

  /** Writes s[i] and s[i]^-beta of one pixel; leaves zeros on both sides of the row. */
  private static void powers(
      ResponseNormalization normalization,
      int c,
      float[] x,
      int from,
      float[] scratch,
      int s,
      int power) {
    int origin = Workers.ORIGIN, reach = normalization.reach();
    Arrays.fill(scratch, origin, origin + reach, 0);
    Arrays.fill(scratch, origin + reach + c, origin + reach + c + reach, 0);
    for (int i = 0; i < c; i++) {
      scratch[origin + reach + i] = x[from + i] * x[from + i];
    }
    sums(normalization.size(), c, scratch, s);
    float alpha = normalization.alpha(), beta = normalization.beta(), k = normalization.k();
    for (int i = 0; i < c; i++) {
      float value = k + alpha * scratch[s + i];
      scratch[s + i] = value;
      scratch[power + i] = beta == THREE_QUARTERS ? threeQuarters(value) : power(value, beta);
    }
  }

  /** Writes the sums of {@code size} values of the row from each of its first c values on. */
  private static void sums(int size, int c, float[] scratch, int sums) {
    for (int i = 0; i < c; i++) {
      float sum = 0;
      for (int d = 0; d < size; d++) {
        sum += scratch[Workers.ORIGIN + i + d];
      }
      scratch[sums + i] = sum;
    }
  }

  private static float threeQuarters(float value) {
    float root = (float) Math.sqrt(value);
    return 1 / (root * (float) Math.sqrt(root));
  }

  /** By the logarithm: StrictMath.pow makes arrays of its own in every call. */
  private static float power(float value, float beta) {
    return (float) StrictMath.exp(-beta * StrictMath.log(value));
  }

  private static int parts(int size, int inPart) {
    return (int) (((long) size + inPart - 1) / inPart);
  }

  private static int end(int part, int size, int inPart) {
    return (int) Math.min(size, (part + 1L) * inPart);
  }
}
