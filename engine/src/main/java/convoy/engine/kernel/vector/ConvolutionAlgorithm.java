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
  /** One product over patches that are gathered block by block, see {@link PatchProduct}. */
  PATCHES;

  /**
   * Pairs of an input and an output channel from which on Winograd's transforms pay. Over both
   * passes of 32x32 pixels it takes, as a multiple of the time that patches take, with 512-bit
   * lanes: 1.4 for 8 to 8 channels, 1.0 for 8 to 32 and 12 to 24, 0.7 for 16 to 16, 8 to 64 and 64
   * to 8, 0.5 for 128 to 4. With 256-bit lanes 0.8 for 8 to 32, 0.7 for 16 to 16, 0.5 for 128 to 4.
   */
  static final int LEAST_PAIRS = 256;

  /** Most of them: 36 gradients of each pair, and room to sum them, are in one array. */
  static final int MOST_PAIRS = 11_000_000;

  /**
   * Fewest input channels for Winograd. First layers, of images, have fewer. They need no gradient
   * of the input, and without that pass, in which patches of few channels are slow, Winograd does
   * not pay: from 4 to 64 channels it takes 1.7 times as long forward.
   */
  static final int LEAST_INPUTS = 8;

  /**
   * Outputs that patches compute in the time of a tile. So patches take outputs / TILE_OUTPUTS, and
   * Winograd takes tiles + WEIGHT_TILES. With 128 channels, batch 32 and 512-bit lanes both passes
   * take, as a multiple of the time that patches take: 1.6 for 2x3 pixels, 1.2 for 3x3, 0.9 for 3x4
   * and 0.7 for 4x4, one tile each; 1.1 for 3x5 and 1.0 for 2x8, two tiles; 1.0 for 5x5 and 0.7 for
   * 6x6, four; 1.5 for 1x32 and 0.8 for 2x32, eight.
   */
  static final int TILE_OUTPUTS = 4;

  /** Tiles of each image, in batches of 32, that take as long as transforming the weights does. */
  static final int WEIGHT_TILES = 2;

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
    long tiles = new WinogradTiles(shape).perImage(), pairs = (long) shape.c() * shape.k();
    return shape.c() >= LEAST_INPUTS
        && pairs >= LEAST_PAIRS
        && pairs <= MOST_PAIRS
        && outputs >= TILE_OUTPUTS * (tiles + WEIGHT_TILES);
  }
}
