package convoy.engine.optimizer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.settings.Settings;
import java.io.Serializable;
import java.util.List;

/**
 * How the learning rate changes over a training: each step takes a share of the optimizer's.
 *
 * <p>A pure function of the step's number, which is counted from the beginning of the training on,
 * over all epochs, averages and resumptions. Computed in double with StrictMath.
 *
 * <p>All but {@link OneCycle} may begin with a warm-up of w steps, over which the rate rises in
 * equal parts: at step s, counted from 0, it is (s + 1) / w of what it would be. Goyal and others,
 * "Accurate, Large Minibatch SGD", 2017, section 2.2.
 */
public sealed interface Schedule extends Serializable
    permits Constant, StepDecay, CosineDecay, OneCycle {
  /** The name of the warm-up's span in settings. */
  String WARM_UP = "warmUp";

  /** The name in settings: "cosine". */
  String name();

  /**
   * The share of the optimizer's learning rate, from 0 to 1.
   *
   * @param step steps taken before this one; 0 or more, and below those of {@code run} where it
   *     {@linkplain #spansRun() spans} it
   */
  double share(long step, RunLength run);

  /** Whether the rate goes by the length of the whole training, so that it can't be changed. */
  boolean spansRun();

  /**
   * Checks that a training is long enough for this schedule.
   *
   * @throws IllegalArgumentException if not
   */
  default void checkFits(RunLength run) {}

  /** Its settings as a tree: {@code {cosine: {finalShare: 0.01, ...}}}. */
  ObjectNode toTree();

  /**
   * Reads the schedule at {@code key}: a name, or a name with settings; {@link Constant#DEFAULT}
   * where it is not set.
   *
   * @throws IllegalArgumentException if there is no such schedule, or its settings are wrong
   */
  static Schedule read(Settings settings, String key) {
    if (!settings.has(key)) {
      return Constant.DEFAULT;
    }
    List<String> names = List.of(Constant.NAME, StepDecay.NAME, CosineDecay.NAME, OneCycle.NAME);
    Settings.Choice choice = settings.choice(key, "schedule", names);
    return switch (choice.name()) {
      case Constant.NAME -> Constant.read(choice.settings());
      case StepDecay.NAME -> StepDecay.read(choice.settings());
      case CosineDecay.NAME -> CosineDecay.read(choice.settings());
      case OneCycle.NAME -> OneCycle.read(choice.settings());
      default -> throw new IllegalStateException("there is no reader for " + choice.name());
    };
  }

  /** The share that a warm-up of {@code steps} leaves at {@code step}. */
  static double warmUp(long step, long steps) {
    return step < steps ? (step + 1.0) / steps : 1;
  }
}
