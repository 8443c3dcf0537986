package convoy.evaluation;

import convoy.cluster.ProcessKernels;
import convoy.engine.evaluation.Probabilities;
import convoy.engine.network.Network;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;
import convoy.engine.network.Plan;
import convoy.engine.network.Workspace;
import convoy.engine.tensor.Pixels;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;

/** One model with the memory that it runs in. To be closed, which ends its threads. */
final class ScoringNetwork implements AutoCloseable {
  private final Workspace workspace;
  private final Network network;
  private final Probabilities probabilities;

  /**
   * @param threads that it runs on; results do not depend on them
   */
  ScoringNetwork(NetworkSpec spec, float[] parameters, int batchSize, int threads) {
    Plan plan = new Plan(spec, batchSize, Plan.Mode.INFERENCE);
    workspace = new Workspace(plan, ProcessKernels.get(), threads);
    network = new Network(workspace, new Parameters(plan.layout(), parameters));
    probabilities = new Probabilities(spec.lastLayer());
  }

  /**
   * The outputs for images of {@code pixels}, each a row of classes.
   *
   * @param count how many of them, up to the batch's size
   */
  float[][] outputs(byte[][] pixels, int count) {
    Tensor input = network.input(count);
    Shape image = input.shape().withImages(1);
    int size = image.imageSize();
    for (int n = 0; n < count; n++) {
      Pixels.write(pixels[n], Tensor.dense(input.array(), input.offset() + n * size, image));
    }
    Tensor scores = network.forward(count);
    float[][] outputs = new float[count][scores.shape().c()];
    for (int n = 0; n < count; n++) {
      int from = scores.offset() + n * scores.pixelStride();
      System.arraycopy(scores.array(), from, outputs[n], 0, outputs[n].length);
    }
    return outputs;
  }

  /** How the outputs become probabilities. */
  Probabilities probabilities() {
    return probabilities;
  }

  @Override
  public void close() {
    workspace.close();
  }
}
