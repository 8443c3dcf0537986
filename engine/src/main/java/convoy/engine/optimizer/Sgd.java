package convoy.engine.optimizer;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.settings.Settings;
import java.util.List;

/**
 * Stochastic gradient descent with momentum, as Keras 3 defines it.
 *
 * <pre>
 * momentum = 0:  w += -learningRate * g
 * otherwise:     v  = momentum * v - learningRate * g
 *                w += v                                     (nesterov = false)
 *                w += momentum * v - learningRate * g       (nesterov = true)
 * </pre>
 *
 * @param learningRate a finite number above 0; default 0.01
 * @param momentum from 0 to 1; default 0
 * @param nesterov whether the gradient counts as taken after the momentum's step; wants a momentum;
 *     default false
 */
public record Sgd(double learningRate, double momentum, boolean nesterov) implements Optimizer {
  static final String NAME = "sgd";

  /** With all settings at their default. */
  public static final Sgd DEFAULT = new Sgd(0.01, 0, false);

  public Sgd {
    Ranges.positive("learningRate", learningRate);
    if (!(momentum >= 0 && momentum <= 1)) {
      throw new IllegalArgumentException("momentum is " + momentum + ", wanted 0 to 1");
    }
    if (nesterov && momentum == 0) {
      throw new IllegalArgumentException("nesterov is true and momentum 0, wanted a momentum");
    }
  }

  static Sgd read(Settings settings) {
    settings.onlyKeys("learningRate", "momentum", "nesterov");
    double learningRate = settings.number("learningRate", DEFAULT.learningRate);
    double momentum = settings.number("momentum", DEFAULT.momentum);
    boolean nesterov = settings.truth("nesterov", DEFAULT.nesterov);
    return settings.checked(() -> new Sgd(learningRate, momentum, nesterov));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> slotNames() {
    return momentum == 0 ? List.of() : List.of("momentum");
  }

  @Override
  public ObjectNode toTree() {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.putObject(NAME)
        .put("learningRate", learningRate)
        .put("momentum", momentum)
        .put("nesterov", nesterov);
    return tree;
  }

  @Override
  public float factor(long t, double learningRate) {
    return (float) learningRate;
  }

  @Override
  public void step(
      float[] parameters, float[] gradient, OptimizerState state, int from, int to, float rate) {
    if (momentum == 0) {
      descend(parameters, gradient, rate, from, to);
    } else if (nesterov) {
      lookAhead(parameters, gradient, state.slots()[0], rate, (float) momentum, from, to);
    } else {
      roll(parameters, gradient, state.slots()[0], rate, (float) momentum, from, to);
    }
  }

  private static void descend(float[] w, float[] g, float rate, int from, int to) {
    for (int i = from; i < to; i++) {
      w[i] -= rate * g[i];
    }
  }

  private static void roll(
      float[] w, float[] g, float[] v, float rate, float momentum, int from, int to) {
    for (int i = from; i < to; i++) {
      float velocity = Subnormals.flushed(momentum * v[i] - rate * g[i]);
      v[i] = velocity;
      w[i] += velocity;
    }
  }

  private static void lookAhead(
      float[] w, float[] g, float[] v, float rate, float momentum, int from, int to) {
    for (int i = from; i < to; i++) {
      float descent = rate * g[i];
      float velocity = Subnormals.flushed(momentum * v[i] - descent);
      v[i] = velocity;
      w[i] += momentum * velocity - descent;
    }
  }
}
