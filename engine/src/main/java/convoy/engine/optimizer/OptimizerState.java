package convoy.engine.optimizer;

import java.util.Arrays;

/**
 * What an optimizer carries from step to step.
 *
 * @param slots one array for each slot of the optimizer, each as long as the trainable parameters;
 *     written by the optimizer, not copied
 * @param stepsBefore steps of the training that were taken before the state was all zeros; those
 *     that it has not counted
 */
public record OptimizerState(float[][] slots, long stepsBefore) {

  public OptimizerState {
    for (float[] slot : slots) {
      if (slot.length != slots[0].length) {
        throw new IllegalArgumentException(
            "slots of an optimizer have " + slots[0].length + " and " + slot.length + " values");
      }
    }
  }

  /** These arrays, all zeros from now on, as the state of a training after so many steps. */
  public OptimizerState restarted(long stepsBefore) {
    for (float[] slot : slots) {
      Arrays.fill(slot, 0);
    }
    return new OptimizerState(slots, stepsBefore);
  }
}
