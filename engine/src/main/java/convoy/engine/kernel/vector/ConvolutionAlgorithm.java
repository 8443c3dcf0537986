package convoy.engine.kernel.vector;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Window;

/** The ways in which the vector kernels compute a convolution. */
public enum ConvolutionAlgorithm {
  /** Winograd's F(4x4, 3x3), see {@link WinogradForward}. */
  WINOGRAD,
  /** One product over patches that are gathered block by block, see {@link PatchProduct}. */
  PATCHES;

  /**
   * Channels on either side from which on Winograd's transforms pay: below them the products are
   * too small beside the transforms.
   */
  static final int LEAST_CHANNELS = 16;

  /** The algorithm that {@code shape} takes, whatever the batch. */
  public static ConvolutionAlgorithm of(ConvolutionShape shape) {
    Window window = shape.window();
    boolean small = shape.c() < LEAST_CHANNELS || shape.k() < LEAST_CHANNELS;
    boolean threeByThree = window.r() == 3 && window.s() == 3;
    boolean dense = window.strideH() == 1 && window.strideW() == 1;
    return threeByThree && dense && !small ? WINOGRAD : PATCHES;
  }
}
