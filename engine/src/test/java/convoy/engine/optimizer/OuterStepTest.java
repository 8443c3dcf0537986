package convoy.engine.optimizer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import convoy.engine.settings.Settings;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Golden values are those of PyTorch; engine/src/test/python/outer_step_golden.py prints them. */
class OuterStepTest {
  @Test
  void stepsWorkedByHand() {
    // Learning rate 1/2, momentum 1/4: from 2, the average at 6.
    // v = 4; next = 2 + 1/2 (4 + 1/4 * 4) = 4.5.
    // Then from 4.5 the average at 4: v = 1 - 0.5 = 0.5; next = 4.5 + 1/2 (-0.5 + 0.125) = 4.3125.
    OuterStep outer = new OuterStep(0.5, 0.25);
    float[] v = {0};
    float[] next = {6};
    outer.step(new float[] {2}, next, v, 1);
    assertArrayEquals(new float[] {4.5f}, next);
    assertArrayEquals(new float[] {4}, v);
    next = new float[] {4};
    outer.step(new float[] {4.5f}, next, v, 1);
    assertArrayEquals(new float[] {4.3125f}, next);
    assertArrayEquals(new float[] {0.5f}, v);
  }

  @Test
  void stepsAsNesterovsMomentumInPyTorch() {
    OuterStep outer = new OuterStep(0.7, 0.9);
    assertRounds(outer, 1, 1.665f, -0.8325f, 0.251298828f, 2.3325f);
    assertRounds(outer, 4, 5.250435f, -5.1730425f, 0.258301631f, 2.851305f);
  }

  @Test
  void withoutMomentumStepsAsGradientDescentInPyTorch() {
    OuterStep outer = new OuterStep(1.5, 0);
    assertRounds(outer, 1, 1.75f, -0.875f, 0.251464844f, 2.375f);
    assertRounds(outer, 4, 4f, -4.25f, 0.255859375f, 2.375f);
  }

  @Test
  void learningRateOneWithoutMomentumIsTheAverageBitForBit() {
    float[] start = {1e30f, 1, Float.MIN_VALUE, -3.1f};
    float[] next = {1e-30f, -0f, 0x1.fffffep-1f, 0.1f};
    float[] average = next.clone();
    OuterStep.NONE.step(start, next, new float[0], 4);
    for (int i = 0; i < average.length; i++) {
      assertEquals(Float.floatToRawIntBits(average[i]), Float.floatToRawIntBits(next[i]));
    }
  }

  @Test
  void onlyTheFirstValuesTakeTheStep() {
    for (OuterStep outer : new OuterStep[] {new OuterStep(2, 0), new OuterStep(1, 0.5)}) {
      float[] next = {3, 3};
      outer.step(new float[] {1, 1}, next, new float[1], 1);
      assertEquals(3, next[1]);
      assertNotEquals(3, next[0]);
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "learningRate: 0|learningRate is 0.0, wanted a number above 0 within the range of a float",
        "learningRate: -0.7|learningRate is -0.7, wanted a number above 0 within the range of a"
            + " float",
        "momentum: 1|momentum is 1.0, wanted 0 or more and below 1",
        "momentum: -0.9|momentum is -0.9, wanted 0 or more and below 1",
        "nesterov: true|unknown key nesterov; wanted learningRate, momentum",
      })
  void wrongSettingsAreRefused(String yaml, String message) {
    Settings settings = Settings.ofYaml("outer", yaml);
    assertEquals(
        "outer: " + message,
        assertThrows(IllegalArgumentException.class, () -> OuterStep.read(settings)).getMessage());
  }

  private static void assertRounds(OuterStep outer, int rounds, float... expected) {
    float[] values = {1, -0.5f, 0.25f, 2};
    float[] v = new float[4];
    for (int r = 1; r <= rounds; r++) {
      float[] change = {0.5f, -0.25f * r, 1f / 1024, 0.125f * (3 - r)};
      float[] next = new float[4];
      for (int i = 0; i < 4; i++) {
        next[i] = values[i] + change[i];
      }
      outer.step(values, next, v, 4);
      values = next;
    }
    assertArrayEquals(expected, values, 2e-6f);
  }
}
