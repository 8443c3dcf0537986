package convoy.engine.optimizer;

/**
 * What an optimizer carries from step to step.
 *
 * @param slots one array for each slot of the optimizer, each as long as the trainable parameters;
 *     written by the optimizer, not copied
 */
public record OptimizerState(float[][] slots) {

  public OptimizerState {
    for (float[] slot : slots) {
      if (slot.length != slots[0].length) {
        throw new IllegalArgumentException(
            "slots of an optimizer have " + slots[0].length + " and " + slot.length + " values");
      }
    }
  }

  /** Whether no value is NaN or infinite. */
  public boolean isFinite() {
    for (float[] slot : slots) {
      for (float value : slot) {
        if (!Float.isFinite(value)) {
          return false;
        }
      }
    }
    return true;
  }
}
