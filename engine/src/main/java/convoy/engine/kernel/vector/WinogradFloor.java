package convoy.engine.kernel.vector;

import static convoy.engine.kernel.vector.WinogradTransforms.POINTS;

import convoy.engine.kernel.ConvolutionShape;
import java.util.Optional;

/**
 * The least time that a convolution by Winograd's F(4x4, 3x3) takes: its products at the FMA peak,
 * and after them each transform, which does nothing but read what it transforms and write what
 * becomes of it, each value once, in the second-level cache. With T the tiles of all images:
 *
 * <pre>
 * forward    36 T C K multiplications
 *            x to V            N H W C + 36 T C floats
 *            w to U            9 C K + 36 C K
 *            M to y            36 T K + N P Q K
 * backward   dy to dM          N P Q K + 36 T K
 *   for dw   36 T C K multiplications
 *            x to V            N H W C + 36 T C
 *            dU to dw          36 C K + 9 C K
 *   for dx   36 T C K multiplications
 *            w to U            9 C K + 36 C K
 *            dV to dx          36 T C + N H W C
 * </pre>
 *
 * <p>What the products read and write is not counted, nor what else is done in the same pass: bias,
 * summand and ReLU.
 *
 * @param shape the convolution
 * @param images the batch
 */
public record WinogradFloor(ConvolutionShape shape, int images) {
  private static final int CELLS = 9;

  /** The floor of {@code shape}, if the vector kernels compute it by F(4x4, 3x3). */
  public static Optional<WinogradFloor> of(ConvolutionShape shape, int images) {
    return ConvolutionAlgorithm.of(shape) == ConvolutionAlgorithm.WINOGRAD
        ? Optional.of(new WinogradFloor(shape, images))
        : Optional.empty();
  }

  /** Milliseconds of the forward pass. */
  public double forwardMillis(Peaks peaks) {
    return peaks.millis(products(), bytes(input() + weights() + output()));
  }

  /** Milliseconds of the backward pass, for the gradients of the weights, the input, or both. */
  public double backwardMillis(Peaks peaks, boolean ofWeights, boolean ofInput) {
    double millis = ofWeights || ofInput ? peaks.millis(0, bytes(output())) : 0;
    double gradient = peaks.millis(products(), bytes(input() + weights()));
    return millis + (ofWeights ? gradient : 0) + (ofInput ? gradient : 0);
  }

  private long tiles() {
    return (long) images * new WinogradTiles(shape).perImage();
  }

  private long products() {
    return POINTS * tiles() * shape.c() * shape.k();
  }

  /** Floats of x and V, or of dV and dx. */
  private long input() {
    return ((long) images * shape.h() * shape.w() + POINTS * tiles()) * shape.c();
  }

  /** Floats of M and y, or of dy and dM. */
  private long output() {
    return ((long) images * shape.p() * shape.q() + POINTS * tiles()) * shape.k();
  }

  /** Floats of w and U, or of dU and dw. */
  private long weights() {
    return (long) (CELLS + POINTS) * shape.c() * shape.k();
  }

  private static long bytes(long floats) {
    return floats * Float.BYTES;
  }
}
