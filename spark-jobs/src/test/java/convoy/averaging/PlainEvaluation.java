package convoy.averaging;

import static org.junit.jupiter.api.Assertions.assertEquals;

import convoy.engine.evaluation.Evaluation;
import convoy.engine.kernel.Kernels;
import convoy.engine.loss.SoftmaxCrossEntropy;
import convoy.engine.network.Network;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;
import convoy.engine.network.Plan;
import convoy.engine.network.Workspace;
import convoy.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/** An evaluation of a network of three classes, image by image, with sums of its own. */
public final class PlainEvaluation {
  private final NetworkSpec network;
  private final Parameters parameters;
  private final List<Integer> predictions = new ArrayList<>();
  private final SoftmaxCrossEntropy loss = SoftmaxCrossEntropy.DEFAULT;
  private double lossSum;
  private int correct;

  public PlainEvaluation(NetworkSpec network, Parameters parameters) {
    this.network = network;
    this.parameters = parameters;
  }

  public void add(int label, byte[] pixels, int offset) {
    Plan plan = new Plan(network, 1, Plan.Mode.INFERENCE);
    try (Workspace workspace = new Workspace(plan, Kernels.best().kernels(), 1)) {
      Network running = new Network(workspace, parameters);
      Tensor input = running.input(1);
      for (int i = 0; i < 32 * 32 * 3; i++) {
        input.array()[input.offset() + i] = pixels[offset + i] & 0xFF;
      }
      Tensor scores = running.forward(1);
      int predicted = 0;
      for (int k = 1; k < 3; k++) {
        float score = scores.array()[scores.offset() + k];
        predicted = score > scores.array()[scores.offset() + predicted] ? k : predicted;
      }
      predictions.add(predicted);
      correct += predicted == label ? 1 : 0;
      lossSum += loss.loss(scores, 0, label);
    }
  }

  public void assertSame(Evaluation evaluation) {
    int images = predictions.size();
    assertEquals(images, evaluation.images());
    assertEquals((double) correct / images, evaluation.accuracy());
    assertEquals(lossSum / images, evaluation.loss(), 1e-7);
    assertEquals(1, evaluation.topAccuracy(5), "there are three classes");
    for (int k = 0; k < 3; k++) {
      int predicted = k;
      assertEquals(
          predictions.stream().filter(p -> p == predicted).count(),
          evaluation.confusion().predictions(k));
    }
  }
}
