package convoy.averaging;

import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Parameters;
import convoy.engine.optimizer.OptimizerState;

/**
 * The model on the driver, from round to round: the state that the next round starts from, and
 * another one that its average is written into. They change places after each round, so that the
 * driver allocates nothing in a round and never holds a third.
 */
final class CarriedState {
  private final ParameterLayout layout;
  private ModelState start;
  private ModelState average;

  /** What is carried into the first round; takes the arrays over. */
  CarriedState(Parameters parameters, OptimizerState optimizerState) {
    layout = parameters.layout();
    start = ModelState.of(parameters, optimizerState);
    average = start.blank();
  }

  /** Where the next round starts. */
  ModelState start() {
    return start;
  }

  /** Where the average of the next round goes. */
  ModelState average() {
    return average;
  }

  /** Ends a round: the next one starts from its average. */
  void advance() {
    ModelState old = start;
    start = average;
    average = old;
  }

  /** The parameters of {@link #start()}; shared, until the next round is over. */
  Parameters parameters() {
    return new Parameters(layout, start.parameters());
  }

  /** The optimizer's part of {@link #start()}; likewise shared. */
  OptimizerState optimizerState() {
    return new OptimizerState(start.slots());
  }

  /** Bytes of what each round sends to the executors. */
  long sentBytes() {
    return start.sizeBytes();
  }

  /** Bytes of all arrays here. */
  long sizeBytes() {
    return start.sizeBytes() + average.sizeBytes();
  }
}
