package convoy.engine.training;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.List;
import org.junit.jupiter.api.Test;

class AveragingTest {
  @Test
  void onceAnEpochUnlessSet() {
    assertEquals(List.of(new StepRange(3, 0, 7, 21)), Averaging.DEFAULT.rounds(3, 7, 21));
  }

  @Test
  void lastRoundOfAnEpochIsTheRest() {
    Averaging averaging = averaging("everySteps: 3");
    assertEquals(
        List.of(
            new StepRange(2, 0, 3, 14), new StepRange(2, 3, 6, 17), new StepRange(2, 6, 7, 20)),
        averaging.rounds(2, 7, 14));
    assertEquals(2, averaging.rounds(0, 6, 0).size());
  }

  @Test
  void moreStepsThanAnEpochHasAreOneRound() {
    Averaging averaging = averaging("everySteps: " + Integer.MAX_VALUE);
    assertEquals(List.of(new StepRange(0, 0, 7, 0)), averaging.rounds(0, 7, 0));
  }

  @Test
  void firstEpochsHaveRoundsOfTheirOwn() {
    Averaging averaging = averaging("everySteps: 4, postLocal: {everySteps: 2, epochs: 2}");
    assertEquals(List.of(2, 2, 1), lengths(averaging.rounds(0, 5, 0)));
    assertEquals(List.of(2, 2, 1), lengths(averaging.rounds(1, 5, 5)));
    assertEquals(List.of(4, 1), lengths(averaging.rounds(2, 5, 10)));
    Averaging everyStep = averaging("postLocal: {epochs: 1}");
    assertEquals(List.of(1, 1, 1), lengths(everyStep.rounds(0, 3, 0)));
    assertEquals(List.of(3), lengths(everyStep.rounds(1, 3, 3)));
  }

  private static List<Integer> lengths(List<StepRange> rounds) {
    return rounds.stream().map(steps -> steps.to() - steps.from()).toList();
  }

  private static Averaging averaging(String settings) {
    return TrainingConfig.read("test", "averaging: {" + settings + "}", List.of()).averaging();
  }
}
