package convoy.engine.kernel.vector;

import convoy.engine.kernel.Epilogue;
import convoy.engine.kernel.Operand;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The one-dimensional transforms of Winograd's F(4x4, 3x3) and their transposes, with lanes along
 * the channels. Applied to the columns and then to the rows of a tile they are the two-dimensional
 * ones: V = B^T d B, M = U * V elementwise, Y = A^T M A, U = G g G^T.
 *
 * <p>Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016, section 4.1 gives
 * B, G and A (interpolation points 0, 1, -1, 2, -2 and infinity). The gradients are the adjoints:
 * dM = A dY A^T, dU = sum of V * dM, dw = G^T dU G, dV = U * dM, dx = sum of B dV B^T.
 *
 * <p>Each method reads its inputs {@code stride} floats apart and writes its outputs {@code
 * toStride} apart, {@code channels} of each (a multiple of the vector's length). Every lane takes
 * the same operations in the same order, so lanes change no bits.
 */
final class WinogradTransforms {
  /** Rows and columns of a tile of the output. */
  static final int OUTPUT = 4;

  /** Rows and columns of a tile of the input, and of a transformed one. */
  static final int INPUT = 6;

  /** Values of a transformed tile. */
  static final int POINTS = INPUT * INPUT;

  private static final VectorSpecies<Float> LANES = MicroKernel.LANES;
  private static final int WIDTH = MicroKernel.WIDTH;

  private WinogradTransforms() {}

  private static FloatVector load(float[] array, int from) {
    return FloatVector.fromArray(LANES, array, from);
  }

  private static FloatVector constant(float value) {
    return FloatVector.broadcast(LANES, value);
  }

  /** B^T d: six values to six. */
  static void input(
      float[] d, int from, int stride, float[] v, int to, int toStride, int channels) {
    FloatVector minus4 = constant(-4),
        plus4 = constant(4),
        minus5 = constant(-5),
        plus2 = constant(2),
        minus2 = constant(-2);
    for (int c = 0; c < channels; c += WIDTH) {
      int i = from + c, o = to + c;
      FloatVector d0 = load(d, i), d1 = load(d, i + stride), d2 = load(d, i + 2 * stride);
      FloatVector d3 = load(d, i + 3 * stride), d4 = load(d, i + 4 * stride);
      FloatVector d5 = load(d, i + 5 * stride);
      FloatVector even = d2.fma(minus4, d4), odd = d1.fma(minus4, d3);
      FloatVector even2 = d4.sub(d2), odd2 = d3.sub(d1);
      d0.fma(plus4, d2.fma(minus5, d4)).intoArray(v, o);
      even.add(odd).intoArray(v, o + toStride);
      even.sub(odd).intoArray(v, o + 2 * toStride);
      odd2.fma(plus2, even2).intoArray(v, o + 3 * toStride);
      odd2.fma(minus2, even2).intoArray(v, o + 4 * toStride);
      d1.fma(plus4, d3.fma(minus5, d5)).intoArray(v, o + 5 * toStride);
    }
  }

  /** A^T m: six values to four. */
  static void output(
      float[] m, int from, int stride, float[] y, int to, int toStride, int channels) {
    FloatVector plus2 = constant(2), plus4 = constant(4), plus8 = constant(8);
    for (int c = 0; c < channels; c += WIDTH) {
      int i = from + c, o = to + c;
      FloatVector m0 = load(m, i), m1 = load(m, i + stride), m2 = load(m, i + 2 * stride);
      FloatVector m3 = load(m, i + 3 * stride), m4 = load(m, i + 4 * stride);
      FloatVector m5 = load(m, i + 5 * stride);
      FloatVector sum = m1.add(m2), difference = m1.sub(m2);
      FloatVector sum2 = m3.add(m4), difference2 = m3.sub(m4);
      m0.add(sum).add(sum2).intoArray(y, o);
      difference2.fma(plus2, difference).intoArray(y, o + toStride);
      sum2.fma(plus4, sum).intoArray(y, o + 2 * toStride);
      difference2.fma(plus8, difference).add(m5).intoArray(y, o + 3 * toStride);
    }
  }

  /**
   * A^T m, through the epilogue, into channels from {@code firstK} on of the four pixels of y that
   * begin {@code pixel} floats into it, as {@link Finish} has it.
   */
  static void finishedOutput(
      float[] m,
      int from,
      int stride,
      Epilogue epilogue,
      int pixel,
      int firstK,
      float[] y,
      int yOffset,
      int pixelStride,
      int channels) {
    Operand bias = epilogue.bias(), add = epilogue.add();
    Operand activation = epilogue.activation(), shortcut = epilogue.shortcut();
    boolean relu = epilogue.relu();
    FloatVector plus2 = constant(2), plus4 = constant(4), plus8 = constant(8);
    for (int c = 0; c < channels; c += WIDTH) {
      int i = from + c, o = pixel + firstK + c;
      FloatVector m0 = load(m, i), m1 = load(m, i + stride), m2 = load(m, i + 2 * stride);
      FloatVector m3 = load(m, i + 3 * stride), m4 = load(m, i + 4 * stride);
      FloatVector m5 = load(m, i + 5 * stride);
      FloatVector sum = m1.add(m2), difference = m1.sub(m2);
      FloatVector sum2 = m3.add(m4), difference2 = m3.sub(m4);
      FloatVector y0 = m0.add(sum).add(sum2), y1 = difference2.fma(plus2, difference);
      FloatVector y2 = sum2.fma(plus4, sum), y3 = difference2.fma(plus8, difference).add(m5);
      if (bias.isPresent()) {
        FloatVector b = load(bias.array(), bias.offset() + firstK + c);
        y0 = y0.add(b);
        y1 = y1.add(b);
        y2 = y2.add(b);
        y3 = y3.add(b);
      }
      if (add.isPresent()) {
        int a = add.offset() + o;
        y0 = y0.add(load(add.array(), a));
        y1 = y1.add(load(add.array(), a + pixelStride));
        y2 = y2.add(load(add.array(), a + 2 * pixelStride));
        y3 = y3.add(load(add.array(), a + 3 * pixelStride));
      }
      if (relu) {
        y0 = Elements.relu(y0);
        y1 = Elements.relu(y1);
        y2 = Elements.relu(y2);
        y3 = Elements.relu(y3);
      }
      if (activation.isPresent()) {
        int a = activation.offset() + o;
        y0.intoArray(activation.array(), a);
        y1.intoArray(activation.array(), a + pixelStride);
        y2.intoArray(activation.array(), a + 2 * pixelStride);
        y3.intoArray(activation.array(), a + 3 * pixelStride);
      }
      if (shortcut.isPresent()) {
        int a = shortcut.offset() + o;
        y0 = y0.add(load(shortcut.array(), a));
        y1 = y1.add(load(shortcut.array(), a + pixelStride));
        y2 = y2.add(load(shortcut.array(), a + 2 * pixelStride));
        y3 = y3.add(load(shortcut.array(), a + 3 * pixelStride));
      }
      int to = yOffset + o;
      y0.intoArray(y, to);
      y1.intoArray(y, to + pixelStride);
      y2.intoArray(y, to + 2 * pixelStride);
      y3.intoArray(y, to + 3 * pixelStride);
    }
  }

  /** A dy: four values to six. */
  static void outputGradient(
      float[] dy, int from, int stride, float[] dm, int to, int toStride, int channels) {
    FloatVector plus4 = constant(4), plus2 = constant(2), minus2 = constant(-2);
    for (int c = 0; c < channels; c += WIDTH) {
      int i = from + c, o = to + c;
      FloatVector g0 = load(dy, i), g1 = load(dy, i + stride);
      FloatVector g2 = load(dy, i + 2 * stride), g3 = load(dy, i + 3 * stride);
      FloatVector even = g0.add(g2), odd = g1.add(g3);
      FloatVector even2 = g2.fma(plus4, g0), odd2 = g3.fma(plus4, g1);
      g0.intoArray(dm, o);
      even.add(odd).intoArray(dm, o + toStride);
      even.sub(odd).intoArray(dm, o + 2 * toStride);
      odd2.fma(plus2, even2).intoArray(dm, o + 3 * toStride);
      odd2.fma(minus2, even2).intoArray(dm, o + 4 * toStride);
      g3.intoArray(dm, o + 5 * toStride);
    }
  }

  /** B dv: six values to six. */
  static void inputGradient(
      float[] dv, int from, int stride, float[] dx, int to, int toStride, int channels) {
    FloatVector plus4 = constant(4),
        minus4 = constant(-4),
        minus2 = constant(-2),
        minus5 = constant(-5),
        plus2 = constant(2);
    for (int c = 0; c < channels; c += WIDTH) {
      int i = from + c, o = to + c;
      FloatVector v0 = load(dv, i), v1 = load(dv, i + stride), v2 = load(dv, i + 2 * stride);
      FloatVector v3 = load(dv, i + 3 * stride), v4 = load(dv, i + 4 * stride);
      FloatVector v5 = load(dv, i + 5 * stride);
      FloatVector sum = v1.add(v2), difference = v1.sub(v2);
      FloatVector sum2 = v3.add(v4), difference2 = v3.sub(v4);
      v0.mul(plus4).intoArray(dx, o);
      difference.fma(minus4, difference2.fma(minus2, v5.mul(plus4))).intoArray(dx, o + toStride);
      sum.fma(minus4, v0.mul(minus5).sub(sum2)).intoArray(dx, o + 2 * toStride);
      difference2.fma(plus2, v5.fma(minus5, difference)).intoArray(dx, o + 3 * toStride);
      v0.add(sum).add(sum2).intoArray(dx, o + 4 * toStride);
      v5.intoArray(dx, o + 5 * toStride);
    }
  }

  /**
   * B dv into a row of pixels: value j only if bit j of {@code inside} is set, added to what is
   * there if bit j of {@code reached} is.
   */
  static void gatheredInputGradient(
      float[] dv,
      int from,
      int stride,
      float[] dx,
      int to,
      int toStride,
      int inside,
      int reached,
      int channels) {
    FloatVector plus4 = constant(4), minus4 = constant(-4), minus2 = constant(-2);
    FloatVector minus5 = constant(-5), plus2 = constant(2);
    for (int c = 0; c < channels; c += WIDTH) {
      int i = from + c, o = to + c;
      FloatVector v0 = load(dv, i), v1 = load(dv, i + stride), v2 = load(dv, i + 2 * stride);
      FloatVector v3 = load(dv, i + 3 * stride), v4 = load(dv, i + 4 * stride);
      FloatVector v5 = load(dv, i + 5 * stride);
      FloatVector sum = v1.add(v2), difference = v1.sub(v2);
      FloatVector sum2 = v3.add(v4), difference2 = v3.sub(v4);
      gather(v0.mul(plus4), dx, o, inside & 1, reached & 1);
      FloatVector inner = difference2.fma(minus2, v5.mul(plus4));
      gather(difference.fma(minus4, inner), dx, o + toStride, inside & 2, reached & 2);
      FloatVector outer = v0.mul(minus5).sub(sum2);
      gather(sum.fma(minus4, outer), dx, o + 2 * toStride, inside & 4, reached & 4);
      FloatVector inner2 = v5.fma(minus5, difference);
      gather(difference2.fma(plus2, inner2), dx, o + 3 * toStride, inside & 8, reached & 8);
      gather(v0.add(sum).add(sum2), dx, o + 4 * toStride, inside & 16, reached & 16);
      gather(v5, dx, o + 5 * toStride, inside & 32, reached & 32);
    }
  }

  private static void gather(FloatVector value, float[] dx, int to, int inside, int reached) {
    if (reached != 0) {
      load(dx, to).add(value).intoArray(dx, to);
    } else if (inside != 0) {
      value.intoArray(dx, to);
    }
  }

  /** G g: three values to six. */
  static void weights(
      float[] g, int from, int stride, float[] u, int to, int toStride, int channels) {
    FloatVector minusSixth = constant(-1 / 6f),
        twentyFourth = constant(1 / 24f),
        sixth = constant(1 / 6f),
        twelfth = constant(1 / 12f),
        quarter = constant(1 / 4f);
    for (int c = 0; c < channels; c += WIDTH) {
      int i = from + c, o = to + c;
      FloatVector g0 = load(g, i), g1 = load(g, i + stride), g2 = load(g, i + 2 * stride);
      FloatVector outer = g0.add(g2).mul(minusSixth), inner = g1.mul(minusSixth);
      FloatVector outer2 = g0.mul(twentyFourth).add(g2.mul(sixth));
      FloatVector inner2 = g1.mul(twelfth);
      g0.mul(quarter).intoArray(u, o);
      outer.add(inner).intoArray(u, o + toStride);
      outer.sub(inner).intoArray(u, o + 2 * toStride);
      outer2.add(inner2).intoArray(u, o + 3 * toStride);
      outer2.sub(inner2).intoArray(u, o + 4 * toStride);
      g2.intoArray(u, o + 5 * toStride);
    }
  }

  /** G^T du: six values to three. */
  static void weightGradient(
      float[] du, int from, int stride, float[] dw, int to, int toStride, int channels) {
    FloatVector quarter = constant(1 / 4f), minusSixth = constant(-1 / 6f);
    FloatVector sixth = constant(1 / 6f), twelfth = constant(1 / 12f);
    FloatVector twentyFourth = constant(1 / 24f);
    for (int c = 0; c < channels; c += WIDTH) {
      int i = from + c, o = to + c;
      FloatVector u0 = load(du, i), u1 = load(du, i + stride), u2 = load(du, i + 2 * stride);
      FloatVector u3 = load(du, i + 3 * stride), u4 = load(du, i + 4 * stride);
      FloatVector u5 = load(du, i + 5 * stride);
      FloatVector sum = u1.add(u2), difference = u1.sub(u2);
      FloatVector sum2 = u3.add(u4), difference2 = u3.sub(u4);
      FloatVector inner = sum.fma(minusSixth, u0.mul(quarter));
      sum2.fma(twentyFourth, inner).intoArray(dw, o);
      difference2.fma(twelfth, difference.mul(minusSixth)).intoArray(dw, o + toStride);
      sum2.fma(sixth, sum.fma(minusSixth, u5)).intoArray(dw, o + 2 * toStride);
    }
  }
}
