package convoy.engine.training;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import convoy.engine.network.NetworkSpec;
import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Parameters;
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
        List.of(new StepRange(2, 0, 3, 14), new StepRange(2, 3, 6, 17), new StepRange(2, 6, 7, 20)),
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

  @Test
  void theOuterStepLeavesStatisticsAsPooledAndTheMovingAverageFollowsAll() {
    ParameterLayout layout = layout();
    float[] start = {1, 2, 0, 0, 3, 3, 4, 4};
    Parameters next = new Parameters(layout, new float[] {2, 4, 0, 0, 5, 5, 6, 6});
    Averaging averaging = averaging("outer: {learningRate: 3, momentum: 0.5}, movingAverage: 0.5");
    AveragingState state = averaging.newState(layout);
    averaging.endRound(new StepRange(0, 0, 2, 0), 2, start, next, state);
    // v = 1 and 2; 1 + 3 * 1.5 and 2 + 3 * 3.
    assertArrayEquals(new float[] {5.5f, 11, 0, 0, 5, 5, 6, 6}, next.values());
    assertArrayEquals(new float[] {1, 2, 0, 0}, state.outerMomentum());
    assertArrayEquals(next.values(), state.movingAverage());
  }

  @Test
  void byDefaultNothingElseIsCarried() {
    AveragingState state = Averaging.DEFAULT.newState(layout());
    assertEquals(0, state.outerMomentum().length + state.movingAverage().length);
  }

  private static List<Integer> lengths(List<StepRange> rounds) {
    return rounds.stream().map(steps -> steps.to() - steps.from()).toList();
  }

  private static Averaging averaging(String settings) {
    return TrainingConfig.read("test", "averaging: {" + settings + "}", List.of()).averaging();
  }

  /** Two gammas and betas, then two means and variances. */
  private static ParameterLayout layout() {
    String yaml =
        """
        name: test
        input: {height: 1, width: 1, channels: 2}
        layers:
          - batchNormalization
        """;
    return NetworkSpec.fromYaml("test", yaml).layout();
  }
}
