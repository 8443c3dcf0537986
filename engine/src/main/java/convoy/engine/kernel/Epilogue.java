package convoy.engine.kernel;

/**
 * What a convolution does to each output before it stores it: y = relu(sum + bias).
 *
 * @param bias holds the K bias values from {@code biasOffset} on; null for none
 * @param biasOffset index of the first bias value
 * @param relu whether negative outputs become 0 (NaN stays NaN)
 */
public record Epilogue(float[] bias, int biasOffset, boolean relu) {
  /** Stores the sums as they are. */
  public static final Epilogue NONE = new Epilogue(null, 0, false);
}
