package convoy.engine.optimizer;

import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.settings.Settings;
import java.io.Serializable;
import java.util.List;

/**
 * A rule that changes parameters by their gradient.
 *
 * <p>Scalars are computed in double and rounded to float once for each step; elements are plain
 * float arithmetic, one by one, so that the result has the same bits however the loop is compiled.
 */
public sealed interface Optimizer extends Serializable permits Sgd, Adam {

  /** The name in settings: "adam". */
  String name();

  /** The names of the arrays that are carried from step to step, in the order of the state. */
  List<String> slotNames();

  /**
   * Changes parameters, and their state, by one step.
   *
   * @param parameters overwritten from {@code from} to {@code to}, which is left out
   * @param gradient of the loss, by each parameter
   * @param state of this optimizer, overwritten in the same places
   * @param factor of this step
   */
  void step(
      float[] parameters, float[] gradient, OptimizerState state, int from, int to, float factor);

  /**
   * What a step multiplies by. It is apart from the step, which allocates nothing: the functions of
   * StrictMath may.
   *
   * @param t number of the step, counted from 1 since the state was all zeros
   * @param learningRate of the step: the optimizer's own, or what a schedule leaves of it
   */
  float factor(long t, double learningRate);

  /** Its settings as a tree: {@code {adam: {learningRate: 0.001, ...}}}. */
  ObjectNode toTree();

  /** The size of the steps, the largest if a schedule changes it. */
  double learningRate();

  /** Number of arrays that are carried from step to step. */
  default int slots() {
    return slotNames().size();
  }

  /** The state before the first step, all zeros. */
  default OptimizerState newState(int trainableSize) {
    return new OptimizerState(new float[slots()][trainableSize], 0);
  }

  /**
   * Reads the optimizer at {@code key}: a name ({@code adam}) or a name with settings ({@code
   * {adam: {learningRate: 0.01}}}); {@link Adam#DEFAULT} where it is not set.
   *
   * @throws IllegalArgumentException if there is no such optimizer, or its settings are wrong
   */
  static Optimizer read(Settings settings, String key) {
    if (!settings.has(key)) {
      return Adam.DEFAULT;
    }
    Settings.Choice choice = settings.choice(key, "optimizer", List.of(Adam.NAME, Sgd.NAME));
    return switch (choice.name()) {
      case Adam.NAME -> Adam.read(choice.settings());
      case Sgd.NAME -> Sgd.read(choice.settings());
      default -> throw new IllegalStateException("there is no reader for " + choice.name());
    };
  }
}
