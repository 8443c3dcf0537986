package convoy.engine.kernel;

/**
 * The exponential function in float, to within one unit in the last place, in operations that give
 * the same bits in plain code and in vector lanes: no fused multiplication, no Math.exp.
 *
 * <p>e^x = 2^n e^r, n being x / ln 2 rounded to a whole number and r = x - n ln 2, in two parts of
 * which the first has so few bits that its product with n is exact. e^r = 1 + r + r^2 p(r), p of
 * degree 5: Moshier's Cephes library, expf. 2^n comes in two factors, so that both ends of the
 * range, denormal results and infinity, need no case of their own. NaN stays NaN.
 */
public final class Exponential {
  /** Below this e^x rounds to 0. */
  public static final float LEAST = -104;

  /** From here on e^x is infinite. */
  public static final float LARGEST = 89;

  public static final float LOG2_E = 1.44269504f;

  /** 1.5 * 2^23: what is added to it is rounded to a whole number, which its low bits then hold. */
  public static final float ROUNDING = 12582912;

  /** The low bits of ROUNDING. */
  public static final int ROUNDING_BITS = 0x4B400000;

  public static final float LN2_HIGH = 0.693359375f;

  /** ln 2 - LN2_HIGH. */
  public static final float LN2_LOW = -2.12194440e-4f;

  public static final float P5 = 1.9875691500e-4f;
  public static final float P4 = 1.3981999507e-3f;
  public static final float P3 = 8.3334519073e-3f;
  public static final float P2 = 4.1665795894e-2f;
  public static final float P1 = 1.6666665459e-1f;
  public static final float P0 = 5.0000001201e-1f;

  private static final int EXPONENT_BIAS = 127;
  private static final int MANTISSA_BITS = 23;

  private Exponential() {}

  /** e^x. */
  public static float exp(float x) {
    float bounded = x < LEAST ? LEAST : x;
    bounded = bounded > LARGEST ? LARGEST : bounded;
    float shifted = bounded * LOG2_E + ROUNDING;
    float n = shifted - ROUNDING;
    float r = bounded - n * LN2_HIGH;
    r = r - n * LN2_LOW;
    float p = P5;
    p = p * r + P4;
    p = p * r + P3;
    p = p * r + P2;
    p = p * r + P1;
    p = p * r + P0;
    float y = p * (r * r) + r + 1;
    int exponent = Float.floatToRawIntBits(shifted) - ROUNDING_BITS;
    int half = exponent >> 1;
    return y * powerOfTwo(half) * powerOfTwo(exponent - half);
  }

  private static float powerOfTwo(int exponent) {
    return Float.intBitsToFloat((exponent + EXPONENT_BIAS) << MANTISSA_BITS);
  }
}
