package convoy.engine.kernel.vector;

import static convoy.engine.kernel.vector.WinogradTransforms.INPUT;
import static convoy.engine.kernel.vector.WinogradTransforms.OUTPUT;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Operand;

/**
 * The last part of the input's gradient by Winograd's F(4x4, 3x3): dx is the sum of the tiles B dV
 * B^T, which overlap by two pixels. A pixel sums its tiles from left to right and top to bottom.
 *
 * @param tiles of the convolution
 */
record WinogradGather(WinogradTiles tiles) {
  private static final int WIDTH = MicroKernel.WIDTH;
  private static final int CHANNELS = WinogradTiles.CHANNELS;

  /** Floats of the scratch memory that {@link #addTiles} passes tiles through. */
  static final int PASSES = WinogradTiles.PASS_SIZE + INPUT * CHANNELS;

  /** Pixels that neighbouring tiles of the input share. */
  private static final int OVERLAP = INPUT - OUTPUT;

  /**
   * Adds channels [firstC, lastC) of {@code count} tiles from {@code first} on to dx; channel c of
   * point p of the i-th of them lies at {@code planes[dv + p * planeStride + i * Panels.padded(C) +
   * c]}. A pixel that no tile has reached before is overwritten, unless dx is to {@code
   * accumulate}; so tiles are to come in order. PASSES floats of {@code scratch} from {@code
   * passes} on are written over.
   */
  void addTiles(
      int first,
      int count,
      int firstC,
      int lastC,
      float[] planes,
      int dv,
      int planeStride,
      float[] scratch,
      int passes,
      Operand dx,
      boolean accumulate) {
    int C = tiles.shape().c();
    for (int tile = first; tile < first + count; tile++) {
      if (tiles.begins(tile, first) && lastC - firstC == C) {
        tiles.touchInput(dx.array(), dx.offset(), tile, tiles.run(tile, first + count), scratch);
      }
      int from = dv + (tile - first) * Panels.padded(C);
      for (int c = firstC; c < lastC; c += CHANNELS) {
        int channels = Math.min(CHANNELS, lastC - c);
        addTile(tile, planes, from + c, planeStride, scratch, passes, c, channels, dx, accumulate);
      }
    }
  }

  /** Adds channels [firstC, firstC + channels) of one tile, which begin at {@code dv}. */
  private void addTile(
      int tile,
      float[] planes,
      int dv,
      int planeStride,
      float[] scratch,
      int passes,
      int firstC,
      int channels,
      Operand dx,
      boolean accumulate) {
    for (int j = 0; j < INPUT; j++) {
      WinogradTransforms.inputGradient(
          planes,
          dv + j * planeStride,
          INPUT * planeStride,
          scratch,
          passes + j * CHANNELS,
          INPUT * CHANNELS,
          WinogradTiles.padded(channels));
    }
    for (int i = 0; i < INPUT; i++) {
      if (inside(tiles.inputRow(tile) + i, tiles.shape().h())) {
        addRow(tile, i, scratch, passes, firstC, channels, dx, accumulate);
      }
    }
  }

  private static boolean inside(int place, int size) {
    return place >= 0 && place < size;
  }

  /** Adds row {@code i} of one tile to channels [firstC, firstC + channels) of dx. */
  private void addRow(
      int tile,
      int i,
      float[] scratch,
      int passes,
      int firstC,
      int channels,
      Operand dx,
      boolean accumulate) {
    ConvolutionShape shape = tiles.shape();
    int W = shape.w(), pixelStride = shape.xPixelStride(), column = tiles.inputColumn(tile);
    boolean above = tiles.outputRow(tile) > 0, left = tiles.outputColumn(tile) > 0;
    int inside = 0, reached = 0;
    for (int j = 0; j < INPUT; j++) {
      if (inside(column + j, W)) {
        inside |= 1 << j;
        if (above && i < OVERLAP || left && j < OVERLAP || accumulate) {
          reached |= 1 << j;
        }
      }
    }
    int row = tile / tiles.perImage() * shape.h() + tiles.inputRow(tile) + i;
    int from = passes + i * INPUT * CHANNELS;
    int to = dx.offset() + (row * W + column) * pixelStride + firstC;
    if (channels % WIDTH == 0) {
      WinogradTransforms.gatheredInputGradient(
          scratch, from, CHANNELS, dx.array(), to, pixelStride, inside, reached, channels);
      return;
    }
    int pixels = passes + WinogradTiles.PASS_SIZE;
    WinogradTransforms.inputGradient(
        scratch, from, CHANNELS, scratch, pixels, CHANNELS, WinogradTiles.padded(channels));
    for (int j = 0; j < INPUT; j++) {
      int pixel = pixels + j * CHANNELS;
      if ((reached >> j & 1) == 1) {
        add(scratch, pixel, channels, dx.array(), to + j * pixelStride);
      } else if ((inside >> j & 1) == 1) {
        System.arraycopy(scratch, pixel, dx.array(), to + j * pixelStride, channels);
      }
    }
  }

  private static void add(float[] values, int from, int size, float[] dx, int to) {
    for (int i = 0; i < size; i++) {
      dx[to + i] += values[from + i];
    }
  }
}
