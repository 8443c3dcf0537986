package convoy.engine.random;

/** The key of the numbers that the current step draws; each layer draws from a key below it. */
public final class StepKey {
  private boolean given;
  private long state;

  /** From now on the step draws from {@code key.with(step)}. */
  public void set(RandomKey key, long step) {
    state = key.bits(step);
    given = true;
  }

  /**
   * The key of {@code layer} below that of the step; asked before there is one, it throws an
   * IllegalStateException.
   */
  public KeySource of(long layer) {
    return () -> {
      if (!given) {
        throw new IllegalStateException("a pass draws random numbers before its step has a key");
      }
      return RandomKey.bits(state, layer);
    };
  }
}
