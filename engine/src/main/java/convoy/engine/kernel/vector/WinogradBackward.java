package convoy.engine.kernel.vector;

import static convoy.engine.kernel.vector.WinogradTransforms.INPUT;
import static convoy.engine.kernel.vector.WinogradTransforms.POINTS;

import convoy.engine.kernel.ConvolutionBackward;
import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.kernel.Workers;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * Backward pass of a 3x3 convolution of stride 1, as the adjoint of {@link WinogradForward}: dy is
 * transformed once, dM = A dY A^T, and serves both gradients, dU[point] = V[point]^T dM[point] and
 * dV[point] = dM[point] U[point]^T. dw is the inverse transform of dU; {@link WinogradGather} adds
 * up dx. The bias gradient is the sum of one point of dM, that which adds up the 16 values of a
 * tile.
 *
 * <p>The images are cut into two to four groups, by their number and the shape alone, so no more
 * than four threads have work. A part is one group: it owns its images of dx and sums dU and db
 * over its tiles, in blocks, in order; then the sums of the groups are added in order.
 *
 * <p>Of a block lie in scratch memory V[point][c / TURNED][tile][c % TURNED], tiles {@link
 * MicroKernel#TURNED_STRIDE} apart, and later dV[point][tile][c] in its place; dM[point][k /
 * DEPTH][tile][k % DEPTH], the left side of dV; and dM of one point once more as panels, the right
 * side of dU.
 */
final class WinogradBackward {
  private static final int MIN_GROUPS = 2;
  private static final int MAX_GROUPS = 4;

  /** Tiles that are worth sums of their own: a group's dU is written once, read and added once. */
  private static final int GROUP_TILES = 256;

  /**
   * Tiles of a block, multiples of both row counts of the micro-kernel. Few, so that V and dM stay
   * near the second-level cache; but dU is read and written once a block, and U read once, so more
   * where there are many weights. With 64 tiles 64 and 128 channels take 0.95 of the time that they
   * take with 128 tiles, 256 channels take 1.06 times it.
   */
  private static final int FEW_TILES = 64;

  private static final int MANY_TILES = 128;

  /** Pairs of channels up to which blocks have FEW_TILES. */
  private static final int FEW_PAIRS = 128 * 128;

  /** Channels of V that lie side by side, as {@link MicroKernel#multiplyTurned} takes them. */
  private static final int TURNED = MicroKernel.TURNED_ROWS;

  /** The point (1, 1): the sum of the tile's 16 values. */
  private static final int SUM_POINT = INPUT + 1;

  private static final VectorSpecies<Float> LANES = MicroKernel.LANES;
  private static final int WIDTH = MicroKernel.WIDTH;
  private static final int GAP = WinogradForward.GAP;
  private static final int DEPTH = MicroKernel.DEPTH;

  private static final int ROWS = MicroKernel.ROWS;
  private static final int COLUMNS = MicroKernel.COLUMNS;

  private final ConvolutionShape shape;
  private final WinogradTiles tiles;
  private final WinogradWeights weights;
  private final WinogradGather gather;

  /** Tiles of a block. */
  private final int blockTiles;

  /** Floats from one block of V's channels to the next. */
  private final int turnedBlock;

  /** Floats from one block of dM's channels to the next. */
  private final int depthBlock;

  WinogradBackward(ConvolutionShape shape) {
    this.shape = shape;
    tiles = new WinogradTiles(shape);
    weights = new WinogradWeights(shape);
    gather = new WinogradGather(tiles);
    blockTiles = (long) shape.c() * shape.k() <= FEW_PAIRS ? FEW_TILES : MANY_TILES;
    turnedBlock = blockTiles * MicroKernel.TURNED_STRIDE;
    depthBlock = blockTiles * MicroKernel.ROW_STRIDE;
  }

  /** V of a point, and then dV of it. */
  private int inputPlane() {
    int blocks = (shape.c() + TURNED - 1) / TURNED;
    return blocks * turnedBlock + GAP;
  }

  private int outputPlane() {
    return MicroKernel.blocks(shape.k()) * depthBlock + GAP;
  }

  /** Where dM begins in a worker's scratch memory; V lies before it. */
  private int outputPlanes() {
    return Workers.ORIGIN + POINTS * inputPlane();
  }

  /** Where the panels of one point of dM begin. */
  private int panels() {
    return outputPlanes() + POINTS * outputPlane();
  }

  private int copy() {
    return panels() + blockTiles * Panels.padded(shape.k());
  }

  /** Floats that a group sums: dU, then db. */
  private int sumSize() {
    return weights.gradientSize() + Panels.padded(shape.k());
  }

  /** The scratch memory of {@link #pass}. */
  ScratchSize scratch() {
    int passes = Math.max(tiles.copySize() + WinogradTiles.PASS_SIZE, WinogradGather.PASSES);
    long shared = (long) POINTS * weights.turnedPlaneSize() + (long) MAX_GROUPS * sumSize();
    return new ScratchSize(
        Math.max(copy() + passes, WinogradWeights.scratch()), Math.toIntExact(shared));
  }

  /** Images of a group: groups of GROUP_TILES tiles, but at least two groups and at most four. */
  private int imagesInGroup(int images) {
    int groups = images * tiles.perImage() / GROUP_TILES;
    int parts = Math.max(MIN_GROUPS, Math.min(groups, MAX_GROUPS));
    return (images + parts - 1) / parts;
  }

  /** The pass that computes the gradients that {@code operands} names. */
  Pass pass(int images, ConvolutionBackward operands, Workers workers) {
    int group = imagesInGroup(images), groups = (images + group - 1) / group;
    int sums = Workers.ORIGIN + POINTS * weights.turnedPlaneSize();
    List<Pass> passes = new ArrayList<>();
    if (operands.dx().isPresent()) {
      passes.add(weights.turnedPacking(operands.w(), workers));
    }
    passes.add(
        workers.pass(
            groups,
            (part, worker) -> {
              int first = part * group, last = Math.min(images, first + group);
              int dw = sums + part * weights.gradientSize();
              int db = sums + groups * weights.gradientSize() + part * Panels.padded(shape.k());
              float[] scratch = workers.scratch(worker);
              computeGroup(first, last, operands, workers.shared(), dw, db, scratch);
            }));
    if (operands.dw().isPresent()) {
      passes.add(weights.gradient(groups, sums, operands.dw(), workers));
    }
    if (operands.db().isPresent()) {
      passes.add(() -> addBiasGradients(groups, workers.shared(), sums, operands.db()));
    }
    return Pass.inOrder(passes);
  }

  private void addBiasGradients(int groups, float[] shared, int sums, Operand db) {
    int K = shape.k(), from = sums + groups * weights.gradientSize();
    System.arraycopy(shared, from, db.array(), db.offset(), K);
    for (int group = 1; group < groups; group++) {
      for (int k = 0; k < K; k++) {
        db.array()[db.offset() + k] += shared[from + group * Panels.padded(K) + k];
      }
    }
  }

  /** Images [first, last): their dx, and their sums of dU at {@code du} and of db at {@code db}. */
  private void computeGroup(
      int first,
      int last,
      ConvolutionBackward operands,
      float[] shared,
      int du,
      int db,
      float[] scratch) {
    int end = last * tiles.perImage();
    boolean wantsWeights = operands.dw().isPresent(), wantsInput = operands.dx().isPresent();
    Arrays.fill(shared, db, db + Panels.padded(shape.k()), 0);
    boolean accumulate = false;
    for (int block = first * tiles.perImage(); block < end; block += blockTiles) {
      int count = Math.min(blockTiles, end - block);
      transform(block, count, operands, scratch);
      addBiasGradient(count, scratch, shared, db);
      for (int point = 0; point < POINTS; point++) {
        if (wantsWeights) {
          multiplyWeights(point, count, scratch, accumulate, shared, du);
        }
        if (wantsInput) {
          multiplyInput(point, count, scratch, shared);
        }
      }
      if (wantsInput) {
        gather.addTiles(
            block,
            count,
            scratch,
            Workers.ORIGIN,
            inputPlane(),
            copy(),
            operands.dx(),
            operands.accumulate());
      }
      accumulate = true;
    }
  }

  /** V, if the weights' gradient is wanted, and dM of a block. */
  private void transform(int block, int count, ConvolutionBackward operands, float[] scratch) {
    Operand x = operands.x();
    for (int place = 0; place < count; place++) {
      if (tiles.begins(block + place, block)) {
        int run = tiles.run(block + place, block + count);
        if (operands.dw().isPresent()) {
          tiles.touchInput(x.array(), x.offset(), block + place, run, scratch);
        }
        tiles.touchOutput(operands.dy(), block + place, run, scratch);
        tiles.touchOutput(operands.y(), block + place, run, scratch);
      }
      if (operands.dw().isPresent()) {
        tiles.transformInput(
            x.array(),
            x.offset(),
            block + place,
            scratch,
            copy(),
            scratch,
            Workers.ORIGIN + place * MicroKernel.TURNED_STRIDE,
            inputPlane(),
            TURNED,
            turnedBlock);
      }
      tiles.transformOutputGradient(
          operands.dy(),
          operands.y(),
          block + place,
          scratch,
          copy(),
          scratch,
          outputPlanes() + place * MicroKernel.ROW_STRIDE,
          outputPlane(),
          depthBlock);
    }
  }

  /** db += the sum over the block of the tiles' sums. */
  private void addBiasGradient(int count, float[] scratch, float[] shared, int db) {
    int dm = outputPlanes() + SUM_POINT * outputPlane();
    for (int k = 0; k < shape.k(); k += WIDTH) {
      int first = dm + k / DEPTH * depthBlock + k % DEPTH;
      FloatVector sum = FloatVector.zero(LANES);
      for (int place = 0; place < count; place++) {
        int from = first + place * MicroKernel.ROW_STRIDE;
        sum = FloatVector.fromArray(LANES, scratch, from).add(sum);
      }
      FloatVector.fromArray(LANES, shared, db + k).add(sum).intoArray(shared, db + k);
    }
  }

  /** dU[point] = V[point]^T dM[point] over the block's tiles, or += if {@code accumulate}. */
  private void multiplyWeights(
      int point, int count, float[] scratch, boolean accumulate, float[] shared, int du) {
    int K = shape.k(), columns = Panels.padded(K), v = Workers.ORIGIN + point * inputPlane();
    int dm = outputPlanes() + point * outputPlane(), panelSize = blockTiles * COLUMNS;
    int sums = du + point * weights.gradientPlaneSize();
    for (int first = 0; first < columns; first += DEPTH) {
      Panels.pack(
          scratch,
          dm + first / DEPTH * depthBlock,
          MicroKernel.ROW_STRIDE,
          count,
          Math.min(DEPTH, columns - first),
          scratch,
          panels() + first * blockTiles,
          panelSize);
    }
    for (int column = 0; column < columns; column += COLUMNS) {
      int panel = panels() + column * blockTiles;
      for (int c = 0; c < shape.c(); c += ROWS) {
        int from = v + c / TURNED * turnedBlock + c % TURNED;
        int to = sums + weights.gradientPlace(c, column);
        if (accumulate) {
          MicroKernel.multiplyTurned(
              scratch, from, scratch, panel, count, scratch, copy(), COLUMNS);
          MicroKernel.add(scratch, copy(), shared, to, COLUMNS);
        } else {
          MicroKernel.multiplyTurned(scratch, from, scratch, panel, count, shared, to, COLUMNS);
        }
      }
    }
  }

  /** dV[point] = dM[point] U[point]^T for the block's tiles, in place of V[point]. */
  private void multiplyInput(int point, int count, float[] scratch, float[] shared) {
    int K = shape.k(), panelPlane = weights.turnedPlaneSize();
    WinogradForward.product(
        scratch,
        outputPlanes() + point * outputPlane(),
        depthBlock,
        shared,
        Workers.ORIGIN + point * panelPlane,
        count,
        K,
        Panels.padded(shape.c()),
        scratch,
        Workers.ORIGIN + point * inputPlane(),
        copy());
  }
}
