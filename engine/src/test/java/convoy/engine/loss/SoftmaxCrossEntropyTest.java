package convoy.engine.loss;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.ActivationFunction;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.ScalarKernels;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.kernel.Workers;
import convoy.engine.layer.Activation;
import convoy.engine.layer.Dense;
import convoy.engine.layer.Softmax;
import convoy.engine.random.RandomKey;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SoftmaxCrossEntropyTest {
  private static final float INFINITY = Float.POSITIVE_INFINITY;

  private final Kernels kernels = new ScalarKernels();
  private final Workers workers = new Workers(1, ScratchSize.NONE);

  @Test
  void lossOfOneTwoThreeIsTheValueByHand() {
    // ln(e + e^2 + e^3) = 3.4076059644443803...
    Tensor scores = scores(1, 1, 2, 3);
    SoftmaxCrossEntropy loss = SoftmaxCrossEntropy.DEFAULT;
    assertEquals(2.4076059644443803, loss.loss(scores, 0, 0), 1e-15);
    assertEquals(0.4076059644443803, loss.loss(scores, 0, 2), 1e-15);
    float[] wanted = {0.09003057317038046f, 0.24472847105479765f, 0.6652409557748219f};
    Tensor gradient = scores(1, 9, 9, 9);
    loss(scores, gradient);
    wanted[1] = (float) (0.24472847105479765 - 1);
    assertArrayEquals(wanted, gradient.array(), 6e-8f);
  }

  @Test
  void gradientsThatTeachNothingAreZero() {
    Tensor gradient = scores(1, 9, 9, 9);
    // p = e^-40 = 4e-18, e^-60 = 9e-27
    loss(scores(1, -40, 0, -60), gradient);
    assertEquals(4.248354255291589e-18, gradient.array()[0], 1e-23);
    assertArrayEquals(new float[2], Arrays.copyOfRange(gradient.array(), 1, 3));
  }

  private void loss(Tensor scores, Tensor gradient) {
    SoftmaxCrossEntropy.DEFAULT.gradient(scores, new int[] {1}, kernels, workers, gradient).run();
  }

  @Test
  void equalScoresHaveTheLogarithmOfTheClasses() {
    Tensor scores = scores(1, 5, 5, 5, 5, 5, 5, 5, 5, 5, 5);
    assertEquals(Math.log(10), SoftmaxCrossEntropy.DEFAULT.loss(scores, 0, 4), 1e-15);
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, 0.1, 0.75})
  void gradientIsTheSlopeOfTheMeanLoss(double smoothing) {
    int images = 3;
    int classes = 4;
    RandomKey key = RandomKey.of(1, RandomKey.Purpose.GENERATED_DATA);
    float[] values = new float[images * classes];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (6 * key.uniform(i) - 3);
    }
    int[] labels = {2, 0, 3, 99};
    SoftmaxCrossEntropy loss = new SoftmaxCrossEntropy(smoothing);
    Tensor gradient = scores(images, new float[values.length]);
    loss.gradient(scores(images, values), labels, kernels, workers, gradient).run();
    double step = 1e-5;
    for (int i = 0; i < values.length; i++) {
      double above = meanLoss(values, i, step, images, labels, smoothing);
      double below = meanLoss(values, i, -step, images, labels, smoothing);
      assertEquals((above - below) / (2 * step), gradient.array()[i], 1e-7);
    }
    for (int n = 0; n < images; n++) {
      assertEquals(
          twin(values, -1, 0, n, classes, labels[n], smoothing),
          loss.loss(scores(images, values), n, labels[n]),
          1e-14);
    }
  }

  private static double meanLoss(
      float[] values, int moved, double by, int images, int[] labels, double smoothing) {
    int classes = values.length / images;
    double sum = 0;
    for (int n = 0; n < images; n++) {
      sum += twin(values, moved, by, n, classes, labels[n], smoothing);
    }
    return sum / images;
  }

  /** The loss straight from its definition: -sum of y[k] log(exp(z[k]) / sum of exp(z)). */
  private static double twin(
      float[] values, int moved, double by, int n, int classes, int label, double smoothing) {
    double sum = 0;
    double[] exponentials = new double[classes];
    for (int k = 0; k < classes; k++) {
      int i = n * classes + k;
      exponentials[k] = Math.exp(values[i] + (i == moved ? by : 0));
      sum += exponentials[k];
    }
    double loss = 0;
    for (int k = 0; k < classes; k++) {
      double target = (k == label ? 1 - smoothing : 0) + smoothing / classes;
      loss -= target * Math.log(exponentials[k] / sum);
    }
    return loss;
  }

  /** Expected values are those of PyTorch; engine/src/test/python/loss_golden.py prints them. */
  @Test
  void smoothedLossIsThatOfPyTorch() {
    SoftmaxCrossEntropy loss = new SoftmaxCrossEntropy(0.1);
    Tensor scores = scores(2, 1, 2, 3, -0.5f, 0.25f, -4, 0, 8);
    assertEquals(0.5899953881792892, loss.loss(scores, 0, 2), 1e-14);
    assertEquals(7.6695220512725344, loss.loss(scores, 1, 0), 1e-14);
    double[] wanted = {
      0.03162880351782886, 0.10745452471415377, -0.13642979522807441, -0.0026535330039082553,
      -0.46228479494320457, -0.012496930264731471, -0.012332398133246757, 0.4871141233411827
    };
    Tensor gradient = scores(2, new float[8]);
    loss.gradient(scores, new int[] {2, 0}, kernels, workers, gradient).run();
    for (int i = 0; i < wanted.length; i++) {
      assertEquals(wanted[i], gradient.array()[i], 6e-8);
    }
  }

  @Test
  void outputsThatAreNoScoresAreRefused() {
    Loss loss = SoftmaxCrossEntropy.DEFAULT;
    loss.checkFits(new Dense(3, true));
    String softmax =
        assertThrows(IllegalArgumentException.class, () -> loss.checkFits(new Softmax()))
            .getMessage();
    assertEquals(
        "the last layer is softmax, loss softmaxCrossEntropy wants scores: leave it out", softmax);
    Activation sigmoid = new Activation(ActivationFunction.SIGMOID);
    assertThrows(IllegalArgumentException.class, () -> loss.checkFits(sigmoid));
    assertThrows(IllegalArgumentException.class, () -> Loss.evaluating(new Softmax()));
    assertThrows(IllegalArgumentException.class, () -> new SoftmaxCrossEntropy(1));
  }

  @Test
  void extremeScoresNeitherOverflowNorVanish() {
    SoftmaxCrossEntropy loss = SoftmaxCrossEntropy.DEFAULT;
    Tensor apart = scores(1, 1e30f, -1e30f);
    assertEquals(0, loss.loss(apart, 0, 0));
    assertEquals(2e30, loss.loss(apart, 0, 1), 1e23);
    Tensor gradient = scores(1, 9, 9);
    loss.gradient(apart, new int[] {1}, kernels, workers, gradient).run();
    assertArrayEquals(new float[] {1, -1}, gradient.array());
    Tensor high = scores(1, 1000, 1001);
    assertEquals(Math.log(1 + Math.exp(-1)), loss.loss(high, 0, 1), 1e-12);
    Tensor low = scores(1, -1001, -1000);
    assertEquals(Math.log(1 + Math.exp(-1)), loss.loss(low, 0, 1), 1e-12);
  }

  @Test
  void scoresThatAreNoNumbersGiveALossThatIsNone() {
    SoftmaxCrossEntropy loss = SoftmaxCrossEntropy.DEFAULT;
    for (float[] row :
        new float[][] {
          {Float.NaN, 0}, {0, Float.NaN}, {INFINITY, 0}, {0, INFINITY}, {-INFINITY, 0}
        }) {
      assertFalse(Double.isFinite(loss.loss(scores(1, row), 0, 0)));
    }
    // A class that is impossible costs the others nothing.
    assertEquals(0, loss.loss(scores(1, 0, -INFINITY), 0, 0));
  }

  @Test
  void scoresWithAGapBetweenImagesAreReadInPlace() {
    float[] array = {9, 1, 2, 9, 9, 3, 5, 9, 9};
    Tensor scores = new Tensor(array, 1, Shape.flat(2, 2), 4);
    SoftmaxCrossEntropy loss = SoftmaxCrossEntropy.DEFAULT;
    assertEquals(Math.log(1 + Math.exp(-1)), loss.loss(scores, 0, 1), 1e-15);
    assertEquals(Math.log(1 + Math.exp(-2)), loss.loss(scores, 1, 1), 1e-15);
    loss.gradient(scores, new int[] {1, 1}, kernels, workers, scores).run();
    assertArrayEquals(new float[] {9, 9, 9}, new float[] {array[0], array[3], array[4]});
    assertTrue(array[1] > 0 && array[2] < 0);
  }

  @Test
  void labelsThatAreNoClassAreRefused() {
    SoftmaxCrossEntropy loss = SoftmaxCrossEntropy.DEFAULT;
    Tensor scores = scores(1, 1, 2, 3);
    assertThrows(IllegalArgumentException.class, () -> loss.loss(scores, 0, 3));
    assertThrows(IllegalArgumentException.class, () -> loss.loss(scores, 0, -1));
  }

  private static Tensor scores(int images, float... values) {
    return Tensor.dense(values, 0, Shape.flat(images, values.length / images));
  }
}
