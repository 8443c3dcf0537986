package convoy.engine.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class MovingAverageTest {
  /** Steps of an epoch. */
  private static final int STEPS = 4;

  @Test
  void weightsCountByTheirAgeInEpochs() {
    // With decay 1/4 an epoch, weights of 0, 1 and 2 epochs ago count as 16, 4 and 1 of 21.
    float[] average = new float[2];
    MovingAverage quarter = new MovingAverage(0.25);
    quarter.move(average, new float[] {21, -1}, steps(0, 4), STEPS);
    assertArrayEquals(new float[] {21, -1}, average);
    quarter.move(average, new float[] {42, 0}, steps(4, 4), STEPS);
    assertArrayEquals(new float[] {(21 + 4 * 42) / 5f, -0.2f}, average, 1e-6f);
    quarter.move(average, new float[] {63, 2}, steps(8, 4), STEPS);
    assertArrayEquals(
        new float[] {(21 + 4 * 42 + 16 * 63) / 21f, (-1 + 16 * 2) / 21f}, average, 1e-5f);
  }

  @Test
  void roundsCountByTheirLength() {
    // Rounds of three steps and of one, decay 1/16 an epoch, so 1/8 and 1/2 a round: a round of n
    // steps brings 1 - (1/2)^n, of which (1/2)^m is left after m steps. Of the whole, 1 - (1/2)^4:
    // the first 7/8 * 1/2 = 7/16, the second 1/2.
    float[] average = new float[1];
    MovingAverage sixteenth = new MovingAverage(1 / 16.0);
    sixteenth.move(average, new float[] {30}, steps(0, 3), STEPS);
    sixteenth.move(average, new float[] {60}, steps(3, 1), STEPS);
    assertEquals((7 * 30 + 8 * 60) / 15f, average[0], 1e-5f);
  }

  @Test
  void averagingMoreOftenKeepsTheHorizon() {
    // 1 until epoch 10, 0 from then on: whatever the rounds, decay^2 of it is left at epoch 12.
    for (int length : new int[] {1, 2, 4}) {
      float[] average = new float[1];
      MovingAverage movingAverage = new MovingAverage(0.5);
      for (long before = 0; before < 12 * STEPS; before += length) {
        float[] weights = {before < 10 * STEPS ? 1 : 0};
        movingAverage.move(average, weights, steps(before, length), STEPS);
      }
      assertEquals((0.25 - Math.pow(0.5, 12)) / (1 - Math.pow(0.5, 12)), average[0], 1e-6);
    }
  }

  @Test
  void equalWeightsStayAsTheyAre() {
    float[] weights = {0.1f, -3e30f, Float.MIN_VALUE, 1 / 3f};
    for (double decay : new double[] {0.3, Math.nextDown(1.0), Double.MIN_VALUE}) {
      float[] average = new float[4];
      for (int round = 0; round < 9; round++) {
        new MovingAverage(decay).move(average, weights, steps(3L * round, 3), STEPS);
      }
      assertArrayEquals(weights, average);
    }
  }

  @Test
  void aDecayNextToOneIsTheMeanOfAllRounds() {
    float[] average = new float[1];
    MovingAverage mean = new MovingAverage(Math.nextDown(1.0));
    for (int round = 0; round < 5; round++) {
      mean.move(average, new float[] {round}, steps(round, 1), STEPS);
    }
    assertEquals(2, average[0], 1e-6);
    assertTrue(mean.isOn());
  }

  private static StepRange steps(long before, int length) {
    int from = (int) (before % STEPS);
    return new StepRange((int) (before / STEPS), from, from + length, before);
  }
}
