package convoy.engine.optimizer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.settings.Settings;
import java.io.Serializable;

/**
 * A stretch of a training, in steps or in epochs; in settings two keys, as "warmUpSteps" and
 * "warmUpEpochs".
 *
 * @param steps 0 or more
 * @param epochs 0 or more; 0 if there are steps
 */
public record Span(int steps, int epochs) implements Serializable {
  /** Nothing of either. */
  public static final Span NONE = new Span(0, 0);

  public Span {
    if (steps < 0 || epochs < 0 || (steps > 0 && epochs > 0)) {
      throw new IllegalArgumentException(
          "got " + steps + " steps and " + epochs + " epochs, wanted one of them, 0 or more");
    }
  }

  /** Reads the keys of the span {@code name}; {@link #NONE} where they are not set. */
  static Span read(Settings settings, String name) {
    String stepsKey = stepsKey(name), epochsKey = epochsKey(name);
    int steps = settings.integer(stepsKey, 0);
    int epochs = settings.integer(epochsKey, 0);
    if (steps < 0) {
      throw settings.wrong(stepsKey, "0 or more");
    }
    if (epochs < 0 || (steps > 0 && epochs > 0)) {
      throw settings.wrong(epochsKey, epochs < 0 ? "0 or more" : "0 beside " + stepsKey);
    }
    return new Span(steps, epochs);
  }

  void write(ObjectNode tree, String name) {
    tree.put(stepsKey(name), steps).put(epochsKey(name), epochs);
  }

  /** Its length in steps. */
  long in(RunLength run) {
    return steps + (long) epochs * run.stepsPerEpoch();
  }

  static String stepsKey(String name) {
    return name + "Steps";
  }

  static String epochsKey(String name) {
    return name + "Epochs";
  }
}
