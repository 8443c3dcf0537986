package convoy.engine.training;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.training.EarlyStopping.Metric;
import convoy.engine.training.EarlyStopping.Waiting;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class EarlyStoppingTest {
  @Test
  void endsOnceSoManyValidationsInARowHaveNoLessLoss() {
    EarlyStopping stopping = new EarlyStopping(2, Metric.LOSS, 0);
    assertEquals(6, validationsUntilEnd(stopping, 3, 2, 2, 1.5, 1.5, 1.6, 0));
    assertEquals(7, validationsUntilEnd(stopping, 3, 2, 2, 1.5, 1.6, 1.4, 1.3));
  }

  @Test
  void accuracyIsBetterWhereItIsMore() {
    EarlyStopping stopping = new EarlyStopping(2, Metric.ACCURACY, 0);
    Optional<Waiting> waiting = Optional.empty();
    for (double accuracy : new double[] {0.5, 0.6, 0.6, 0.7, 0.65}) {
      waiting = stopping.after(waiting, 1 + accuracy, accuracy);
      assertFalse(stopping.ends(waiting));
    }
    waiting = stopping.after(waiting, 0, 0.7);
    assertEquals(Optional.of(new Waiting(Metric.ACCURACY, 0.7, 2)), waiting);
    assertTrue(stopping.ends(waiting));
  }

  /** Small gains add up: it is the best that counts which was better by as much. */
  @Test
  void smallerGainsThanTheDeltaAreNone() {
    EarlyStopping stopping = new EarlyStopping(3, Metric.LOSS, 0.5);
    assertEquals(4, validationsUntilEnd(stopping, 3, 2.75, 2.625, 2.5, 2, 2));
    assertEquals(6, validationsUntilEnd(stopping, 3, 2.75, 2.625, 2.25, 2, 2));
  }

  @Test
  void anotherMetricBeginsAnew() {
    Optional<Waiting> losses = Optional.of(new Waiting(Metric.LOSS, 0.125, 9));
    EarlyStopping stopping = new EarlyStopping(2, Metric.ACCURACY, 0);
    assertFalse(stopping.ends(losses));
    assertEquals(
        Optional.of(new Waiting(Metric.ACCURACY, 0.75, 0)), stopping.after(losses, 1, 0.75));
  }

  @Test
  void withoutPatienceAllIsTrained() {
    Optional<Waiting> waiting = Optional.of(new Waiting(Metric.LOSS, 1, 100));
    assertFalse(EarlyStopping.OFF.ends(waiting));
    assertEquals(Optional.empty(), EarlyStopping.OFF.after(waiting, 2, 0));
  }

  /** Or their number, if none of them ends the training. */
  private static int validationsUntilEnd(EarlyStopping stopping, double... losses) {
    Optional<Waiting> waiting = Optional.empty();
    for (int i = 0; i < losses.length; i++) {
      waiting = stopping.after(waiting, losses[i], 0.5);
      if (stopping.ends(waiting)) {
        return i + 1;
      }
    }
    return losses.length;
  }
}
