package convoy.engine.kernel.vector;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Window;

/** The ways in which the vector kernels compute a convolution. */
public enum ConvolutionAlgorithm {
  /** Winograd's F(4x4, 3x3), see {@link WinogradForward}. */
  WINOGRAD,
  /**
   * Products with the weights where they lie, see {@link DenseProduct}: for one pixel to one pixel,
   * where the weights are most of what moves. By PATCHES, which packs and turns them, 8192 inputs
   * to 128 outputs took 1.1 times as long forward and 1.7 times backward for 32 images, 2.3 and 1.9
   * times for one.
   */
  DENSE,
  /**
   * One product over patches that are gathered block by block, see {@link PatchProduct}; a 1x1
   * convolution of stride 1 reads them where they lie.
   */
  PATCHES;

  /**
   * Channels on either side from which on Winograd's transforms pay. Measured over both passes of
   * 32x32 pixels: with 16 channels it takes 0.67 of the time that patches take, with 8 channels 1.4
   * times it.
   */
  static final int LEAST_CHANNELS = 16;

  /**
   * Outputs of a tile that have to lie in the image, of 16, on average. Measured with 128 channels:
   * it takes twice the time for 4 of 16 (2x2 pixels), as much for 9 (3x3), 0.8 of the time for 6.25
   * (5x5, in four tiles), half of it for 16.
   */
  static final int LEAST_OUTPUTS = 6;

  /** The algorithm that {@code shape} takes, whatever the batch. */
  public static ConvolutionAlgorithm of(ConvolutionShape shape) {
    Window window = shape.window();
    if (Patches.ofInput(shape).isInPlace() && shape.h() == 1 && shape.w() == 1) {
      return DENSE;
    }
    boolean threeByThree = window.r() == 3 && window.s() == 3;
    boolean everywhere = window.strideH() == 1 && window.strideW() == 1;
    return threeByThree && everywhere && winogradPays(shape) ? WINOGRAD : PATCHES;
  }

  private static boolean winogradPays(ConvolutionShape shape) {
    long outputs = (long) shape.p() * shape.q();
    return Math.min(shape.c(), shape.k()) >= LEAST_CHANNELS
        && outputs >= (long) LEAST_OUTPUTS * new WinogradTiles(shape).perImage();
  }
}
