package convoy.engine.kernel;

/**
 * The operands of a convolution's backward pass: what it reads (x, w, y, dy) and which gradients it
 * computes (dw, db, dx), each of which may be {@link Operand#NONE}.
 *
 * @param x the input; read for dw alone
 * @param w the weights; read for dx alone
 * @param y the output, where its ReLU was computed in the same pass: dy counts only where y > 0;
 *     undefined afterwards; none if there was no ReLU
 * @param dy the gradient of the output; only read, unless it is masked
 * @param masked whether dy is 0 afterwards where there is a y that is not above 0: then others may
 *     read what counts of it
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
    boolean masked,
    Operand dw,
    Operand db,
    Operand dx,
    boolean accumulate) {

  /** Operands whose dy is only read. */
  public ConvolutionBackward(
      Operand x,
      Operand w,
      Operand y,
      Operand dy,
      Operand dw,
      Operand db,
      Operand dx,
      boolean accumulate) {
    this(x, w, y, dy, false, dw, db, dx, accumulate);
  }

  /**
   * Where what counts of dy goes, for kernels that find it before they multiply: in dy's place if
   * it is masked, else in that of y; dy itself if there is no y.
   */
  public Operand counted() {
    return y.isPresent() && !masked ? y : dy;
  }
}
