package convoy.engine.kernel;

/**
 * What a convolution does to each output before it stores it: y = relu(sum + bias + add), added in
 * this order.
 *
 * @param bias the K bias values, or none
 * @param add another operand of y's size and pixel stride, or none
 * @param relu whether negative outputs become 0 (NaN stays NaN)
 */
public record Epilogue(Operand bias, Operand add, boolean relu) {
  /** Stores the sums as they are. */
  public static final Epilogue NONE = new Epilogue(Operand.NONE, Operand.NONE, false);

  /** Whether the sums are stored as they are. */
  public boolean isNone() {
    return !bias.isPresent() && !add.isPresent() && !relu;
  }
}
