package convoy.averaging;

import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Parameters;
import convoy.engine.optimizer.OptimizerState;
import convoy.engine.training.Averaging;
import convoy.engine.training.AveragingState;
import convoy.engine.training.StepRange;
import convoy.engine.training.TrainingConfig;

/**
 * The model on the driver, from round to round: the state that the next round starts from, another
 * one that its average is written into, and what averaging carries besides. The two states change
 * places after each round, so that the driver allocates nothing in a round and never holds a third.
 */
public final class CarriedState {
  private final ParameterLayout layout;
  private final Averaging averaging;
  private final AveragingState averagingState;
  private ModelState start;
  private ModelState average;

  /** What is carried into the first round; takes the arrays over. */
  public CarriedState(
      Averaging averaging,
      Parameters parameters,
      OptimizerState optimizerState,
      AveragingState averagingState) {
    layout = parameters.layout();
    this.averaging = averaging;
    this.averagingState = averagingState;
    start = ModelState.of(parameters, optimizerState);
    average = start.blank();
  }

  /** What a training begins with that starts from {@code parameters}, which are taken over. */
  public static CarriedState initial(TrainingConfig config, Parameters parameters) {
    ParameterLayout layout = parameters.layout();
    float[][] slots = new float[config.carriedSlots().size()][layout.trainableSize()];
    return new CarriedState(
        config.averaging(),
        parameters,
        new OptimizerState(slots, 0),
        config.averaging().newState(layout));
  }

  /** Where the next round starts. */
  ModelState start() {
    return start;
  }

  /** Where the average of the next round goes. */
  ModelState average() {
    return average;
  }

  /**
   * Ends a round: the next one starts from its average, or from where that leads.
   *
   * @param steps of the round
   * @param stepsPerEpoch steps that the largest shard takes in an epoch
   */
  public void advance(StepRange steps, int stepsPerEpoch) {
    Parameters next = new Parameters(layout, average.parameters());
    averaging.endRound(steps, stepsPerEpoch, start.parameters(), next, averagingState);
    ModelState old = start;
    start = average;
    average = old;
  }

  /** The parameters that the next round starts from; shared, until that round is over. */
  public Parameters parameters() {
    return new Parameters(layout, start.parameters());
  }

  /** The parameters that are to be evaluated: the moving average where there is one; shared. */
  public Parameters evaluated() {
    return averaging.movingAverage().isOn()
        ? new Parameters(layout, averagingState.movingAverage())
        : parameters();
  }

  /** What is carried beside parameters and optimizer state; shared. */
  public AveragingState averagingState() {
    return averagingState;
  }

  /** The optimizer's state that the next round starts from; likewise shared. */
  public OptimizerState optimizerState() {
    return new OptimizerState(start.slots(), 0);
  }

  /** How the state is cut into slices that {@code shards} shards average. */
  public Slicing slicing(int shards) {
    return Slicing.of(start.size(), layout, shards);
  }

  /** Bytes of what each round sends to the executors. */
  public long sentBytes() {
    return start.sizeBytes();
  }

  /** Bytes of all arrays here. */
  public long sizeBytes() {
    long besides =
        (long) averagingState.outerMomentum().length + averagingState.movingAverage().length;
    return start.sizeBytes() + average.sizeBytes() + besides * Float.BYTES;
  }
}
