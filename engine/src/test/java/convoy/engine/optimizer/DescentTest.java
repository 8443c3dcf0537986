package convoy.engine.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Expected values are those of PyTorch; engine/src/test/python/descent_golden.py prints them. */
class DescentTest {
  private static final Sgd SGD = new Sgd(0.1, 0, false);
  private static final Sgd MOMENTUM = new Sgd(0.1, 0.9, false);

  /** Its epsilon is so small that it does not matter where it stands. */
  private static final Adam ADAM = new Adam(0.01, 0.9, 0.999, 1e-12);

  private static final WeightDecay L2 = new WeightDecay(0.25, false);
  private static final WeightDecay DECOUPLED = new WeightDecay(0.25, true);

  /** The first three parameters are weights. */
  private static final int[] WEIGHTS = {0, 2, 2, 3};

  private static final int[] NONE = {};

  @Test
  void weightsDecayThroughTheirGradientAsInPyTorch() {
    assertSteps(descent(SGD, L2, 0), 0.64328708f, -0.0778158057f, 0.219809453f, 2f);
    assertSteps(descent(MOMENTUM, L2, 0), 0.0711359863f, 0.416258179f, 0.171385207f, 1.903385f);
    assertSteps(descent(ADAM, L2, 0), 0.950014751f, -0.450787871f, 0.200218218f, 1.97194355f);
  }

  @Test
  void decoupledDecayIsThatOfAdamW() {
    assertSteps(descent(ADAM, DECOUPLED, 0), 0.93781172f, -0.445516546f, 0.197139962f, 1.97194355f);
  }

  @Test
  void gradientsAreClippedBeforeWeightsDecayAsInPyTorch() {
    assertSteps(
        descent(SGD, WeightDecay.NONE, 0.75),
        0.797678164f,
        -0.227464499f,
        0.24960484f,
        1.98452637f);
    assertSteps(descent(MOMENTUM, L2, 0.75), 0.146964822f, 0.264275987f, 0.17153331f, 1.88416136f);
  }

  private static Descent descent(Optimizer optimizer, WeightDecay decay, double clipNorm) {
    return new Descent(optimizer, Constant.DEFAULT, RunLength.ENDLESS, decay, clipNorm);
  }

  private static void step(
      Descent descent,
      float[] parameters,
      float[] gradient,
      OptimizerState state,
      int[] weights,
      long t) {
    Descent.Rates rates = descent.rates(t, state);
    descent.prepare(parameters, gradient, weights, parameters.length, rates);
    descent.optimizer().step(parameters, gradient, state, 0, parameters.length, rates.factor());
  }

  private static void assertSteps(Descent descent, float... wanted) {
    float[] parameters = {1, -0.5f, 0.25f, 2};
    OptimizerState state = descent.optimizer().newState(4);
    for (int t = 1; t <= 5; t++) {
      float[] gradient = {0.5f, -0.25f * t, 1f / 1024, 0.125f * (3 - t)};
      step(descent, parameters, gradient, state, WEIGHTS, t);
    }
    assertArrayEquals(wanted, parameters, 4e-7f);
  }

  @Test
  void decoupledDecayFollowsTheScheduledRateAsInPyTorch() {
    // PyTorch's OneCycleLR over AdamW: engine/src/test/python/schedule_golden.py.
    Adam adam = new Adam(0.1, 0.9, 0.999, 1e-12);
    OneCycle oneCycle = new OneCycle(0.3, 25, 1e4, Annealing.COSINE);
    WeightDecay decay = new WeightDecay(0.5, true);
    Descent descent = new Descent(adam, oneCycle, new RunLength(2, 3), decay, 0);
    float[] parameters = {1, -0.5f};
    OptimizerState state = adam.newState(2);
    for (int t = 1; t <= 6; t++) {
      step(descent, parameters, new float[] {0.5f, -0.25f * t}, state, new int[] {0, 2}, t);
    }
    assertArrayEquals(new float[] {0.648721038977305f, -0.216055663978274f}, parameters, 4e-7f);
    assertEquals(0.1 * 0.04, descent.learningRate(1), 1e-17);
    assertEquals(0.1 * 4e-6, descent.learningRate(6), 1e-20);
  }

  @Test
  void aRestartedStateStepsAsInTheBeginningAtTheRateOfItsStep() {
    // Adam's first step is the learning rate along the sign of the gradient: here the tenth of all.
    Adam adam = new Adam(0.1, 0.9, 0.999, 1e-12);
    StepDecay halves = new StepDecay(0.5, new Span(9, 0), List.of(), List.of(), Span.NONE);
    Descent descent = new Descent(adam, halves, RunLength.ENDLESS, WeightDecay.NONE, 0);
    OptimizerState state = adam.newState(2);
    float[] parameters = {1, 2};
    for (int t = 1; t < 10; t++) {
      step(descent, parameters, new float[] {-3, 5}, state, NONE, t);
    }
    float[] start = parameters.clone();
    step(descent, parameters, new float[] {0.25f, -7}, state.restarted(9), NONE, 10);
    assertArrayEquals(new float[] {start[0] - 0.05f, start[1] + 0.05f}, parameters, 1e-6f);
  }

  @Test
  void withoutDecayAndClippingTheStepIsTheOptimizersOwn() {
    float[] wanted = {1, 2}, got = {1, 2}, gradient = {30, -40};
    ADAM.step(wanted, gradient.clone(), ADAM.newState(2), 0, 2, ADAM.factor(1, 0.01));
    step(Descent.of(ADAM), got, gradient, ADAM.newState(2), new int[] {0, 2}, 1);
    assertArrayEquals(wanted, got);
  }

  @Test
  void normIsTheRootOfTheSumOfSquares() {
    assertEquals(5, Descent.norm(new float[] {3, 4, 100}, 2));
    assertEquals(13, Descent.norm(new float[] {1, 2, 4, 2, 12, 0, 0, 99}, 7));
    float[] large = new float[101];
    Arrays.fill(large, 1e30f);
    assertEquals((double) 1e30f * Math.sqrt(101), Descent.norm(large, 101), 1e17);
  }

  @Test
  void gradientsWithinTheNormAreKept() {
    float[] parameters = new float[2], gradient = {3, 4};
    step(descent(SGD, WeightDecay.NONE, 5.1), parameters, gradient, SGD.newState(2), NONE, 1);
    assertArrayEquals(new float[] {3, 4}, gradient);
  }

  @Test
  void gradientsThatAreNoNumbersStillShow() {
    for (float value : new float[] {Float.NaN, Float.POSITIVE_INFINITY}) {
      float[] parameters = new float[2], gradient = {value, 1};
      step(descent(SGD, WeightDecay.NONE, 1), parameters, gradient, SGD.newState(2), NONE, 1);
      assertTrue(Float.isNaN(parameters[0]));
    }
  }

  @Test
  void settingsOutOfRangeAreRefused() {
    assertThrows(IllegalArgumentException.class, () -> new WeightDecay(-0.1, false));
    assertThrows(IllegalArgumentException.class, () -> new WeightDecay(Double.NaN, true));
    assertThrows(IllegalArgumentException.class, () -> descent(SGD, L2, -1));
    WeightDecay large = new WeightDecay(10, true);
    assertThrows(IllegalArgumentException.class, () -> descent(SGD, large, 0));
  }
}
