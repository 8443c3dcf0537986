package convoy.engine.evaluation;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.ActivationFunction;
import convoy.engine.layer.Activation;
import org.junit.jupiter.api.Test;

class ProbabilitiesTest {
  private static final float INFINITY = Float.POSITIVE_INFINITY;

  @Test
  void scoresBecomeTheirSoftmax() {
    // exp(0), exp(1), exp(2) by their sum, by hand.
    assertArrayEquals(
        new double[] {0.09003057317038046, 0.24472847105479767, 0.6652409557748219},
        scores(7, 8, 9),
        1e-15);
    assertArrayEquals(new double[] {0, 1, 0}, scores(-1e30f, 1e30f, 0));
  }

  @Test
  void largestOfInfiniteScoresShareAll() {
    assertArrayEquals(new double[] {0, 0.5, 0.5}, scores(1, INFINITY, INFINITY));
    assertArrayEquals(new double[] {1, 0, 0}, scores(INFINITY, -INFINITY, 3));
    assertArrayEquals(new double[] {0, 0.5, 0.5}, scores(-INFINITY, 3, 3));
    double third = 1 / 3.0;
    assertArrayEquals(
        new double[] {third, third, third}, scores(-INFINITY, -INFINITY, -INFINITY), 1e-16);
  }

  @Test
  void thoseOfANumberThatIsNoneAreNone() {
    for (double probability : scores(1, Float.NaN, INFINITY)) {
      assertTrue(Double.isNaN(probability));
    }
  }

  @Test
  void outputsOfASigmoidAreProbabilities() {
    double[] found = new double[3];
    new Probabilities(new Activation(ActivationFunction.SIGMOID))
        .write(new float[] {9, 0.25f, 0.5f, 1}, 1, found);
    assertArrayEquals(new double[] {0.25, 0.5, 1}, found);
  }

  private static double[] scores(float... scores) {
    double[] found = new double[3];
    new Probabilities(new Activation(ActivationFunction.TANH)).write(scores, 0, found);
    return found;
  }
}
