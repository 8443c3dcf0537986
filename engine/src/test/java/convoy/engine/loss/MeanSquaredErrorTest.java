package convoy.engine.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.ActivationFunction;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.ScalarKernels;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.kernel.Workers;
import convoy.engine.layer.Activation;
import convoy.engine.layer.Dense;
import convoy.engine.layer.Flatten;
import convoy.engine.layer.Sequence;
import convoy.engine.network.Network;
import convoy.engine.network.NetworkSpec;
import convoy.engine.network.Parameters;
import convoy.engine.network.Plan;
import convoy.engine.network.Workspace;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Some expected values are those of PyTorch; engine/src/test/python/loss_golden.py prints them. */
class MeanSquaredErrorTest {
  private static final Activation SIGMOID = new Activation(ActivationFunction.SIGMOID);
  private final MeanSquaredError loss = new MeanSquaredError();

  private final Kernels kernels = new ScalarKernels();
  private final Workers workers = new Workers(1, ScratchSize.NONE);

  @Test
  void lossIsHalfTheSumOfSquaresByHand() {
    Tensor outputs = outputs(2, 0.5f, 0.25f, 0.75f, 1, 0, 0.5f);
    // (0.25 + 0.5625 + 0.5625) / 2, and (0 + 0 + 0.25) / 2.
    assertEquals(0.6875, loss.loss(outputs, 0, 1));
    assertEquals(0.125, loss.loss(outputs, 1, 0));
    Tensor gradient = outputs(2, new float[6]);
    loss.gradient(outputs, new int[] {1, 0}, kernels, workers, gradient).run();
    assertArrayEquals(new float[] {0.25f, -0.375f, 0.375f, 0, 0, 0.25f}, gradient.array());
  }

  /** A square's central difference is its slope, but for rounding. */
  @Test
  void gradientIsTheSlopeOfTheMeanLoss() {
    float[] values = {0.5f, 0.25f, 0.75f, 1, 0, 0.5f};
    int[] labels = {1, 0};
    Tensor gradient = outputs(2, new float[6]);
    loss.gradient(outputs(2, values), labels, kernels, workers, gradient).run();
    float step = 0.125f;
    for (int i = 0; i < values.length; i++) {
      double slope = (meanLoss(values, i, step, labels) - meanLoss(values, i, -step, labels)) / 2;
      assertEquals(slope / step, gradient.array()[i], 1e-12, "output " + i);
    }
  }

  private double meanLoss(float[] values, int moved, float by, int[] labels) {
    float[] others = values.clone();
    others[moved] += by;
    Tensor outputs = outputs(2, others);
    return (loss.loss(outputs, 0, labels[0]) + loss.loss(outputs, 1, labels[1])) / 2;
  }

  /** The gradient of the bias of the layer before the sigmoid is delta, summed over the images. */
  @Test
  void deltaOfASigmoidLayerIsThatOfPyTorch() {
    Sequence layers = new Sequence(List.of(new Flatten(), new Dense(4, true), SIGMOID));
    NetworkSpec spec =
        new NetworkSpec("quadratic", new Shape(1, 1, 2, 1), List.of(), false, layers);
    Plan plan = new Plan(spec, 2, Plan.Mode.TRAINING);
    // Image 0 is (1, 0) and image 1 is (0, 1), so that the weights are the scores.
    Parameters parameters =
        new Parameters(plan.layout(), new float[] {1, 2, 3, -0.5f, 0.25f, -4, 0, 8, 0, 0, 0, 0});
    double[] wanted = {
      0.071867420228607565, 0.04623902161491493, -0.0010712712674921573, 0.044361729337318433,
      -0.053881642677719901, 0.00015884257122549659, 0.0625, 0.00016756262437987138
    };
    try (Workspace workspace = new Workspace(plan, new ScalarKernels(), 1)) {
      Network network = new Network(workspace, parameters);
      Tensor input = network.input(2);
      System.arraycopy(new float[] {1, 0, 0, 1}, 0, input.array(), input.offset(), 4);
      Tensor outputs = network.forward(2);
      assertEquals(0.7275181540030522, loss.loss(outputs, 0, 2), 1e-6);
      assertEquals(0.72067116616209059, loss.loss(outputs, 1, 0), 1e-6);
      loss.gradient(outputs, new int[] {2, 0}, kernels, workers, network.outputGradient(2)).run();
      network.backward(2);
      for (int i = 0; i < wanted.length; i++) {
        assertEquals(wanted[i], network.gradient()[i], 1e-7, "weight " + i);
      }
      for (int k = 0; k < 4; k++) {
        assertEquals(wanted[k] + wanted[4 + k], network.gradient()[8 + k], 1e-7, "bias " + k);
      }
    }
  }

  @Test
  void onlySigmoidOutputsFit() {
    loss.checkFits(SIGMOID);
    assertEquals(
        "the last layer is dense, loss meanSquaredError wants sigmoid: add one, or set"
            + " loss=softmaxCrossEntropy",
        assertThrows(IllegalArgumentException.class, () -> loss.checkFits(new Dense(3, true)))
            .getMessage());
    assertEquals(loss, Loss.evaluating(SIGMOID));
    assertEquals(SoftmaxCrossEntropy.DEFAULT, Loss.evaluating(new Dense(3, true)));
  }

  @Test
  void outputsThatAreNoNumbersAndLabelsThatAreNoClassesShow() {
    assertTrue(Double.isNaN(loss.loss(outputs(1, 0.5f, Float.NaN), 0, 0)));
    assertThrows(IllegalArgumentException.class, () -> loss.loss(outputs(1, 1, 0), 0, 2));
  }

  private static Tensor outputs(int images, float... values) {
    return Tensor.dense(values, 0, Shape.flat(images, values.length / images));
  }
}
