package convoy.averaging;

import convoy.engine.network.Parameters;
import convoy.engine.training.StepRange;
import convoy.engine.training.TrainingConfig;

/**
 * Tells from a {@link Calibration} what epochs take on any number of executors like those that were
 * measured. All tasks of a wave take as long as each other:
 *
 * <pre>
 * seconds = waves step images / batchSize + rounds roundCost(E, P)
 * </pre>
 *
 * where waves = ceil(P / (E tasksPerExecutor)), and images are those of the largest shard.
 */
public final class EpochSimulation {
  private final TrainingSetup setup;
  private final Calibration calibration;
  private final CarriedState carried;
  private final MemoryNeeds needs;

  /** Of trainings of {@code setup}, but for its number of shards and its averages' period. */
  public EpochSimulation(TrainingSetup setup, Calibration calibration) {
    this.setup = setup;
    this.calibration = calibration;
    TrainingConfig config = setup.config();
    carried =
        CarriedState.initial(config, Parameters.initial(setup.network().layout(), config.seed()));
    needs = MemoryNeeds.of(setup, setup.replica(), carried);
  }

  /**
   * What an epoch is expected to take.
   *
   * @param executors like those that were measured
   * @param shards up to {@link TrainingSetup#trainingImages()}
   * @param everySteps steps between averages; 0 for once an epoch
   */
  public EpochForecast epoch(int executors, int shards, int everySteps) {
    TaskSlots slots = new TaskSlots(executors, calibration.tasksPerExecutor());
    long shardImages = ceil(setup.trainingImages(), shards);
    int batchSize = setup.config().batchSize();
    int steps = StepRange.stepsPerEpoch(Math.toIntExact(shardImages), batchSize);
    int rounds = everySteps == 0 ? 1 : (int) ceil(steps, everySteps);
    long waves = ceil(shards, slots.count());
    double computing = waves * calibration.stepSeconds() * shardImages / batchSize;
    int slices = Slicing.of(carried.start().size(), carried.parameters().layout(), shards).slices();
    double synchronizing = rounds * calibration.roundCost().seconds(executors, shards, slices);
    return new EpochForecast(
        executors,
        shards,
        everySteps,
        rounds,
        computing + synchronizing,
        synchronizing / (computing + synchronizing),
        rounds * carried.sentBytes() * Math.min(executors, shards),
        rounds * carried.sentBytes() * shards,
        needs.driver(),
        needs.executor(
            slots.tasksAtOnce(shards), shardImages + ceil(setup.validationImages(), shards)));
  }

  private static long ceil(long value, long divisor) {
    return (value + divisor - 1) / divisor;
  }
}
