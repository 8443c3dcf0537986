package convoy.engine.evaluation;

import convoy.engine.kernel.Kernels;
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
 * <p>The probabilities are those of {@link Probabilities}.
 */
public final class Predictor implements AutoCloseable {
  private final Workspace workspace;
  private final Network network;
  private final Probabilities probabilities;

  /** Predicts by {@code spec} with {@code parameters}, which it shares, on {@code threads}. */
  public Predictor(NetworkSpec spec, Parameters parameters, int threads) {
    this(spec, parameters, Kernels.best().kernels(), threads);
  }

  /** Predicts so by {@code kernels}. */
  public Predictor(NetworkSpec spec, Parameters parameters, Kernels kernels, int threads) {
    Plan plan = new Plan(spec, 1, Plan.Mode.INFERENCE);
    workspace = new Workspace(plan, kernels, threads);
    network = new Network(workspace, parameters);
    probabilities = new Probabilities(spec.lastLayer());
  }

  /**
   * The probability of each class for one image, the largest first; of equal ones the first class.
   *
   * @param pixels of the network's input shape: height, width, channels (RGB)
   * @throws IllegalArgumentException if there are more or fewer pixel values than the network
   *     takes, or if an output is NaN or infinite
   */
  public List<ClassProbability> predict(byte[] pixels) {
    Pixels.write(pixels, network.input(1));
    NetworkSpec spec = network.plan().spec();
    Tensor outputs = network.forward(1);
    double[] found = new double[spec.outputs()];
    probabilities.write(outputs.array(), outputs.offset(), found);
    List<ClassProbability> classes = new ArrayList<>();
    for (int i = 0; i < found.length; i++) {
      float output = outputs.array()[outputs.offset() + i];
      if (!Float.isFinite(output)) {
        throw new IllegalArgumentException(
            "network " + spec.name() + " puts out " + output + "; are its weights finite?");
      }
      String name = spec.classNames().isEmpty() ? Integer.toString(i) : spec.classNames().get(i);
      classes.add(new ClassProbability(name, i, found[i]));
    }
    classes.sort(Comparator.comparingDouble(ClassProbability::probability).reversed());
    return classes;
  }

  @Override
  public void close() {
    workspace.close();
  }
}
