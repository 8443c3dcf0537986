package convoy.engine.optimizer;

/**
 * Keeps an optimizer's state from numbers below {@link Float#MIN_NORMAL}. A state that decays
 * without gradients, as that of a unit which is never active, would come to such numbers and stay
 * there, since a tenth of a few of the smallest steps rounds to none; and processors take up to ten
 * times as long for them.
 */
final class Subnormals {
  /** Its own steps are of 7.7e-34, a share of 1e-4 of which still is a normal number. */
  private static final float COARSE = 1e-26f;

  private Subnormals() {}

  /**
   * {@code value} in steps of 7.7e-34, so 0 where it is subnormal; rounded once more up to 3.4e-19,
   * unchanged beyond, and if it is NaN or infinite. There is no branch, so that the JIT vectorises
   * the loops that it stands in.
   */
  static float flushed(float value) {
    return value + COARSE - COARSE;
  }
}
