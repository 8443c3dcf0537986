package convoy.engine.kernel.vector;

import static convoy.engine.kernel.vector.WinogradTransforms.INPUT;
import static convoy.engine.kernel.vector.WinogradTransforms.OUTPUT;
import static convoy.engine.kernel.vector.WinogradTransforms.POINTS;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Epilogue;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.kernel.Workers;

/**
 * Forward pass of a 3x3 convolution of stride 1 by Winograd's F(4x4, 3x3): 36 multiplications for
 * the 144 that 16 outputs take otherwise.
 *
 * <p>A part is a block of up to {@link WinogradWeights#blockTiles} tiles, over all images. It
 * transforms them into V[point][c / DEPTH][tile][c % DEPTH], whose rows lie {@link
 * MicroKernel#ROW_STRIDE} apart, multiplies each of the 36 points by the packed weights, M[point] =
 * V[point] U[point], and transforms M into the outputs. M of a point takes the place of V of the
 * point before, so that both, of one block, come near the size of the second-level cache; the
 * weights stream past from the third. The planes of the points begin an odd number of cache lines
 * apart, since equal distances of a power of two compete for the same sets.
 *
 * <p>An output depends on its tile alone, and sums C terms in blocks of {@link MicroKernel#DEPTH},
 * each from zero by FMA, in order.
 */
final class WinogradForward {
  /** Floats between two planes, besides their contents. */
  static final int GAP = 16;

  private static final int ROWS = MicroKernel.ROWS;
  private static final int COLUMNS = MicroKernel.COLUMNS;
  private static final int DEPTH = MicroKernel.DEPTH;

  private static final int CHANNELS = WinogradTiles.CHANNELS;

  private final ConvolutionShape shape;
  private final WinogradTiles tiles;
  private final WinogradWeights weights;

  /** Most tiles of a part. */
  private final int blockTiles;

  /** Floats from one block of V's channels to the next. */
  private final int depthBlock;

  WinogradForward(ConvolutionShape shape) {
    this.shape = shape;
    tiles = new WinogradTiles(shape);
    weights = new WinogradWeights(shape);
    blockTiles = weights.blockTiles();
    depthBlock = blockTiles * MicroKernel.ROW_STRIDE;
  }

  private int planeSize() {
    return Math.max(
            MicroKernel.blocks(shape.c()) * depthBlock, blockTiles * Panels.padded(shape.k()))
        + GAP;
  }

  /** Where the planes end, and the scratch memory of the transforms begins. */
  private int planesEnd() {
    return Workers.ORIGIN + (POINTS + 1) * planeSize();
  }

  /** The scratch memory of {@link #pass}. */
  ScratchSize scratch() {
    int passes = tiles.copySize() + WinogradTiles.PASS_SIZE;
    return new ScratchSize(
        Math.max(planesEnd() + passes, WinogradWeights.scratch()), weights.size());
  }

  /** Overwrites y; {@code packed} is what {@link WinogradWeights#packing} makes of the weights. */
  Pass pass(int images, Operand x, Operand packed, Epilogue epilogue, Operand y, Workers workers) {
    int count = images * tiles.perImage(), size = partSize(count, workers.count());
    return workers.pass(
        (count + size - 1) / size,
        (part, worker) -> {
          int first = part * size, last = Math.min(count, first + size);
          float[] scratch = workers.scratch(worker);
          for (int tile = first; tile < last; tile++) {
            if (tiles.begins(tile, first)) {
              tiles.touchInput(x.array(), x.offset(), tile, tiles.run(tile, last), scratch);
            }
            transformInput(x.array(), x.offset(), tile, tile - first, scratch);
          }
          multiply(last - first, packed, scratch);
          for (int tile = first; tile < last; tile++) {
            if (tiles.begins(tile, first)) {
              int run = tiles.run(tile, last);
              tiles.touchOutput(y, tile, run, scratch);
              tiles.touchOutput(epilogue.add(), tile, run, scratch);
              tiles.touchOutput(epilogue.activation(), tile, run, scratch);
              tiles.touchOutput(epilogue.shortcut(), tile, run, scratch);
            }
            transformOutput(tile, tile - first, scratch, epilogue, y.array(), y.offset());
          }
        });
  }

  /** Tiles of a part: those of a block, or an even share of each worker where that is less. */
  private int partSize(int count, int workers) {
    int share = (count + workers - 1) / workers;
    return Math.min(blockTiles, (share + ROWS - 1) / ROWS * ROWS);
  }

  private void transformInput(float[] x, int xOffset, int tile, int place, float[] scratch) {
    int v = Workers.ORIGIN + planeSize() + place * MicroKernel.ROW_STRIDE;
    tiles.transformInput(
        x, xOffset, tile, scratch, planesEnd(), scratch, v, planeSize(), DEPTH, depthBlock);
  }

  /** M[point] = V[point] U[point] for {@code count} tiles. */
  private void multiply(int count, Operand panels, float[] scratch) {
    int C = shape.c(), planeSize = planeSize(), panelPlane = weights.planeSize();
    for (int point = 0; point < POINTS; point++) {
      int m = Workers.ORIGIN + point * planeSize, v = m + planeSize;
      product(
          scratch,
          v,
          depthBlock,
          panels.array(),
          panels.offset() + point * panelPlane,
          count,
          C,
          Panels.padded(shape.k()),
          scratch,
          m,
          scratch,
          planesEnd());
    }
  }

  /**
   * c = a b for {@code rows} rows of A, {@code terms} terms and {@code columns} columns in whole
   * panels. A lies as a[term / DEPTH][row][term % DEPTH], its rows {@link MicroKernel#ROW_STRIDE}
   * apart, {@code aBlock} floats from one block of terms to the next; rows of C lie {@code columns}
   * apart. Up to ROWS - 1 rows more are read and written. A register block's floats from {@code
   * block} on in {@code scratch} are written over.
   */
  static void product(
      float[] a,
      int aOffset,
      int aBlock,
      float[] b,
      int bOffset,
      int rows,
      int terms,
      int columns,
      float[] c,
      int cOffset,
      float[] scratch,
      int block) {
    for (int first = 0; first < terms; first += DEPTH) {
      int length = Math.min(DEPTH, terms - first), left = aOffset + first / DEPTH * aBlock;
      for (int column = 0; column < columns; column += COLUMNS) {
        int panel = bOffset + column * terms + first * COLUMNS;
        for (int row = 0; row < rows; row += ROWS) {
          int from = left + row * MicroKernel.ROW_STRIDE, to = cOffset + row * columns + column;
          if (first == 0) {
            MicroKernel.multiply(a, from, b, panel, length, c, to, columns);
          } else {
            MicroKernel.multiply(a, from, b, panel, length, scratch, block, COLUMNS);
            MicroKernel.add(scratch, block, c, to, columns);
          }
        }
      }
    }
  }

  /** Y = A^T M A of one tile, through the epilogue into y. */
  private void transformOutput(
      int tile, int place, float[] scratch, Epilogue epilogue, float[] y, int yOffset) {
    int K = shape.k(), planeSize = planeSize(), m = Workers.ORIGIN + place * Panels.padded(K);
    int passes = planesEnd(), outputs = passes + OUTPUT * INPUT * CHANNELS;
    for (int k = 0; k < K; k += CHANNELS) {
      int filters = Math.min(CHANNELS, WinogradTiles.padded(K) - k);
      for (int j = 0; j < INPUT; j++) {
        WinogradTransforms.output(
            scratch,
            m + j * planeSize + k,
            INPUT * planeSize,
            scratch,
            passes + j * CHANNELS,
            INPUT * CHANNELS,
            filters);
      }
      if (fits(tile)) {
        finish(tile, scratch, passes, k, filters, epilogue, y, yOffset);
        continue;
      }
      for (int i = 0; i < OUTPUT; i++) {
        WinogradTransforms.output(
            scratch,
            passes + i * INPUT * CHANNELS,
            CHANNELS,
            scratch,
            outputs + i * OUTPUT * CHANNELS,
            CHANNELS,
            filters);
      }
      store(tile, scratch, outputs, k, Math.min(CHANNELS, K - k), epilogue, y, yOffset);
    }
  }

  /** Whether the tile's rows lie wholly in the output, in whole vectors. */
  private boolean fits(int tile) {
    boolean columns = tiles.outputColumn(tile) + OUTPUT <= shape.q();
    return columns && shape.k() % MicroKernel.WIDTH == 0;
  }

  /** The last pass, straight into y. */
  private void finish(
      int tile,
      float[] scratch,
      int passes,
      int firstK,
      int filters,
      Epilogue epilogue,
      float[] y,
      int yOffset) {
    int pixelStride = shape.yPixelStride();
    for (int i = 0; i < Math.min(OUTPUT, shape.p() - tiles.outputRow(tile)); i++) {
      WinogradTransforms.finishedOutput(
          scratch,
          passes + i * INPUT * CHANNELS,
          CHANNELS,
          epilogue,
          tiles.outputPixel(tile, i) * pixelStride,
          firstK,
          y,
          yOffset,
          pixelStride,
          filters);
    }
  }

  private void store(
      int tile,
      float[] scratch,
      int outputs,
      int firstK,
      int filters,
      Epilogue epilogue,
      float[] y,
      int yOffset) {
    int rows = Math.min(OUTPUT, shape.p() - tiles.outputRow(tile));
    int columns = Math.min(OUTPUT, shape.q() - tiles.outputColumn(tile));
    for (int i = 0; i < rows; i++) {
      for (int j = 0; j < columns; j++) {
        int from = outputs + (i * OUTPUT + j) * CHANNELS;
        int pixel = (tiles.outputPixel(tile, i) + j) * shape.yPixelStride();
        Finish.store(scratch, from, filters, epilogue, pixel, firstK, y, yOffset);
      }
    }
  }
}
