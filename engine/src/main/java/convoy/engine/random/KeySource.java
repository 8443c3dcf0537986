package convoy.engine.random;

/** Where the key of some random numbers stands, which may be another one in each step. */
@FunctionalInterface
public interface KeySource {
  /** For what draws no numbers. */
  KeySource NONE =
      () -> {
        throw new IllegalStateException("there is no key to draw random numbers from");
      };

  /** The {@link RandomKey#state} of the key that stands there now. */
  long state();
}
