package convoy.engine.kernel;

/**
 * The operands of a convolution's backward pass: what it reads (x, w, y, dy) and which gradients it
 * computes (dw, db, dx), each of which may be {@link Operand#NONE}.
 *
 * @param x the input; read for dw alone
 * @param w the weights; read for dx alone
 * @param y the output, where its ReLU was computed in the same pass: dy counts only where y > 0;
 *     undefined afterwards; none if there was no ReLU
 * @param dy the gradient of the output; only read
 * @param dw where the gradient of the weights goes, overwritten
 * @param db where the gradient of the bias goes, overwritten
 * @param dx where the gradient of the input goes
 * @param accumulate whether that is added to what dx holds
 */
public record ConvolutionBackward(
    Operand x,
    Operand w,
    Operand y,
    Operand dy,
    Operand dw,
    Operand db,
    Operand dx,
    boolean accumulate) {}
