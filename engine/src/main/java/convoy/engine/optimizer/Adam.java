package convoy.engine.optimizer;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.settings.Settings;
import java.util.List;

/**
 * Adam, as Keras 3 defines it: Kingma and Ba, "Adam: A Method for Stochastic Optimization", 2014,
 * the efficient form at the end of section 2.
 *
 * <pre>
 * m += (g - m) * (1 - beta1)
 * v += (g * g - v) * (1 - beta2)
 * w -= alpha * m / (sqrt(v) + epsilon),  alpha = learningRate * sqrt(1 - beta2^t) / (1 - beta1^t)
 * </pre>
 *
 * <p>Moments come in steps of 7.7e-34, see {@link Subnormals}. Epsilon stands beside a v that is
 * not corrected for its start at zero, unlike in PyTorch.
 *
 * @param learningRate a finite number above 0; default 0.001
 * @param beta1 what is kept of the first moment, 0 or more and below 1; default 0.9
 * @param beta2 what is kept of the second moment, 0 or more and below 1; default 0.999
 * @param epsilon keeps the division from zero, a finite number above 0; default 1e-7
 */
public record Adam(double learningRate, double beta1, double beta2, double epsilon)
    implements Optimizer {
  static final String NAME = "adam";

  /** With all settings at their default. */
  public static final Adam DEFAULT = new Adam(0.001, 0.9, 0.999, 1e-7);

  public Adam {
    Ranges.positive("learningRate", learningRate);
    Ranges.belowOne("beta1", beta1);
    Ranges.belowOne("beta2", beta2);
    Ranges.positive("epsilon", epsilon);
  }

  static Adam read(Settings settings) {
    settings.onlyKeys("learningRate", "beta1", "beta2", "epsilon");
    double learningRate = settings.number("learningRate", DEFAULT.learningRate);
    double beta1 = settings.number("beta1", DEFAULT.beta1);
    double beta2 = settings.number("beta2", DEFAULT.beta2);
    double epsilon = settings.number("epsilon", DEFAULT.epsilon);
    return settings.checked(() -> new Adam(learningRate, beta1, beta2, epsilon));
  }

  @Override
  public String name() {
    return NAME;
  }

  @Override
  public List<String> slotNames() {
    return List.of("firstMoment", "secondMoment");
  }

  @Override
  public ObjectNode toTree() {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.putObject(NAME)
        .put("learningRate", learningRate)
        .put("beta1", beta1)
        .put("beta2", beta2)
        .put("epsilon", epsilon);
    return tree;
  }

  /** {@inheritDoc} It is alpha. */
  @Override
  public float factor(long t, double learningRate) {
    double rest1 = 1 - StrictMath.pow(beta1, t);
    double rest2 = 1 - StrictMath.pow(beta2, t);
    return (float) (learningRate * StrictMath.sqrt(rest2) / rest1);
  }

  @Override
  public void step(float[] w, float[] g, OptimizerState state, int from, int to, float alpha) {
    float new1 = (float) (1 - beta1), new2 = (float) (1 - beta2), small = (float) epsilon;
    float[] m = state.slots()[0], v = state.slots()[1];
    for (int i = from; i < to; i++) {
      float slope = g[i];
      float first = Subnormals.flushed(m[i] + (slope - m[i]) * new1);
      float second = Subnormals.flushed(v[i] + (slope * slope - v[i]) * new2);
      m[i] = first;
      v[i] = second;
      // The square root of a float, computed in double and rounded, is the float's own square root.
      w[i] -= alpha * first / ((float) Math.sqrt(second) + small);
    }
  }
}
