package convoy.engine.kernel;

/**
 * What a normalisation does to channel c: v = (x - mean[c]) * scale[c] + shift[c], plus a summand
 * where a kernel is given one, and y = v, or the ReLU of v.
 *
 * @param mean C values
 * @param scale C values
 * @param shift C values
 * @param relu whether negative outputs become 0 (NaN stays NaN)
 */
public record Normalization(Operand mean, Operand scale, Operand shift, boolean relu) {}
