package convoy.engine.kernel.vector;

import convoy.engine.kernel.Epilogue;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.kernel.Workers;
import java.util.Arrays;

/**
 * The product of patches and packed weights, the body of forward and backward data: y[row][column]
 * = sum over taps of patches[row][tap] * panels[tap][column].
 *
 * <p>A part is a block of MAX_ROWS rows, over all images, and a group of columns. For each block of
 * depth it gathers its patches, then runs the register block over all panels of the group and all
 * row blocks. (Patches that lie in the image as they are wanted are copied as well: the register
 * block is a quarter faster where its rows are a constant apart.) The outputs gather in y itself
 * where whole register blocks fit there, otherwise in a tile of scratch memory; the epilogue comes
 * at the end. Patches, tile and the panels of one depth block share the second-level cache.
 *
 * <p>Each output sums each depth block from zero by FMA and adds the blocks in order. The blocks
 * follow from the number of taps alone. Rows and columns are independent of each other, so how they
 * are cut changes no bits: the column groups may follow the batch.
 *
 * @param patches the left side
 * @param columns columns of the right side, the channels that each pixel of the result has
 * @param target where the rows go
 */
record PatchProduct(Patches patches, int columns, Target target) {
  /**
   * Rows of a part, a multiple of both row counts of the micro-kernel: patches and a tile of 256
   * columns take 202 KB.
   */
  private static final int MAX_ROWS = 96;

  /** Most columns of a part. */
  private static final int MAX_COLUMNS = 256;

  /** The same where several workers want parts and there are few row blocks. */
  private static final int FEW_COLUMNS = 64;

  /** Fewer row blocks than this are few. */
  private static final int FEW_BLOCKS = 16;

  private static final int ROW_STRIDE = MicroKernel.ROW_STRIDE;

  /** Where the patches lie in the scratch memory, and behind them the tile. */
  private static final int PATCHES = Workers.ORIGIN;

  private static final int TILE = PATCHES + MAX_ROWS * ROW_STRIDE;

  private static final int ROWS = MicroKernel.ROWS;
  private static final int COLUMNS = MicroKernel.COLUMNS;

  /** Floats of the packed right side. */
  int panelsSize() {
    return Math.multiplyExact(patches.taps(), Panels.padded(columns));
  }

  /** The scratch memory of {@link #product}; its shared part has room for the right side. */
  ScratchSize scratch() {
    int tile = MAX_ROWS * Panels.padded(Math.min(columns, MAX_COLUMNS));
    return new ScratchSize(TILE + tile + MicroKernel.BLOCK, panelsSize());
  }

  /** Taps of a depth block; the last one may have fewer. */
  private int depth() {
    int taps = Math.max(1, patches.taps());
    int blocks = MicroKernel.blocks(taps);
    return (taps + blocks - 1) / blocks;
  }

  /**
   * The pass that multiplies the patches of {@code images} by {@code panels} and stores the result,
   * or adds it to y if {@code accumulate}.
   */
  Pass product(
      int images,
      Operand source,
      Operand panels,
      Epilogue epilogue,
      boolean accumulate,
      Operand y,
      Workers workers) {
    int rows = patches.positions(images);
    int blocks = (rows + MAX_ROWS - 1) / MAX_ROWS;
    // Each group of columns gathers the patches anew.
    int group = blocks < FEW_BLOCKS && workers.count() > 1 ? FEW_COLUMNS : MAX_COLUMNS;
    int groups = (columns + group - 1) / group;
    return workers.pass(
        blocks * groups,
        (part, worker) -> {
          int firstRow = part / groups * MAX_ROWS, count = Math.min(MAX_ROWS, rows - firstRow);
          int firstColumn = part % groups * group, width = Math.min(group, columns - firstColumn);
          float[] scratch = workers.scratch(worker);
          boolean whole = count % ROWS == 0 && width % COLUMNS == 0 && patches.taps() > 0;
          if (whole && target.isEven() && !accumulate) {
            int to = y.offset() + target.offset(firstRow) + firstColumn;
            multiplyBlock(
                source.array(),
                source.offset(),
                firstRow,
                count,
                panels,
                firstColumn,
                width,
                scratch,
                y.array(),
                to,
                target.columnStride());
            Finish.inPlace(
                width,
                count,
                target.columnStride(),
                epilogue,
                target.offset(firstRow),
                firstColumn,
                y.array(),
                y.offset());
          } else {
            multiplyBlock(
                source.array(),
                source.offset(),
                firstRow,
                count,
                panels,
                firstColumn,
                width,
                scratch,
                scratch,
                TILE,
                Panels.padded(width));
            store(scratch, firstRow, count, firstColumn, width, epilogue, accumulate, y);
          }
        });
  }

  /** Sums one part into the rows of c; its patches go to the scratch memory. */
  private void multiplyBlock(
      float[] source,
      int sourceOffset,
      int firstRow,
      int count,
      Operand panels,
      int firstColumn,
      int width,
      float[] scratch,
      float[] c,
      int cOffset,
      int cStride) {
    int taps = patches.taps(), depth = depth(), block = TILE + MAX_ROWS * Panels.padded(width);
    if (taps == 0) {
      Arrays.fill(c, cOffset, cOffset + count * cStride, 0);
    }
    for (int firstTap = 0; firstTap < taps; firstTap += depth) {
      int lastTap = Math.min(taps, firstTap + depth);
      patches.gather(
          source, sourceOffset, firstRow, count, firstTap, lastTap, scratch, PATCHES, ROW_STRIDE);
      for (int column = 0; column < width; column += COLUMNS) {
        int panel = panels.offset() + (firstColumn + column) * taps + firstTap * COLUMNS;
        // Rows beyond count hold old scratch; what they give is not stored.
        for (int row = 0; row < count; row += ROWS) {
          int to = cOffset + row * cStride + column;
          MicroKernel.multiply(
              scratch,
              PATCHES + row * ROW_STRIDE,
              panels.array(),
              panel,
              lastTap - firstTap,
              firstTap == 0 ? c : scratch,
              firstTap == 0 ? to : block,
              firstTap == 0 ? cStride : COLUMNS);
          if (firstTap > 0) {
            MicroKernel.add(scratch, block, c, to, cStride);
          }
        }
      }
    }
  }

  private void store(
      float[] scratch,
      int firstRow,
      int count,
      int firstColumn,
      int width,
      Epilogue epilogue,
      boolean accumulate,
      Operand y) {
    int tileStride = Panels.padded(width);
    for (int row = 0; row < count; row++) {
      int pixel = target.offset(firstRow + row);
      int from = TILE + row * tileStride;
      if (accumulate) {
        add(scratch, from, width, y.array(), y.offset() + pixel + firstColumn);
      } else {
        Finish.store(scratch, from, width, epilogue, pixel, firstColumn, y.array(), y.offset());
      }
    }
  }

  private static void add(float[] sums, int from, int width, float[] y, int to) {
    for (int i = 0; i < width; i++) {
      y[to + i] += sums[from + i];
    }
  }
}
