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
   * Adds {@code count} tiles from {@code first} on to dx; channel c of point p of the i-th of them
   * lies at {@code scratch[dv + p * planeStride + i * Panels.padded(C) + c]}. A pixel that no tile
   * has reached before is overwritten, unless dx is to {@code accumulate}; so tiles are to come in
   * order. PASSES floats from {@code passes} on are written over.
   */
  void addTiles(
      int first,
      int count,
      float[] scratch,
      int dv,
      int planeStride,
      int passes,
      Operand dx,
      boolean accumulate) {
    for (int tile = first; tile < first + count; tile++) {
      if (tiles.begins(tile, first)) {
        tiles.touchInput(dx.array(), dx.offset(), tile, tiles.run(tile, first + count), scratch);
      }
      int from = dv + (tile - first) * Panels.padded(tiles.shape().c());
      addTile(tile, scratch, from, planeStride, passes, dx, accumulate);
    }
  }

  private void addTile(
      int tile,
      float[] scratch,
      int dv,
      int planeStride,
      int passes,
      Operand dx,
      boolean accumulate) {
    ConvolutionShape shape = tiles.shape();
    int C = shape.c();
    for (int c = 0; c < C; c += CHANNELS) {
      int channels = Math.min(CHANNELS, WinogradTiles.padded(C) - c);
      for (int j = 0; j < INPUT; j++) {
        WinogradTransforms.inputGradient(
            scratch,
            dv + j * planeStride + c,
            INPUT * planeStride,
            scratch,
            passes + j * CHANNELS,
            INPUT * CHANNELS,
            channels);
      }
      for (int i = 0; i < INPUT; i++) {
        if (inside(tiles.inputRow(tile) + i, shape.h())) {
          addRow(tile, i, scratch, passes, c, Math.min(CHANNELS, C - c), dx, accumulate);
        }
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
