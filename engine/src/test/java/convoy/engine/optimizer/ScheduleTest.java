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
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Expected values are those of PyTorch; engine/src/test/python/schedule_golden.py prints them with
 * 15 digits.
 */
class ScheduleTest {
  private static final double TOLERANCE = 2e-15;

  @Test
  void constantIsTheOptimizersOwnRate() {
    assertShares("constant", 3, 1, 1, 1);
    assertEquals(1, Constant.DEFAULT.share(1L << 60, RunLength.ENDLESS));
  }

  @Test
  void rateFallsAfterEachIntervalAsInStepLr() {
    double[] wanted = {1, 1, 1, 1, 0.1, 0.1, 0.1, 0.1, 0.01, 0.01};
    assertShares("{step: {everySteps: 4}}", 10, wanted);
    assertShares("{step: {everyEpochs: 2}}", new RunLength(2, 5), wanted);
  }

  @Test
  void rateFallsAtMilestonesAsInMultiStepLr() {
    double[] wanted = {1, 1, 0.5, 0.25, 0.25, 0.25, 0.25, 0.125, 0.125};
    assertShares("{step: {factor: 0.5, atSteps: [7, 2, 3]}}", 9, wanted);
    assertShares("{step: {factor: 0.5, atEpochs: [2, 3, 7]}}", new RunLength(1, 9), wanted);
    double[] both = {1, 1, 1, 0.5, 0.25, 0.25};
    assertShares("{step: {factor: 0.5, atEpochs: [2], atSteps: [3]}}", new RunLength(2, 3), both);
  }

  @Test
  void warmUpRisesLinearly() {
    assertShares("{constant: {warmUpSteps: 4}}", 6, 0.25, 0.5, 0.75, 1, 1, 1);
    double[] third = {1 / 6.0, 2 / 6.0, 3 / 6.0, 4 / 6.0, 5 / 6.0, 1, 1, 1, 1};
    assertShares("{constant: {warmUpEpochs: 2}}", new RunLength(3, 3), third);
    assertShares("{constant: {warmUpSteps: 1}}", 3, 1, 1, 1);
  }

  @Test
  void warmUpAndIntervalsAreCountedTogetherAsInChainedSchedulers() {
    assertShares(
        "{step: {factor: 0.5, everySteps: 3, warmUpSteps: 4}}",
        8,
        0.25,
        0.5,
        0.75,
        0.5,
        0.5,
        0.5,
        0.25,
        0.25);
  }

  @Test
  void cosineFallsToTheEndAsInPyTorch() {
    assertShares(
        "cosine",
        10,
        1,
        0.975528258147577,
        0.904508497187474,
        0.793892626146237,
        0.654508497187474,
        0.5,
        0.345491502812526,
        0.206107373853763,
        0.0954915028125263,
        0.0244717418524232);
    assertShares(
        "{cosine: {finalShare: 0.05}}",
        new RunLength(5, 2),
        1,
        0.976751845240198,
        0.9092830723281,
        0.804197994838925,
        0.6717830723281,
        0.525,
        0.3782169276719,
        0.245802005161075,
        0.1407169276719,
        0.0732481547598021);
  }

  @Test
  void cosineBeginsAfterTheWarmUpAsInSequentialSchedulers() {
    assertShares(
        "{cosine: {finalShare: 0.1, warmUpSteps: 3}}",
        10,
        0.333333333333333,
        0.666666666666667,
        1,
        1,
        0.955435990556089,
        0.83057041083643,
        0.650134420280341,
        0.449865579719659,
        0.26942958916357,
        0.144564009443911);
  }

  @Test
  void oneCycleRisesAndFallsAsInPyTorch() {
    assertShares(
        "oneCycle",
        new RunLength(2, 5),
        0.04,
        0.52,
        1,
        0.950484632013474,
        0.811745653949763,
        0.611262021936289,
        0.388741978063711,
        0.188258346050237,
        0.0495193679865263,
        4e-06);
    assertShares(
        "{oneCycle: {warmUpShare: 0.5, initialDivisor: 10, finalDivisor: 100, annealing: linear}}",
        12,
        0.1,
        0.28,
        0.46,
        0.64,
        0.82,
        1,
        0.8335,
        0.667,
        0.5005,
        0.334,
        0.1675,
        0.001);
  }

  @Test
  void oneCycleNeedsNoRise() {
    assertShares(
        "{oneCycle: {warmUpShare: 0}}", 4, 0.853553976379711, 0.500002, 0.146450023620289, 4e-06);
    assertShares("oneCycle", 1, 4e-6);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{constant: {warmUpEpochs: 1}}",
        "{step: {everySteps: 300}}",
        "{cosine: {warmUpSteps: 100}}",
        "oneCycle",
        "{oneCycle: {warmUpShare: 0.99999}}",
      })
  void sharesOfLongTrainingsLieBetweenZeroAndOne(String yaml) {
    Schedule schedule = schedule(yaml);
    RunLength run = new RunLength(391, 7);
    for (long step = 0; step < run.steps(); step++) {
      double share = schedule.share(step, run);
      assertTrue(share >= 0 && share <= 1, yaml + " gives " + share + " at step " + step);
    }
  }

  @Test
  void longestTrainingOverflowsNowhere() {
    for (String yaml : List.of("{cosine: {warmUpEpochs: 2000000000}}", "oneCycle")) {
      Schedule schedule = schedule(yaml);
      schedule.checkFits(RunLength.ENDLESS);
      double last = schedule.share(RunLength.ENDLESS.steps() - 1, RunLength.ENDLESS);
      assertTrue(last >= 0 && last < 1e-5, yaml + " ends with " + last);
    }
  }

  @Test
  void schedulesThatSpanTheRunSayIt() {
    assertFalse(schedule("constant").spansRun());
    assertFalse(schedule("{step: {everyEpochs: 1}}").spansRun());
    assertTrue(schedule("cosine").spansRun());
    assertTrue(schedule("oneCycle").spansRun());
  }

  @Test
  void warmUpAsLongAsTheTrainingIsRefused() {
    schedule("{cosine: {warmUpSteps: 9}}").checkFits(new RunLength(5, 2));
    assertEquals(
        "schedule cosine warms up over 10 steps, the training has 10: wanted less, or more epochs",
        assertThrows(
                IllegalArgumentException.class,
                () -> schedule("{cosine: {warmUpSteps: 10}}").checkFits(new RunLength(5, 2)))
            .getMessage());
    assertEquals(
        "schedule cosine warms up over 3 epochs, the training has 2: wanted less, or more epochs",
        assertThrows(
                IllegalArgumentException.class,
                () -> schedule("{cosine: {warmUpEpochs: 3}}").checkFits(new RunLength(5, 2)))
            .getMessage());
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "cosin|a.yaml: schedule: unknown schedule cosin; did you mean cosine?",
        "{cosine: {finalShare: 1.5}}|a.yaml: schedule.cosine: finalShare is 1.5, wanted 0 to 1",
        "{cosine: {warmUp: 3}}|a.yaml: schedule.cosine: unknown key warmUp; did you mean"
            + " warmUpSteps?",
        "{constant: {warmUpSteps: -1}}|a.yaml: schedule.constant.warmUpSteps is -1, wanted 0 or"
            + " more",
        "{constant: {warmUpSteps: 2, warmUpEpochs: 1}}|a.yaml: schedule.constant.warmUpEpochs is"
            + " 1, wanted 0 beside warmUpSteps",
        "step|a.yaml: schedule.step: wanted an interval (everySteps or everyEpochs) or"
            + " milestones (atSteps, atEpochs)",
        "{step: {everySteps: 2, atEpochs: [3]}}|a.yaml: schedule.step: wanted an interval"
            + " (everySteps or everyEpochs) or milestones (atSteps, atEpochs)",
        "{step: {atEpochs: [3, 0]}}|a.yaml: schedule.step: milestones are [3, 0], wanted 1 or more",
        "{step: {everySteps: 2, factor: 0}}|a.yaml: schedule.step: factor is 0.0, wanted above 0"
            + " and at most 1",
        "{oneCycle: {warmUpShare: 1}}|a.yaml: schedule.oneCycle: warmUpShare is 1.0, wanted 0 or"
            + " more and below 1",
        "{oneCycle: {initialDivisor: 0.5}}|a.yaml: schedule.oneCycle: initialDivisor is 0.5,"
            + " wanted 1 or more",
        "{oneCycle: {annealing: cos}}|a.yaml: schedule.oneCycle.annealing is \"cos\", wanted"
            + " cosine or linear",
      })
  void wrongSettingsAreRefused(String yaml, String message) {
    assertEquals(
        message, assertThrows(IllegalArgumentException.class, () -> schedule(yaml)).getMessage());
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "constant",
        "{constant: {warmUpEpochs: 5}}",
        "{step: {factor: 0.2, everyEpochs: 30, warmUpSteps: 7}}",
        "{step: {atSteps: [5, 9], atEpochs: [3]}}",
        "{cosine: {finalShare: 0.125, warmUpEpochs: 2}}",
        "{oneCycle: {warmUpShare: 0.4, initialDivisor: 7, finalDivisor: 9, annealing: linear}}",
      })
  void treeComesBackAsWritten(String yaml) {
    Schedule schedule = schedule(yaml);
    assertEquals(schedule, schedule(schedule.toTree().toString()));
  }

  private static void assertShares(String yaml, int steps, double... wanted) {
    assertShares(yaml, new RunLength(steps, 1), wanted);
  }

  private static void assertShares(String yaml, RunLength run, double... wanted) {
    Schedule schedule = schedule(yaml);
    schedule.checkFits(run);
    double[] shares = new double[wanted.length];
    for (int step = 0; step < shares.length; step++) {
      shares[step] = schedule.share(step, run);
    }
    assertEquals(run.steps(), shares.length);
    assertArrayEquals(wanted, shares, TOLERANCE);
  }

  private static Schedule schedule(String yaml) {
    return Schedule.read(Settings.ofYaml("a.yaml", "schedule: " + yaml), "schedule");
  }
}
