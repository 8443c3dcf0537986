package convoy.engine.optimizer;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.settings.Settings;
import java.io.Serializable;

/**
 * The step that a round's average leads to: by the averaged change, with Nesterov's momentum.
 *
 * <pre>
 * change = average - start
 * v      = momentum * v + change
 * next   = start + learningRate * (change + momentum * v)
 * </pre>
 *
 * <p>Douillard et al., "DiLoCo: Distributed Low-Communication Training of Language Models", 2023,
 * algorithm 1, whose outer gradient is start - average and whose outer optimizer is Nesterov's
 * momentum; v is that of PyTorch's SGD(nesterov=True) with its sign turned, before the first round
 * 0. Their settings are 0.7 and 0.9. With learning rate 1 and momentum 0 the next round starts from
 * the average, bit for bit.
 *
 * <p>Each value is computed by itself, in double, and rounded to float once.
 *
 * @param learningRate a finite number above 0; default 1
 * @param momentum 0 or more and below 1; default 0
 */
public record OuterStep(double learningRate, double momentum) implements Serializable {
  /** The average itself. */
  public static final OuterStep NONE = new OuterStep(1, 0);

  public OuterStep {
    Ranges.positive("learningRate", learningRate);
    Ranges.belowOne("momentum", momentum);
  }

  /** Reads the settings {@code learningRate} and {@code momentum}. */
  public static OuterStep read(Settings settings) {
    settings.onlyKeys("learningRate", "momentum");
    double learningRate = settings.number("learningRate", NONE.learningRate);
    double momentum = settings.number("momentum", NONE.momentum);
    return settings.checked(() -> new OuterStep(learningRate, momentum));
  }

  /** Its settings as a tree. */
  public ObjectNode toTree() {
    return JsonNodeFactory.instance
        .objectNode()
        .put("learningRate", learningRate)
        .put("momentum", momentum);
  }

  /** Whether v is carried from round to round. */
  public boolean hasMomentum() {
    return momentum > 0;
  }

  /**
   * Takes the step of one round.
   *
   * @param start what the round started from
   * @param next the average of its replicas; the first {@code size} values are overwritten
   * @param v the momentum, overwritten; not looked at where there is none
   * @param size number of trainable parameters, at the beginning of all arrays
   */
  public void step(float[] start, float[] next, float[] v, int size) {
    if (hasMomentum()) {
      roll(start, next, v, size);
    } else if (learningRate != 1) {
      for (int i = 0; i < size; i++) {
        next[i] = (float) (start[i] + learningRate * ((double) next[i] - start[i]));
      }
    }
  }

  private void roll(float[] start, float[] next, float[] v, int size) {
    for (int i = 0; i < size; i++) {
      double change = (double) next[i] - start[i];
      double velocity = momentum * v[i] + change;
      v[i] = (float) velocity;
      next[i] = (float) (start[i] + learningRate * (change + momentum * velocity));
    }
  }
}
