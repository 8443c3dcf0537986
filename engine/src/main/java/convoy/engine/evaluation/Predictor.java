package convoy.engine.evaluation;

import convoy.engine.kernel.ActivationFunction;
import convoy.engine.kernel.Kernels;
import convoy.engine.layer.Activation;
import convoy.engine.layer.Layer;
import convoy.engine.layer.Softmax;
import convoy.engine.network.Network;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;
import convoy.engine.network.Plan;
import convoy.engine.network.Workspace;
import convoy.engine.tensor.Pixels;
import convoy.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Tells the class of images, one at a time, by a trained network. To be closed, which ends its
 * threads; for one caller at a time.
 *
 * <p>The probabilities are the softmax of the network's scores; where its last layer is a softmax
 * or a sigmoid, they are its outputs as they are, and those of a sigmoid need not sum to 1.
 */
public final class Predictor implements AutoCloseable {
  private final Workspace workspace;
  private final Network network;
  private final boolean makesProbabilities;

  /** Predicts by {@code spec} with {@code parameters}, which it shares, on {@code threads}. */
  public Predictor(NetworkSpec spec, Parameters parameters, int threads) {
    Plan plan = new Plan(spec, 1, Plan.Mode.INFERENCE);
    workspace = new Workspace(plan, Kernels.best().kernels(), threads);
    network = new Network(workspace, parameters);
    makesProbabilities = makesProbabilities(spec.lastLayer());
  }

  private static boolean makesProbabilities(Layer layer) {
    return layer instanceof Softmax
        || layer instanceof Activation activation
            && activation.function() == ActivationFunction.SIGMOID;
  }

  /**
   * The probability of each class for one image, the largest first; of equal ones the first class.
   *
   * @param pixels of the network's input shape: height, width, channels (RGB)
   * @throws IllegalArgumentException if there are more or fewer pixel values than the network takes
   * @throws IllegalStateException if an output is NaN
   */
  public List<ClassProbability> predict(byte[] pixels) {
    Pixels.write(pixels, network.input(1));
    NetworkSpec spec = network.plan().spec();
    double[] probabilities = probabilities(network.forward(1));
    List<ClassProbability> classes = new ArrayList<>();
    for (int i = 0; i < probabilities.length; i++) {
      if (Double.isNaN(probabilities[i])) {
        throw new IllegalStateException(
            "network " + spec.name() + " puts out NaN; are its weights finite?");
      }
      String name = spec.classNames().isEmpty() ? Integer.toString(i) : spec.classNames().get(i);
      classes.add(new ClassProbability(name, i, probabilities[i]));
    }
    classes.sort(Comparator.comparingDouble(ClassProbability::probability).reversed());
    return classes;
  }

  private double[] probabilities(Tensor outputs) {
    double[] probabilities = new double[outputs.shape().c()];
    double largest = Double.NEGATIVE_INFINITY;
    for (int i = 0; i < probabilities.length; i++) {
      probabilities[i] = outputs.array()[outputs.offset() + i];
      largest = Math.max(largest, probabilities[i]);
    }
    if (makesProbabilities) {
      return probabilities;
    }
    double sum = 0;
    for (int i = 0; i < probabilities.length; i++) {
      probabilities[i] = StrictMath.exp(probabilities[i] - largest);
      sum += probabilities[i];
    }
    for (int i = 0; i < probabilities.length; i++) {
      probabilities[i] /= sum;
    }
    return probabilities;
  }

  @Override
  public void close() {
    workspace.close();
  }
}
