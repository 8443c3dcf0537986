package convoy.engine.kernel.vector;

import static convoy.engine.kernel.vector.WinogradTransforms.INPUT;
import static convoy.engine.kernel.vector.WinogradTransforms.POINTS;

import convoy.engine.kernel.ConvolutionBackward;
import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Operand;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The tiles of a {@link WinogradBackward} that are computed together: how their planes lie in
 * memory, and what is done with them.
 *
 * <p>The planes are V[point][c / TURNED][tile][c % TURNED], tiles {@link MicroKernel#TURNED_STRIDE}
 * apart, and later dV[point][tile][c] in its place; behind them dM[point][k / DEPTH][tile][k %
 * DEPTH], the left side of dV. In the scratch memory lie dM of one point once more as panels, the
 * right side of dU, and what the transforms pass tiles through.
 */
final class WinogradBlock {
  /** Channels of V that lie side by side, as {@link MicroKernel#multiplyTurned} takes them. */
  private static final int TURNED = MicroKernel.TURNED_ROWS;

  /** The point (1, 1): the sum of the tile's 16 values. */
  static final int SUM_POINT = INPUT + 1;

  private static final VectorSpecies<Float> LANES = MicroKernel.LANES;
  private static final int WIDTH = MicroKernel.WIDTH;
  private static final int GAP = WinogradForward.GAP;
  private static final int DEPTH = MicroKernel.DEPTH;

  private static final int ROWS = MicroKernel.ROWS;
  private static final int COLUMNS = MicroKernel.COLUMNS;

  private final ConvolutionShape shape;
  private final int size;
  private final WinogradTiles tiles;
  private final WinogradWeights weights;
  private final WinogradGather gather;

  /** Floats from one block of V's channels to the next. */
  private final int turnedBlock;

  /** Floats from one block of dM's channels to the next. */
  private final int depthBlock;

  /** Blocks of up to {@code size} tiles, a multiple of both row counts of the micro-kernel. */
  WinogradBlock(ConvolutionShape shape, int size) {
    this.shape = shape;
    this.size = size;
    tiles = new WinogradTiles(shape);
    weights = new WinogradWeights(shape);
    gather = new WinogradGather(tiles);
    turnedBlock = size * MicroKernel.TURNED_STRIDE;
    depthBlock = size * MicroKernel.ROW_STRIDE;
  }

  /** V of a point, and then dV of it. */
  private int inputPlane() {
    int blocks = (shape.c() + TURNED - 1) / TURNED;
    return blocks * turnedBlock + GAP;
  }

  private int outputPlane() {
    return MicroKernel.blocks(shape.k()) * depthBlock + GAP;
  }

  /** Where V or dV of {@code point} begins. */
  private int input(Operand planes, int point) {
    return planes.offset() + point * inputPlane();
  }

  /** Where dM of {@code point} begins. */
  private int output(Operand planes, int point) {
    return input(planes, POINTS) + point * outputPlane();
  }

  /** Floats of the planes. */
  int planesSize() {
    return Math.multiplyExact(POINTS, Math.addExact(inputPlane(), outputPlane()));
  }

  private int panelsSize() {
    return size * Panels.padded(shape.k());
  }

  /** Floats of the scratch memory. */
  int scratchSize() {
    int passes = Math.max(tiles.copySize() + WinogradTiles.PASS_SIZE, WinogradGather.PASSES);
    return panelsSize() + passes;
  }

  /**
   * V, if the weights' gradient is wanted, and dM of tiles [first, last), of a block that begins
   * with tile {@code begin}.
   */
  void transform(
      int begin,
      int first,
      int last,
      ConvolutionBackward operands,
      Operand planes,
      Operand scratch) {
    Operand x = operands.x();
    boolean wantsWeights = operands.dw().isPresent();
    int copy = scratch.offset() + panelsSize();
    for (int tile = first; tile < last; tile++) {
      if (tiles.begins(tile, first)) {
        int run = tiles.run(tile, last);
        if (wantsWeights) {
          tiles.touchInput(x.array(), x.offset(), tile, run, scratch.array());
        }
        tiles.touchOutput(operands.dy(), tile, run, scratch.array());
        tiles.touchOutput(operands.y(), tile, run, scratch.array());
      }
      int place = tile - begin;
      if (wantsWeights) {
        tiles.transformInput(
            x.array(),
            x.offset(),
            tile,
            scratch.array(),
            copy,
            planes.array(),
            input(planes, 0) + place * MicroKernel.TURNED_STRIDE,
            inputPlane(),
            TURNED,
            turnedBlock);
      }
      tiles.transformOutputGradient(
          operands.dy(),
          operands.y(),
          operands.masked(),
          tile,
          scratch.array(),
          copy,
          planes.array(),
          output(planes, 0) + place * MicroKernel.ROW_STRIDE,
          outputPlane(),
          depthBlock);
    }
  }

  /** sums[k] += the sum over {@code count} tiles of their 16 values of channel k. */
  void addBiasGradient(int count, Operand planes, float[] sums, int db) {
    int dm = output(planes, SUM_POINT);
    for (int k = 0; k < shape.k(); k += WIDTH) {
      int first = dm + k / DEPTH * depthBlock + k % DEPTH;
      FloatVector sum = FloatVector.zero(LANES);
      for (int place = 0; place < count; place++) {
        int from = first + place * MicroKernel.ROW_STRIDE;
        sum = FloatVector.fromArray(LANES, planes.array(), from).add(sum);
      }
      FloatVector.fromArray(LANES, sums, db + k).add(sum).intoArray(sums, db + k);
    }
  }

  /**
   * dU[point] = V[point]^T dM[point] over {@code count} tiles, or += if {@code accumulate}; dU lies
   * from {@code du} on as {@link WinogradWeights} says.
   */
  void weightGradient(
      int point,
      int count,
      Operand planes,
      boolean accumulate,
      float[] sums,
      int du,
      Operand scratch) {
    int columns = Panels.padded(shape.k()), panelSize = size * COLUMNS;
    int panels = scratch.offset(), registers = panels + panelsSize();
    float[] v = planes.array(), packed = scratch.array();
    for (int first = 0; first < columns; first += DEPTH) {
      Panels.pack(
          planes.array(),
          output(planes, point) + first / DEPTH * depthBlock,
          MicroKernel.ROW_STRIDE,
          count,
          Math.min(DEPTH, columns - first),
          packed,
          panels + first * size,
          panelSize);
    }
    int to = du + point * weights.gradientPlaneSize();
    for (int column = 0; column < columns; column += COLUMNS) {
      int panel = panels + column * size;
      for (int c = 0; c < shape.c(); c += ROWS) {
        int from = input(planes, point) + c / TURNED * turnedBlock + c % TURNED;
        int sum = to + weights.gradientPlace(c, column);
        if (accumulate) {
          MicroKernel.multiplyTurned(v, from, packed, panel, count, packed, registers, COLUMNS);
          MicroKernel.add(packed, registers, sums, sum, COLUMNS);
        } else {
          MicroKernel.multiplyTurned(v, from, packed, panel, count, sums, sum, COLUMNS);
        }
      }
    }
  }

  /**
   * dV[point] = dM[point] U[point]^T for {@code count} tiles, in place of V[point], which is not
   * wanted any more; U turned begins at {@code u}.
   */
  void inputGradient(int point, int count, Operand planes, float[] turned, int u, Operand scratch) {
    WinogradForward.product(
        planes.array(),
        output(planes, point),
        depthBlock,
        turned,
        u + point * weights.turnedPlaneSize(),
        count,
        shape.k(),
        Panels.padded(shape.c()),
        planes.array(),
        input(planes, point),
        scratch.array(),
        scratch.offset() + panelsSize());
  }

  /** Adds channels [firstC, lastC) of {@code count} tiles from {@code begin} on to dx. */
  void gather(
      int begin,
      int count,
      int firstC,
      int lastC,
      ConvolutionBackward operands,
      Operand planes,
      Operand scratch) {
    gather.addTiles(
        begin,
        count,
        firstC,
        lastC,
        planes.array(),
        input(planes, 0),
        inputPlane(),
        scratch.array(),
        scratch.offset() + panelsSize(),
        operands.dx(),
        operands.accumulate());
  }
}
