package convoy.engine.kernel.vector;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.kernel.Workers;

/**
 * Backward weights: dw[tap][k] = sum over positions of patches[position][tap] * dy[position][k].
 *
 * <p>A part is a range of taps and a group of filters, so each part owns its outputs and no partial
 * results are combined. It walks over the positions of all images in blocks of POSITIONS: packs the
 * block of dy into panels, then, one chunk of taps after the other, gathers the patches as they lie
 * (the micro-kernel takes them turned) and adds the product to its tile in scratch memory. Panels,
 * one chunk of patches and the tile share the second-level cache.
 *
 * <p>Each output sums each block from zero by FMA and adds the blocks in order, so the order
 * follows from the shape and the number of images alone.
 *
 * @param shape the convolution
 */
record WeightGradient(ConvolutionShape shape) {
  /** Positions in a block: 256 filters and 64 taps of each are 246 KB. */
  private static final int POSITIONS = 192;

  /** Taps that are gathered at a time. */
  private static final int CHUNK = 64;

  /** Most taps of a part: few parts read the images seldom, many serve many workers. */
  private static final int MAX_TAPS = 5 * CHUNK;

  /** Parts hold a multiple of so many taps, a multiple of the micro-kernel's rows. */
  private static final int GRAIN = 32;

  /** Most filters of a part. */
  private static final int MAX_FILTERS = 256;

  /** Most filters of a part where one chunk holds all taps, so that there are enough parts. */
  private static final int FEW_FILTERS = 64;

  /** Where the patches lie in the scratch memory, and behind them the panels. */
  private static final int PATCHES = Workers.ORIGIN;

  private static final int STRIDE = MicroKernel.TURNED_STRIDE;
  private static final int PANELS = PATCHES + POSITIONS * STRIDE;

  private static final int ROWS = MicroKernel.ROWS;
  private static final int COLUMNS = MicroKernel.COLUMNS;

  /** The scratch memory of {@link #pass}: patches, panels and tile of each worker. */
  ScratchSize scratch() {
    int columns = Panels.padded(Math.min(shape.k(), filters()));
    return new ScratchSize(tile(columns) + range() * columns + MicroKernel.BLOCK, 0);
  }

  /** Where the tile begins, behind panels of {@code columns} columns. */
  private static int tile(int columns) {
    return PANELS + POSITIONS * columns;
  }

  private int filters() {
    return shape.taps() <= CHUNK ? FEW_FILTERS : MAX_FILTERS;
  }

  /** Taps of a part: an even share in whole register blocks. */
  private int range() {
    int parts = (shape.taps() + MAX_TAPS - 1) / MAX_TAPS;
    int blocks = (shape.taps() + parts * GRAIN - 1) / (parts * GRAIN);
    return blocks * GRAIN;
  }

  /** Overwrites dw. */
  Pass pass(int images, Operand x, Operand dy, Operand dw, Workers workers) {
    int K = shape.k(), taps = shape.taps(), filters = filters();
    int groups = (K + filters - 1) / filters, range = range();
    int ranges = (taps + range - 1) / range;
    Patches patches = Patches.ofInput(shape);
    return workers.pass(
        ranges * groups,
        (part, worker) -> {
          int firstTap = part / groups * range, lastTap = Math.min(taps, firstTap + range);
          int firstK = part % groups * filters, width = Math.min(filters, K - firstK);
          float[] scratch = workers.scratch(worker);
          sum(
              patches,
              images,
              x.array(),
              x.offset(),
              firstTap,
              lastTap,
              dy.array(),
              dy.offset() + firstK,
              width,
              scratch);
          int columns = Panels.padded(width);
          for (int tap = firstTap; tap < lastTap; tap++) {
            int from = tile(columns) + (tap - firstTap) * columns;
            System.arraycopy(scratch, from, dw.array(), dw.offset() + tap * K + firstK, width);
          }
        });
  }

  /** Sums one part into the tile that follows patches and panels in the scratch memory. */
  private void sum(
      Patches patches,
      int images,
      float[] x,
      int xOffset,
      int firstTap,
      int lastTap,
      float[] dy,
      int dyOffset,
      int width,
      float[] scratch) {
    int positions = patches.positions(images), tileStride = Panels.padded(width);
    for (int first = 0; first < positions; first += POSITIONS) {
      int count = Math.min(POSITIONS, positions - first);
      int source = dyOffset + first * shape.yPixelStride();
      Panels.pack(
          dy, source, shape.yPixelStride(), count, width, scratch, PANELS, POSITIONS * COLUMNS);
      for (int tap = firstTap; tap < lastTap; tap += CHUNK) {
        int end = Math.min(tap + CHUNK, lastTap);
        patches.gather(x, xOffset, first, count, tap, end, scratch, PATCHES, STRIDE);
        int to = tile(tileStride) + (tap - firstTap) * tileStride;
        multiplyChunk(scratch, end - tap, count, width, first > 0, to);
      }
    }
  }

  /** Adds the product of the gathered taps and the packed dy to the rows of the tile. */
  private void multiplyChunk(
      float[] scratch, int taps, int depth, int width, boolean accumulate, int tile) {
    int tileStride = Panels.padded(width);
    int block = tile(tileStride) + range() * tileStride;
    for (int column = 0; column < width; column += COLUMNS) {
      int panel = PANELS + POSITIONS * column;
      // Taps beyond the last hold old scratch; what they give is not stored.
      for (int row = 0; row < taps; row += ROWS) {
        int from = PATCHES + row, to = tile + row * tileStride + column;
        if (accumulate) {
          MicroKernel.multiplyTurned(scratch, from, scratch, panel, depth, scratch, block, COLUMNS);
          MicroKernel.add(scratch, block, scratch, to, tileStride);
        } else {
          MicroKernel.multiplyTurned(scratch, from, scratch, panel, depth, scratch, to, tileStride);
        }
      }
    }
  }
}
