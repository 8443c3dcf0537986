package convoy.engine.layer;

import convoy.engine.tensor.Tensor;
import java.util.List;

/**
 * What one operation works on in the backward pass, beside its {@link Forward} values.
 *
 * @param dy the gradient of the output
 * @param parameterGradients the gradients of the parameters that train, overwritten; none where the
 *     layer is frozen
 * @param inputGradients what to do with the gradient of each input
 */
public record Backward(
    Tensor dy, List<Tensor> parameterGradients, List<InputGradient> inputGradients) {

  /** What becomes of the gradient of an input. */
  public enum Mode {
    /** Nobody wants it; there is no array for it. */
    UNWANTED,
    /** It is written over what the array held. */
    OVERWRITE,
    /** It is added to what another consumer of the same input has left there. */
    ACCUMULATE
  }

  /**
   * The gradient of one input.
   *
   * @param mode what to do
   * @param dx where to; undefined if unwanted
   */
  public record InputGradient(Mode mode, Tensor dx) {
    /** Whether the operation has to compute it. */
    public boolean isWanted() {
      return mode != Mode.UNWANTED;
    }

    /** Whether it is added to what is there. */
    public boolean accumulates() {
      return mode == Mode.ACCUMULATE;
    }
  }

  /** The gradient of the first input. */
  public InputGradient first() {
    return inputGradients.get(0);
  }
}
