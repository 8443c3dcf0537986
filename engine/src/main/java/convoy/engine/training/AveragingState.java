package convoy.engine.training;

/**
 * What is carried from round to round beside the parameters and the optimizer's state.
 *
 * @param outerMomentum of the outer step, as long as the trainable parameters; empty where it has
 *     none
 * @param movingAverage of all parameters; empty where there is none
 */
public record AveragingState(float[] outerMomentum, float[] movingAverage) {
  /** Nothing is carried. */
  public static final AveragingState NONE = new AveragingState(new float[0], new float[0]);
}
