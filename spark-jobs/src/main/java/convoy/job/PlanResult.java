package convoy.job;

import com.fasterxml.jackson.annotation.JsonProperty;
import convoy.planning.ClusterTimes;
import convoy.planning.EpochForecast;
import convoy.planning.EpochSimulation;
import convoy.training.TrainingSetup;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.TreeSet;

/**
 * What a plan tells, and the keys of its {@code --json}.
 *
 * @param calibration what was measured
 * @param epochs what epochs are expected to take
 * @param comparisons of each number of executors with one
 */
record PlanResult(
    ClusterTimes calibration, List<EpochForecast> epochs, List<Comparison> comparisons) {
  /** Times as many shards as replicas train at the same time. */
  private static final int[] SHARDS = {1, 2, 4};

  /** Steps between averages, beside those of the configuration and one average an epoch. */
  private static final List<Integer> EVERY_STEPS = List.of(200, 50, 10);

  /** Executors that gain less than this together are not worth their while. */
  private static final double LEAST_GAIN = 1.1;

  /**
   * How executors compare with one, at the period of the configuration and with the best of the
   * numbers of shards.
   *
   * @param executors more than one
   * @param seconds an epoch of theirs
   * @param secondsOfOne an epoch of a single one
   */
  record Comparison(int executors, double seconds, double secondsOfOne) {
    /** How many times as fast as one they are. */
    @JsonProperty
    double speedUp() {
      return secondsOfOne / seconds;
    }

    /** Whether more gain next to nothing, or lose. */
    @JsonProperty
    boolean oneIsBetter() {
      return speedUp() < LEAST_GAIN;
    }
  }

  /** For each of {@code executors}, and for the numbers of shards that can be trained. */
  static PlanResult of(TrainingSetup setup, EpochSimulation simulation, List<Integer> executors) {
    List<EpochForecast> epochs = new ArrayList<>();
    List<Comparison> comparisons = new ArrayList<>();
    int own = setup.config().averaging().everySteps();
    double one = fastest(rows(setup, simulation, 1), own);
    for (int count : new TreeSet<>(executors)) {
      List<EpochForecast> rows = rows(setup, simulation, count);
      epochs.addAll(rows);
      if (count > 1) {
        comparisons.add(new Comparison(count, fastest(rows, own), one));
      }
    }
    return new PlanResult(simulation.times(), epochs, comparisons);
  }

  /** With the shards of the configuration, which can be trained, and others. */
  private static List<EpochForecast> rows(
      TrainingSetup setup, EpochSimulation simulation, int executors) {
    int own = setup.config().averaging().everySteps();
    TreeSet<Integer> shards = new TreeSet<>();
    for (int times : SHARDS) {
      shards.add(times * executors * simulation.times().tasksPerExecutor());
    }
    shards.removeIf(count -> !simulation.canTrain(count));
    shards.add(setup.config().shards());
    TreeSet<Integer> periods = new TreeSet<>(Comparator.reverseOrder());
    periods.add(own);
    periods.addAll(EVERY_STEPS);
    periods.remove(0);
    List<EpochForecast> epochs = new ArrayList<>();
    for (int count : shards) {
      epochs.add(simulation.epoch(executors, count, 0));
      for (int period : periods) {
        EpochForecast epoch = simulation.epoch(executors, count, period);
        if (period == own || epoch.rounds() > 1) {
          epochs.add(epoch);
        }
      }
    }
    return epochs;
  }

  private static double fastest(List<EpochForecast> epochs, int everySteps) {
    return epochs.stream()
        .filter(epoch -> epoch.everySteps() == everySteps)
        .min(Comparator.comparingDouble(EpochForecast::seconds))
        .map(EpochForecast::seconds)
        .orElseThrow();
  }
}
