package convoy.engine.kernel;

/** The functions of one number that activations apply to each value, beside ReLU. */
public enum ActivationFunction {
  /** y = 1 / (1 + e^-x), computed from e^-|x|, which can't overflow. */
  SIGMOID,
  /**
   * y = (e^x - e^-x) / (e^x + e^-x), computed as 1 - 2 / (e^(2|x|) + 1) with the sign of x, and
   * where |x| < 0.625 as x + x^3 q(x^2), q of degree 4 (Moshier's Cephes library, tanhf).
   */
  TANH;

  /** The bound of |x| below which tanh is a polynomial. */
  public static final float SMALL = 0.625f;

  public static final float Q4 = -5.70498872745e-3f;
  public static final float Q3 = 2.06390887954e-2f;
  public static final float Q2 = -5.37397155531e-2f;
  public static final float Q1 = 1.33314422036e-1f;
  public static final float Q0 = -3.33332819422e-1f;

  /** The value at x. */
  public float value(float x) {
    return this == SIGMOID ? sigmoid(x) : tanh(x);
  }

  /** The derivative at the x where the value is y. */
  public float slope(float y) {
    return this == SIGMOID ? y * (1 - y) : 1 - y * y;
  }

  private static float sigmoid(float x) {
    float e = Exponential.exp(-Math.abs(x));
    return (x < 0 ? e : 1) / (1 + e);
  }

  private static float tanh(float x) {
    float size = Math.abs(x);
    if (size < SMALL) {
      float square = x * x;
      float q = Q4;
      q = q * square + Q3;
      q = q * square + Q2;
      q = q * square + Q1;
      q = q * square + Q0;
      return q * square * x + x;
    }
    float y = 1 - 2 / (Exponential.exp(2 * size) + 1);
    return x < 0 ? -y : y;
  }
}
