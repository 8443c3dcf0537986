package convoy.engine.optimizer;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.settings.Settings;
import java.io.Serializable;

/**
 * What pulls weights towards zero in every step. Weights are the trainable parameters of two or
 * more dimensions; biases, and a batch normalisation's gamma and beta, do not decay.
 *
 * <pre>
 * L2:         g += rate * w                  before the optimizer's step
 * decoupled:  w *= 1 - learningRate * rate   before the optimizer's step
 * </pre>
 *
 * <p>L2 is the gradient of rate / 2 times the sum of squares of the weights: Goodfellow, Bengio and
 * Courville, "Deep Learning", 2016, section 7.1.1. Decoupled: Loshchilov and Hutter, "Decoupled
 * Weight Decay Regularization", 2019, algorithm 2, as PyTorch's AdamW computes it.
 *
 * @param rate 0 or more; default 0, no decay
 * @param decoupled whether the decay passes the optimizer by; default false
 */
public record WeightDecay(double rate, boolean decoupled) implements Serializable {
  /** No decay. */
  public static final WeightDecay NONE = new WeightDecay(0, false);

  public WeightDecay {
    if (!(rate >= 0 && rate <= Float.MAX_VALUE)) {
      throw new IllegalArgumentException("rate is " + rate + ", wanted a number of 0 or more");
    }
  }

  /** Reads the settings {@code rate} and {@code decoupled}. */
  public static WeightDecay read(Settings settings) {
    settings.onlyKeys("rate", "decoupled");
    double rate = settings.number("rate", NONE.rate);
    boolean decoupled = settings.truth("decoupled", NONE.decoupled);
    return settings.checked(() -> new WeightDecay(rate, decoupled));
  }

  /** Its settings as a tree. */
  public ObjectNode toTree() {
    return JsonNodeFactory.instance.objectNode().put("rate", rate).put("decoupled", decoupled);
  }

  /**
   * Decays parameters from {@code from} to {@code to}, by themselves or through their gradient.
   *
   * @param w the parameters; overwritten if decoupled
   * @param g the gradient; overwritten otherwise
   */
  void decay(float[] w, float[] g, int from, int to, double learningRate) {
    if (decoupled) {
      float kept = (float) (1 - learningRate * rate);
      for (int i = from; i < to; i++) {
        w[i] *= kept;
      }
    } else {
      float share = (float) rate;
      for (int i = from; i < to; i++) {
        g[i] += share * w[i];
      }
    }
  }
}
