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
   * lanes: 1.3 for 8 to 8 channels, 1.1 for 8 to 32 and 12 to 24, 1.0 for 16 to 16, 0.9 for 8 to
   * 64, 0.8 for 64 to 8, 0.5 for 128 to 4. With 256-bit lanes 0.8 for 8 to 32 and 12 to 24, 0.6 for
   * 128 to 4.
   */
  static final int LEAST_PAIRS = 256;

  /** Most of them: 36 weights of each pair, and as many gradients, are in one array. */
  static final int MOST_PAIRS = 11_000_000;

  /** Most channels of input or output: the planes of a block of tiles are in that array as well. */
  static final int MOST_CHANNELS = 1 << 16;

  /**
   * Fewest input channels for Winograd. First layers, of images, have fewer. They need no gradient
   * of the input, and without that pass, in which patches of few channels are slow, Winograd does
   * not pay: from 4 to 64 channels it takes 1.7 times as long forward.
   */
  static final int LEAST_INPUTS = 8;

  /**
   * Outputs that patches compute in the time of a tile. So patches take outputs / TILE_OUTPUTS, and
   * Winograd takes tiles and what its weights take besides, counted in tiles of each image, in
   * batches of 32. With 512-bit lanes both passes take, as a multiple of the time that patches
   * take: with 128 to 128 channels 1.4 for 3x3 outputs and 1.0 for 4x4, one tile each, 1.1 to 1.3
   * for 5x5 and 0.8 to 0.9 for 6x6, four tiles; with 64 to 64 channels 1.9, 2.1 and 1.5 for the
   * last three.
   */
  static final int TILE_OUTPUTS = 4;

  /** What transforming few weights takes, and adding up sums of their gradient. */
  static final int FEW_WEIGHTS_TILES = 4;

  /**
   * The same with many, see {@link WinogradWeights#areFew}, which are worth most: with 512 to 512
   * channels 1.8 for 2x2 outputs, 0.9 for 3x3, 0.5 for 4x4 and 0.8 for 5x5.
   */
  static final int MANY_WEIGHTS_TILES = 1;

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
    int weights = new WinogradWeights(shape).areFew() ? FEW_WEIGHTS_TILES : MANY_WEIGHTS_TILES;
    return shape.c() >= LEAST_INPUTS
        && pairs >= LEAST_PAIRS
        && pairs <= MOST_PAIRS
        && Math.max(shape.c(), shape.k()) <= MOST_CHANNELS
        && outputs >= TILE_OUTPUTS * (tiles + weights);
  }
}
