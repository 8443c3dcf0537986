package convoy.engine.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import org.junit.jupiter.api.Test;

class TrainingMetricsTest {
  @Test
  void meansAreOverImages() {
    TrainingMetrics metrics = new TrainingMetrics(8, 4, 6, -1, 100);
    assertEquals(0.5, metrics.loss());
    assertEquals(0.75, metrics.accuracy());
    assertFalse(metrics.diverged());
  }

  @Test
  void partsAddUpAndTheFirstDivergenceStays() {
    TrainingMetrics fine = new TrainingMetrics(8, 4, 6, -1, 100);
    TrainingMetrics diverged = new TrainingMetrics(2, 1, 1, 0, 10);
    assertEquals(fine, TrainingMetrics.NONE.plus(fine));
    assertEquals(new TrainingMetrics(10, 5, 7, 0, 110), fine.plus(diverged));
    assertEquals(0, diverged.plus(new TrainingMetrics(1, 1, 1, 4, 1)).divergedAt());
    assertTrue(fine.plus(diverged).diverged());
  }

  @Test
  void epochCountsItsPartialLastStep() {
    assertEquals(7, StepRange.stepsPerEpoch(52, 8));
    assertEquals(6, StepRange.stepsPerEpoch(48, 8));
    assertEquals(1, StepRange.stepsPerEpoch(1, Integer.MAX_VALUE));
    assertEquals(0, StepRange.stepsPerEpoch(0, 8));
  }

  @Test
  void rangeThatRunsBackwardsIsRefused() {
    assertThrows(IllegalArgumentException.class, () -> new StepRange(0, 3, 2, 0));
    assertThrows(IllegalArgumentException.class, () -> new StepRange(-1, 0, 2, 0));
    assertThrows(IllegalArgumentException.class, () -> new StepRange(0, -1, 2, 0));
    assertThrows(IllegalArgumentException.class, () -> new StepRange(0, 0, 2, -1));
  }
}
