package convoy.engine.kernel.vector;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Window;

/** The ways in which the vector kernels compute a convolution. */
public enum ConvolutionAlgorithm {
  /** Winograd's F(4x4, 3x3), see {@link WinogradForward}. */
  WINOGRAD,
  /**
   * Products with the weights where they lie, see {@link DenseProduct}: for one pixel to one pixel,
   * where the weights are most of what moves. Packing them took 40 % of the forward pass of 8192
   * inputs, 128 outputs and 32 images, turning them half of backward data.
   */
  DENSE,
  /**
   * One product over patches that are gathered block by block, see {@link PatchProduct}; a 1x1
   * convolution of stride 1 reads them where they lie.
   */
  PATCHES;

  /**
   * Channels on either side from which on Winograd's transforms pay: below them the products are
   * too small beside the transforms.
   */
  static final int LEAST_CHANNELS = 16;

  /** The algorithm that {@code shape} takes, whatever the batch. */
  public static ConvolutionAlgorithm of(ConvolutionShape shape) {
    Window window = shape.window();
    if (Patches.ofInput(shape).isInPlace() && shape.h() == 1 && shape.w() == 1) {
      return DENSE;
    }
    boolean small = shape.c() < LEAST_CHANNELS || shape.k() < LEAST_CHANNELS;
    boolean threeByThree = window.r() == 3 && window.s() == 3;
    boolean everywhere = window.strideH() == 1 && window.strideW() == 1;
    return threeByThree && everywhere && !small ? WINOGRAD : PATCHES;
  }
}
