package convoy.averaging;

import convoy.cluster.Pool;
import convoy.cluster.ProcessKernels;
import convoy.engine.evaluation.Evaluation;
import convoy.engine.loss.Loss;
import convoy.engine.network.Network;
import convoy.engine.network.Parameters;
import convoy.engine.network.Plan;
import convoy.engine.network.Workspace;
import convoy.engine.tensor.Tensor;

/** A network that scores labelled images batch by batch and counts how well; kept between tasks. */
final class Scorer implements Pool.Closeable {
  private final Workspace workspace;
  private final Network network;
  private final Loss loss;
  private final int[] labels;
  private Evaluation evaluation;
  private int filled;

  Scorer(ScorerSettings settings) {
    Plan plan = new Plan(settings.spec(), settings.batchSize(), Plan.Mode.INFERENCE);
    Parameters parameters = new Parameters(plan.layout(), new float[plan.layout().size()]);
    workspace = new Workspace(plan, ProcessKernels.get(), settings.threads());
    network = new Network(workspace, parameters);
    loss = Loss.evaluating(settings.spec().lastLayer());
    labels = new int[settings.batchSize()];
  }

  /** Begins an evaluation of {@code parameters}. */
  void begin(float[] parameters) {
    System.arraycopy(parameters, 0, network.parameters().values(), 0, parameters.length);
    network.prepare();
    evaluation = new Evaluation(network.plan().spec().outputs());
    filled = 0;
  }

  /** Counts the image of class {@code label} whose pixels start at {@code offset}. */
  void add(int label, byte[] pixels, int offset) {
    Tensor input = network.input(labels.length);
    int size = input.shape().imageSize();
    int to = input.offset() + filled * size;
    for (int i = 0; i < size; i++) {
      input.array()[to + i] = pixels[offset + i] & 0xFF;
    }
    labels[filled++] = label;
    if (filled == labels.length) {
      score();
    }
  }

  /** What was counted since the beginning. */
  Evaluation end() {
    if (filled > 0) {
      score();
    }
    return evaluation;
  }

  private void score() {
    Tensor scores = network.forward(filled);
    for (int n = 0; n < filled; n++) {
      evaluation.add(
          labels[n],
          scores.array(),
          scores.offset() + n * scores.pixelStride(),
          loss.loss(scores, n, labels[n]));
    }
    filled = 0;
  }

  @Override
  public void close() {
    workspace.close();
  }
}
