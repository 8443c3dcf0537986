package convoy.engine.kernel;

import java.util.List;

/**
 * Work whose operands are bound to it: made once, and run whenever their arrays hold new values.
 *
 * <p>A pass holds settings, views of arrays and the workers, never values; what can be told from
 * these is told when it is made. So running it allocates nothing.
 */
@FunctionalInterface
public interface Pass {
  /** Has nothing to do. */
  Pass NONE = () -> {};

  /** Does the work, with what the operands hold now. */
  void run();

  /** {@code passes} one after the other. */
  static Pass inOrder(List<Pass> passes) {
    Pass[] working = passes.stream().filter(pass -> pass != NONE).toArray(Pass[]::new);
    return switch (working.length) {
      case 0 -> NONE;
      case 1 -> working[0];
      default -> () -> runAll(working);
    };
  }

  private static void runAll(Pass[] passes) {
    for (Pass pass : passes) {
      pass.run();
    }
  }
}
