package convoy.engine.kernel;

/**
 * The numbers of a local response normalisation: y[i] = x[i] / s[i]^beta with s[i] = k + alpha *
 * sum of x[j]^2 over the {@code size} channels around i, as far as there are such channels.
 *
 * @param size channels, odd
 * @param alpha factor of the sum of squares
 * @param beta exponent
 * @param k what is added to the sum
 */
public record ResponseNormalization(int size, float alpha, float beta, float k) {

  /** Channels on either side of the one that is normalised. */
  public int reach() {
    return size / 2;
  }

  /** Floats of scratch memory that each worker needs for {@code c} channels. */
  public int scratch(int c) {
    return Math.addExact(Math.multiplyExact(3, c), size);
  }
}
