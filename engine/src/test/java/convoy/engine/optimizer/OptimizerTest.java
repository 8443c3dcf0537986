package convoy.engine.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.settings.Settings;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Expected values are those of Keras 3; engine/src/test/python/optimizer_golden.py prints them. */
class OptimizerTest {
  /** Keras computes the powers of beta2 in float, which moves a step by 2e-5 of its length. */
  private static final float TOLERANCE = 2e-7f;

  @Test
  void sgdStepsAsKeras() {
    Sgd sgd = new Sgd(0.1, 0, false);
    assertSteps(sgd, 1, 0.949999988f, -0.474999994f, 0.249902338f, 1.97500002f);
    assertSteps(sgd, 5, 0.74999994f, -0.125f, 0.249511689f, 2f);
  }

  @Test
  void momentumStepsAsKeras() {
    Sgd sgd = new Sgd(0.1, 0.9, false);
    assertSteps(sgd, 1, 0.949999988f, -0.474999994f, 0.249902338f, 1.97500002f);
    assertSteps(sgd, 5, 0.342795014f, 0.292577475f, 0.248716384f, 1.90338516f);
  }

  @Test
  void nesterovStepsAsKeras() {
    Sgd sgd = new Sgd(0.1, 0.9, true);
    assertSteps(sgd, 1, 0.904999971f, -0.452499986f, 0.249814451f, 1.95249999f);
    assertSteps(sgd, 5, 0.158515468f, 0.588319719f, 0.248356447f, 1.9130466f);
  }

  @Test
  void adamStepsAsKeras() {
    assertSteps(Adam.DEFAULT, 1, 0.999000013f, -0.499000013f, 0.249003232f, 1.99900007f);
    assertSteps(Adam.DEFAULT, 5, 0.995000064f, -0.495149195f, 0.24501048f, 1.99719441f);
  }

  @Test
  void adamWithOtherSettingsStepsAsKeras() {
    Adam adam = new Adam(0.01, 0.8, 0.95, 1e-3);
    assertSteps(adam, 1, 0.990088642f, -0.490175754f, 0.248207718f, 1.99017572f);
    assertSteps(adam, 5, 0.950293064f, -0.450790912f, 0.23704426f, 1.97568893f);
  }

  @Test
  void valuesBeyondSizeAreKept() {
    for (Optimizer optimizer : List.of(new Sgd(1, 0.5, true), new Sgd(1, 0, false), Adam.DEFAULT)) {
      float[] parameters = {1, 2, 3};
      step(optimizer, parameters, new float[] {1, 1}, optimizer.newState(2));
      assertEquals(3, parameters[2]);
      assertFalse(parameters[1] == 2);
    }
  }

  @Test
  void zeroGradientMovesNothing() {
    float[] parameters = {1, -2};
    step(Adam.DEFAULT, parameters, new float[2], Adam.DEFAULT.newState(2));
    assertArrayEquals(new float[] {1, -2}, parameters);
  }

  /** As of a unit that is active in the first steps and never again. */
  @Test
  void aStateThatDecaysHasNoSubnormalNumbers() {
    Optimizer quick = new Adam(0.001, 0.9, 0.99, 1e-7);
    for (Optimizer optimizer : List.of(new Sgd(1, 0.9, false), new Sgd(1, 0.9, true), quick)) {
      OptimizerState state = optimizer.newState(2);
      float[] parameters = {1, 1};
      step(optimizer, parameters, new float[] {0.5f, -1e-12f}, state);
      for (int t = 0; t < 10_000; t++) {
        step(optimizer, parameters, new float[2], state);
        for (float[] slot : state.slots()) {
          for (float value : slot) {
            assertTrue(value == 0 || Math.abs(value) >= 7e-34f, value + " in step " + t);
          }
        }
      }
      for (float[] slot : state.slots()) {
        assertArrayEquals(new float[2], slot, 1e-31f);
      }
    }
  }

  @Test
  void notANumberSpreadsToItsParameterAlone() {
    for (Optimizer optimizer : List.of(new Sgd(1, 0.5, false), Adam.DEFAULT)) {
      float[] parameters = {1, 1};
      OptimizerState state = optimizer.newState(2);
      step(optimizer, parameters, new float[] {Float.NaN, 0}, state);
      assertTrue(Float.isNaN(parameters[0]));
      assertEquals(1, parameters[1]);
      assertTrue(Float.isNaN(state.slots()[0][0]));
    }
  }

  @Test
  void stateHasASlotForEachName() {
    assertEquals(List.of(), Sgd.DEFAULT.slotNames());
    assertEquals(List.of("momentum"), new Sgd(0.1, 0.9, false).slotNames());
    assertEquals(List.of("firstMoment", "secondMoment"), Adam.DEFAULT.slotNames());
    assertEquals(2, Adam.DEFAULT.newState(7).slots().length);
    assertEquals(7, Adam.DEFAULT.newState(7).slots()[1].length);
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "adam: {learningRate: 0}|learningRate is 0.0",
        "adam: {learningRate: 1e-60}|learningRate is 1.0E-60",
        "adam: {learningRate: 1e60}|learningRate is 1.0E60",
        "adam: {beta1: 1}|beta1 is 1.0",
        "adam: {beta2: -0.1}|beta2 is -0.1",
        "adam: {epsilon: 0}|epsilon is 0.0",
        "sgd: {learningRate: -1}|learningRate is -1.0",
        "sgd: {momentum: 1.1}|momentum is 1.1",
        "sgd: {nesterov: true}|nesterov is true and momentum 0",
        "sgd: {momentun: 0.9}|did you mean momentum?",
        "adams: {}|unknown optimizer adams; did you mean adam?",
        "adam: {}, sgd: {}|wanted one optimizer",
      })
  void wrongSettingsAreRefused(String yaml, String part) {
    Settings settings = Settings.ofYaml("a.yaml", "optimizer: {" + yaml + "}");
    var error =
        assertThrows(IllegalArgumentException.class, () -> Optimizer.read(settings, "optimizer"));
    assertTrue(error.getMessage().contains(part), error.getMessage());
  }

  @Test
  void treeComesBackAsWritten() {
    for (Optimizer optimizer : List.of(new Sgd(0.3, 0.9, true), new Adam(1e-5, 0.8, 0.99, 1e-8))) {
      Settings settings = Settings.of("tree", optimizer.toTree());
      assertEquals(1, settings.keys().size());
      String yaml = "optimizer: " + optimizer.toTree();
      assertEquals(optimizer, Optimizer.read(Settings.ofYaml("a.yaml", yaml), "optimizer"));
    }
  }

  /** The first step of two parameters, at the optimizer's own learning rate. */
  private static void step(
      Optimizer optimizer, float[] parameters, float[] gradient, OptimizerState state) {
    float factor = optimizer.factor(1, optimizer.learningRate());
    optimizer.step(parameters, gradient, state, 0, 2, factor);
  }

  private static void assertSteps(Optimizer optimizer, int steps, float... expected) {
    float[] parameters = {1, -0.5f, 0.25f, 2};
    OptimizerState state = optimizer.newState(4);
    for (int t = 1; t <= steps; t++) {
      float[] gradient = {0.5f, -0.25f * t, 1 / 1024f, 0.125f * (3 - t)};
      float factor = optimizer.factor(t, optimizer.learningRate());
      optimizer.step(parameters, gradient, state, 0, 4, factor);
    }
    assertArrayEquals(expected, parameters, TOLERANCE);
  }
}
