package convoy.planning;

import convoy.averaging.Slicing;
import convoy.cluster.TaskSlots;
import convoy.engine.data.Shard;
import convoy.engine.training.StepRange;
import convoy.training.MemoryNeeds;
import convoy.training.TrainingSetup;

/**
 * Tells from a {@link ClusterTimes} what epochs take on any number of executors like those that
 * were measured. All tasks of a wave take as long as each other:
 *
 * <pre>
 * seconds = waves step images / batchSize + rounds roundCost(E, P)
 * </pre>
 *
 * where waves = ceil(P / (E tasksPerExecutor)), and images are those of the largest shard.
 */
public final class EpochSimulation {
  private final TrainingSetup setup;
  private final ClusterTimes times;
  private final MemoryNeeds needs;

  /**
   * Of trainings of {@code setup}, but for its number of shards and its averages' period.
   *
   * @param times measured for it
   * @param needs of it
   */
  EpochSimulation(TrainingSetup setup, ClusterTimes times, MemoryNeeds needs) {
    this.setup = setup;
    this.times = times;
    this.needs = needs;
  }

  /** What it tells epochs from. */
  public ClusterTimes times() {
    return times;
  }

  /** Whether each of so many shards has an image, and none more than an array holds. */
  public boolean canTrain(int shards) {
    return shards <= setup.trainingImages()
        && ceil(setup.trainingImages(), shards) <= Shard.largestSize(setup.network().input());
  }

  /**
   * What an epoch is expected to take.
   *
   * @param executors like those that were measured
   * @param shards as many as {@link #canTrain} allows
   * @param everySteps steps between averages; 0 for once an epoch
   */
  public EpochForecast epoch(int executors, int shards, int everySteps) {
    TaskSlots slots = new TaskSlots(executors, times.tasksPerExecutor());
    long shardImages = ceil(setup.trainingImages(), shards);
    int batchSize = setup.config().batchSize();
    int steps = StepRange.stepsPerEpoch(Math.toIntExact(shardImages), batchSize);
    int rounds = everySteps == 0 ? 1 : (int) ceil(steps, everySteps);
    long waves = ceil(shards, slots.count());
    double computing = waves * times.stepSeconds() * shardImages / batchSize;
    int slices =
        Slicing.of(needs.sentBytes() / Float.BYTES, setup.network().layout(), shards).slices();
    double synchronizing = rounds * times.roundCost().seconds(executors, shards, slices);
    return new EpochForecast(
        executors,
        shards,
        everySteps,
        rounds,
        computing + synchronizing,
        synchronizing / (computing + synchronizing),
        rounds * needs.sentBytes() * Math.min(executors, shards),
        rounds * needs.sentBytes() * shards,
        needs.driver(),
        needs.executor(
            slots.tasksAtOnce(shards),
            shards,
            shardImages + ceil(setup.validationImages(), shards)));
  }

  private static long ceil(long value, long divisor) {
    return (value + divisor - 1) / divisor;
  }
}
