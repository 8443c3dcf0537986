package convoy.engine.kernel;

/**
 * What a convolution does to each output before it stores it: a = relu(sum + bias + add), y = a +
 * shortcut, added in this order.
 *
 * @param bias the K bias values, or none
 * @param add a summand before the ReLU, of y's size and pixel stride, or none
 * @param relu whether negative values become 0 (NaN stays NaN)
 * @param activation where a is stored as well, of y's size and pixel stride, or none; written
 * @param shortcut a summand after the ReLU, of y's size and pixel stride, or none
 */
public record Epilogue(
    Operand bias, Operand add, boolean relu, Operand activation, Operand shortcut) {
  /** Stores the sums as they are. */
  public static final Epilogue NONE = of(Operand.NONE, false);

  /** A bias (or none) and a ReLU (or none). */
  public static Epilogue of(Operand bias, boolean relu) {
    return new Epilogue(bias, Operand.NONE, relu, Operand.NONE, Operand.NONE);
  }

  /** The same with {@code other} as its bias. */
  public Epilogue with(Operand other) {
    return new Epilogue(other, add, relu, activation, shortcut);
  }

  /** Whether the sums are stored as they are. */
  public boolean isNone() {
    return !bias.isPresent() && !relu && hasOneOperand();
  }

  /** Whether y is all that lies as y does. */
  public boolean hasOneOperand() {
    return !add.isPresent() && !activation.isPresent() && !shortcut.isPresent();
  }
}
