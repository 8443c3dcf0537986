package convoy.engine.kernel.vector;

import static convoy.engine.kernel.vector.WinogradTransforms.INPUT;
import static convoy.engine.kernel.vector.WinogradTransforms.OUTPUT;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Operand;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * The tiles of a 3x3 convolution of stride 1: 4x4 pixels of the output each, and the 6x6 pixels of
 * the input that they depend on. Tile (n, i, j) of the batch is number (n * rows + i) * columns +
 * j. Tiles reach beyond the image where its size is no multiple of 4: the input is 0 there, and
 * outputs are not stored.
 *
 * <p>A transform takes up to CHANNELS channels of a tile at a time through scratch memory that
 * stays in the first-level cache: first along the columns, then along the rows. Tiles that lie
 * inside the image are read where they are; the others are first copied, with zeros for what is
 * outside, and so are all where the channels do not fill whole vectors. What a run of tiles reads
 * and writes is brought near first, see {@link CacheLines}.
 *
 * @param shape the convolution
 */
record WinogradTiles(ConvolutionShape shape) {
  /** Channels that go through a transform together. */
  static final int CHANNELS = 128;

  /** Floats of the scratch memory of one transform, besides {@link #copySize}. */
  static final int PASS_SIZE = INPUT * INPUT * CHANNELS;

  private static final int WIDTH = MicroKernel.WIDTH;

  /** Channels in whole vectors. */
  static int padded(int channels) {
    return (channels + WIDTH - 1) / WIDTH * WIDTH;
  }

  /** Tiles from top to bottom. */
  int rows() {
    return (shape.p() + OUTPUT - 1) / OUTPUT;
  }

  /** Tiles from left to right. */
  int columns() {
    return (shape.q() + OUTPUT - 1) / OUTPUT;
  }

  /** Tiles of an image. */
  int perImage() {
    return rows() * columns();
  }

  /** Floats that the copy of a tile takes. */
  int copySize() {
    return INPUT * INPUT * padded(Math.max(shape.c(), shape.k()));
  }

  /** Row of the input, possibly outside, at which tile {@code tile} begins. */
  int inputRow(int tile) {
    return outputRow(tile) - shape.window().top();
  }

  /** Column of the input, possibly outside, at which tile {@code tile} begins. */
  int inputColumn(int tile) {
    return outputColumn(tile) - shape.window().left();
  }

  /** Row of the output at which tile {@code tile} begins. */
  int outputRow(int tile) {
    return tile / columns() % rows() * OUTPUT;
  }

  /** Column of the output at which tile {@code tile} begins. */
  int outputColumn(int tile) {
    return tile % columns() * OUTPUT;
  }

  /** Number, over all images, of the first output pixel of the tile's row {@code i}. */
  int outputPixel(int tile, int i) {
    int row = tile / perImage() * shape.p() + outputRow(tile) + i;
    return row * shape.q() + outputColumn(tile);
  }

  /** Whether a run of tiles begins at {@code tile}: it is the first of a block or of its row. */
  boolean begins(int tile, int first) {
    return tile == first || tile % columns() == 0;
  }

  /** Tiles from {@code tile} on that lie side by side, up to tile {@code end}. */
  int run(int tile, int end) {
    return Math.min(end - tile, columns() - tile % columns());
  }

  /** Brings the rows of an operand that lies as the input does, under a run of tiles, near. */
  void touchInput(float[] x, int xOffset, int tile, int run, float[] scratch) {
    int H = shape.h(), W = shape.w(), pixelStride = shape.xPixelStride();
    int image = tile / perImage() * H, row = inputRow(tile), column = inputColumn(tile);
    int left = Math.max(0, column), right = Math.min(W, column + OUTPUT * run + INPUT - OUTPUT);
    for (int h = Math.max(0, row); h < Math.min(H, row + INPUT); h++) {
      int from = xOffset + ((image + h) * W + left) * pixelStride;
      CacheLines.touch(x, from, (right - left - 1) * pixelStride + shape.c(), scratch);
    }
  }

  /** As {@link #touchInput}, of an operand that lies as the output does, if there is one. */
  void touchOutput(Operand y, int tile, int run, float[] scratch) {
    if (!y.isPresent()) {
      return;
    }
    int column = outputColumn(tile), right = Math.min(shape.q(), column + OUTPUT * run);
    for (int i = 0; i < Math.min(OUTPUT, shape.p() - outputRow(tile)); i++) {
      int from = y.offset() + outputPixel(tile, i) * shape.yPixelStride();
      int size = (right - column - 1) * shape.yPixelStride() + shape.k();
      CacheLines.touch(y.array(), from, size, scratch);
    }
  }

  /**
   * V = B^T d B of one tile: channel c of point (i, j) goes to {@code v[vOffset + (6 * i + j) *
   * planeStride + c / group * groupStride + c % group]}, group being a multiple of CHANNELS.
   */
  void transformInput(
      float[] x,
      int xOffset,
      int tile,
      float[] scratch,
      int copy,
      float[] v,
      int vOffset,
      int planeStride,
      int group,
      int groupStride) {
    int H = shape.h(), W = shape.w(), C = shape.c(), pixelStride = shape.xPixelStride();
    int n = tile / perImage(), row = inputRow(tile), column = inputColumn(tile);
    boolean inside = row >= 0 && column >= 0 && row + INPUT <= H && column + INPUT <= W;
    float[] source = x;
    int from = xOffset + ((n * H + row) * W + column) * pixelStride;
    int rowStride = W * pixelStride, columnStride = pixelStride;
    if (!inside || C % WIDTH != 0) {
      columnStride = padded(C);
      rowStride = INPUT * columnStride;
      copyInput(x, xOffset + n * H * W * pixelStride, row, column, scratch, copy);
      source = scratch;
      from = copy;
    }
    int passes = copy + copySize();
    for (int c = 0; c < C; c += CHANNELS) {
      int channels = Math.min(CHANNELS, padded(C) - c);
      for (int j = 0; j < INPUT; j++) {
        WinogradTransforms.input(
            source,
            from + j * columnStride + c,
            rowStride,
            scratch,
            passes + j * CHANNELS,
            INPUT * CHANNELS,
            channels);
      }
      for (int i = 0; i < INPUT; i++) {
        WinogradTransforms.input(
            scratch,
            passes + i * INPUT * CHANNELS,
            CHANNELS,
            v,
            vOffset + i * INPUT * planeStride + c / group * groupStride + c % group,
            planeStride,
            channels);
      }
    }
  }

  /** Copies a tile of the image that begins at {@code image}, with zeros for what is outside. */
  private void copyInput(float[] x, int image, int row, int column, float[] scratch, int copy) {
    int C = shape.c(), length = padded(C), to = copy;
    for (int h = row; h < row + INPUT; h++) {
      for (int w = column; w < column + INPUT; w++) {
        int channels = 0;
        if (h >= 0 && h < shape.h() && w >= 0 && w < shape.w()) {
          channels = C;
          System.arraycopy(
              x, image + (h * shape.w() + w) * shape.xPixelStride(), scratch, to, channels);
        }
        Arrays.fill(scratch, to + channels, to + length, 0);
        to += length;
      }
    }
  }

  /**
   * dM = A dY A^T of one tile, dY being 0 where there is a ReLU's output {@code y} that is not
   * above 0, and dy as well afterwards if it is to be {@code masked}: channel k of point (i, j)
   * goes to {@code dm[dmOffset + (6 * i + j) * planeStride + k / DEPTH * blockStride + k % DEPTH]},
   * DEPTH being {@link MicroKernel#DEPTH}.
   */
  void transformOutputGradient(
      Operand dy,
      Operand y,
      boolean masked,
      int tile,
      float[] scratch,
      int copy,
      float[] dm,
      int dmOffset,
      int planeStride,
      int blockStride) {
    int K = shape.k(), length = padded(K), passes = copy + copySize();
    copyOutputGradient(dy, y, masked, tile, scratch, copy);
    for (int k = 0; k < K; k += CHANNELS) {
      int channels = Math.min(CHANNELS, length - k);
      for (int j = 0; j < OUTPUT; j++) {
        WinogradTransforms.outputGradient(
            scratch,
            copy + j * length + k,
            OUTPUT * length,
            scratch,
            passes + j * CHANNELS,
            OUTPUT * CHANNELS,
            channels);
      }
      for (int i = 0; i < INPUT; i++) {
        WinogradTransforms.outputGradient(
            scratch,
            passes + i * OUTPUT * CHANNELS,
            CHANNELS,
            dm,
            dmOffset
                + i * INPUT * planeStride
                + k / MicroKernel.DEPTH * blockStride
                + k % MicroKernel.DEPTH,
            planeStride,
            channels);
      }
    }
  }

  private void copyOutputGradient(
      Operand dy, Operand y, boolean masked, int tile, float[] scratch, int copy) {
    int P = shape.p(), Q = shape.q(), K = shape.k(), length = padded(K), to = copy;
    int rows = Math.min(OUTPUT, P - outputRow(tile));
    int columns = Math.min(OUTPUT, Q - outputColumn(tile));
    for (int i = 0; i < OUTPUT; i++) {
      for (int j = 0; j < OUTPUT; j++) {
        int filters = 0;
        if (i < rows && j < columns) {
          filters = K;
          int pixel = (outputPixel(tile, i) + j) * shape.yPixelStride();
          if (y.isPresent()) {
            int from = dy.offset() + pixel, output = y.offset() + pixel;
            copyMasked(dy.array(), from, y.array(), output, K, scratch, to);
            if (masked) {
              System.arraycopy(scratch, to, dy.array(), from, K);
            }
          } else {
            System.arraycopy(dy.array(), dy.offset() + pixel, scratch, to, K);
          }
        }
        Arrays.fill(scratch, to + filters, to + length, 0);
        to += length;
      }
    }
  }

  /** Copies {@code size} values of dy, 0 where y is not above 0. */
  private static void copyMasked(
      float[] dy, int from, float[] y, int output, int size, float[] copy, int to) {
    FloatVector zero = FloatVector.zero(MicroKernel.LANES);
    int i = 0;
    for (; i <= size - WIDTH; i += WIDTH) {
      FloatVector value = FloatVector.fromArray(MicroKernel.LANES, y, output + i);
      FloatVector gradient = FloatVector.fromArray(MicroKernel.LANES, dy, from + i);
      zero.blend(gradient, value.compare(VectorOperators.GT, 0)).intoArray(copy, to + i);
    }
    for (; i < size; i++) {
      copy[to + i] = y[output + i] > 0 ? dy[from + i] : 0;
    }
  }
}
