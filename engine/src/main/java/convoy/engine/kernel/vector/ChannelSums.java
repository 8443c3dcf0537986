package convoy.engine.kernel.vector;

import convoy.engine.kernel.Normalization;
import convoy.engine.kernel.NormalizationShape;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.kernel.Workers;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Sums over the pixels of each channel, with the lanes along channels.
 *
 * <p>The pixels are cut into blocks of PIXELS and the channels into blocks of CHANNELS; each block
 * is summed in order from zero in float, and the sums of the blocks are combined in order in
 * double. A block is walked nearly in the order of memory, with its sums in the first cache and few
 * pixels at a time in registers: a walk down whole columns, a cache line of each pixel at a time,
 * was up to six times slower where other programs used the same caches. What a block needs twice is
 * still in the cache the second time.
 *
 * @param shape the sizes
 */
record ChannelSums(NormalizationShape shape) {
  private static final int PIXELS = 256;
  private static final int CHANNELS = 128;

  /** Pixels whose sum stays in a register. */
  private static final int ROWS = 16;

  private static final int WIDTH = MicroKernel.WIDTH;

  /** Sums that a block leaves of each channel, at most. */
  private static final int SUMS = 3;

  /**
   * What one part sums.
   *
   * @param firstPixel of the pixels
   * @param pixels how many
   * @param channel the first of the channels
   * @param width how many
   * @param sums where the sums of these channels go; those of another kind lie C floats behind
   */
  private record Block(int firstPixel, int pixels, int channel, int width, int sums) {}

  ScratchSize scratch() {
    return new ScratchSize(0, Math.toIntExact((long) pixelBlocks() * SUMS * shape.c()));
  }

  private int pixelBlocks() {
    return (shape.pixels() - 1) / PIXELS + 1;
  }

  private int channelBlocks() {
    return (shape.c() - 1) / CHANNELS + 1;
  }

  private int pixels(int pixelBlock) {
    return Math.min(PIXELS, shape.pixels() - pixelBlock * PIXELS);
  }

  private Block block(int part) {
    int pixelBlock = part / channelBlocks(), channel = part % channelBlocks() * CHANNELS;
    return new Block(
        pixelBlock * PIXELS,
        pixels(pixelBlock),
        channel,
        Math.min(CHANNELS, shape.c() - channel),
        Workers.ORIGIN + pixelBlock * SUMS * shape.c() + channel);
  }

  /** The moments of {@link convoy.engine.kernel.Kernels#moments}. */
  void moments(Operand x, Operand moments, Workers workers) {
    int stride = shape.xPixelStride(), C = shape.c();
    float[] in = x.array(), sums = workers.shared();
    workers.run(
        pixelBlocks() * channelBlocks(),
        (part, worker) -> {
          Block block = block(part);
          int from = x.offset() + block.firstPixel() * stride + block.channel();
          for (int sum = 0; sum < SUMS; sum++) {
            int at = block.sums() + sum * C;
            Arrays.fill(sums, at, at + block.width(), 0);
          }
          for (int pixel = 0; pixel < block.pixels(); pixel += ROWS) {
            int rows = Math.min(ROWS, block.pixels() - pixel);
            add(in, from + pixel * stride, stride, rows, block.width(), sums, block.sums());
          }
          for (int c = block.sums(); c < block.sums() + block.width(); c++) {
            sums[c] /= block.pixels();
          }
          for (int pixel = 0; pixel < block.pixels(); pixel += ROWS) {
            int rows = Math.min(ROWS, block.pixels() - pixel);
            addDeviations(
                in, from + pixel * stride, stride, rows, block.width(), C, sums, block.sums());
          }
        });
    combine(workers, (c, at) -> combineMoments(sums, at, moments.array(), moments.offset() + c));
  }

  private static FloatVector load(float[] array, int at) {
    return FloatVector.fromArray(MicroKernel.LANES, array, at);
  }

  private static void add(
      float[] x, int from, int stride, int rows, int width, float[] sums, int to) {
    int c = 0;
    for (; c <= width - WIDTH; c += WIDTH) {
      FloatVector sum = load(sums, to + c);
      for (int row = 0, at = from + c; row < rows; row++, at += stride) {
        sum = sum.add(load(x, at));
      }
      sum.intoArray(sums, to + c);
    }
    for (; c < width; c++) {
      for (int row = 0; row < rows; row++) {
        sums[to + c] += x[from + row * stride + c];
      }
    }
  }

  /** Adds x - m and its square behind the mean m of the block. */
  private static void addDeviations(
      float[] x, int from, int stride, int rows, int width, int C, float[] sums, int to) {
    int c = 0;
    for (; c <= width - WIDTH; c += WIDTH) {
      FloatVector mean = load(sums, to + c);
      FloatVector rest = load(sums, to + C + c), squares = load(sums, to + 2 * C + c);
      for (int row = 0, at = from + c; row < rows; row++, at += stride) {
        FloatVector centred = load(x, at).sub(mean);
        rest = rest.add(centred);
        squares = squares.add(centred.mul(centred));
      }
      rest.intoArray(sums, to + C + c);
      squares.intoArray(sums, to + 2 * C + c);
    }
    for (; c < width; c++) {
      for (int row = 0; row < rows; row++) {
        float centred = x[from + row * stride + c] - sums[to + c];
        sums[to + C + c] += centred;
        sums[to + 2 * C + c] += centred * centred;
      }
    }
  }

  /** What combines the sums of one channel; those of the first block lie at {@code at}. */
  @FunctionalInterface
  private interface Combination {
    void of(int channel, int at);
  }

  private void combine(Workers workers, Combination combination) {
    workers.run(
        channelBlocks(),
        (part, worker) -> {
          int end = Math.min(shape.c(), (part + 1) * CHANNELS);
          for (int c = part * CHANNELS; c < end; c++) {
            combination.of(c, Workers.ORIGIN + c);
          }
        });
  }

  /**
   * A block's mean is that of its float sum, set right by what is left over; its squares are set
   * right alike, and moved from its own mean to the mean of all: Chan, Golub and LeVeque,
   * "Algorithms for Computing the Sample Variance", 1983.
   */
  private void combineMoments(float[] sums, int from, float[] moments, int to) {
    int C = shape.c(), step = SUMS * C;
    double sum = 0;
    for (int block = 0, at = from; block < pixelBlocks(); block++, at += step) {
      sum += (double) pixels(block) * sums[at] + sums[at + C];
    }
    double mean = sum / shape.pixels(), squares = 0;
    for (int block = 0, at = from; block < pixelBlocks(); block++, at += step) {
      int pixels = pixels(block);
      double rest = sums[at + C], off = sums[at] + rest / pixels - mean;
      squares += sums[at + 2 * C] - rest * rest / pixels + pixels * off * off;
    }
    moments[to] = (float) mean;
    moments[to + C] = (float) Math.max(0, squares / shape.pixels());
  }

  /** The sums of {@link convoy.engine.kernel.Kernels#normalizationSums}. */
  void gradients(
      Operand x, Normalization normalization, Operand dy, Operand results, Workers workers) {
    int C = shape.c();
    float[] sums = workers.shared();
    workers.run(
        pixelBlocks() * channelBlocks(),
        (part, worker) -> {
          Block block = block(part);
          Arrays.fill(sums, block.sums(), block.sums() + block.width(), 0);
          Arrays.fill(sums, block.sums() + C, block.sums() + C + block.width(), 0);
          for (int i = 0; i < block.pixels(); i++) {
            int pixel = block.firstPixel() + i;
            int input = x.offset() + pixel * shape.xPixelStride() + block.channel();
            int output = dy.offset() + pixel * shape.yPixelStride() + block.channel();
            addGradients(x.array(), input, normalization, dy.array(), output, block, sums);
          }
        });
    combine(workers, (c, at) -> combineGradients(sums, at, results.array(), results.offset() + c));
  }

  private void addGradients(
      float[] x,
      int input,
      Normalization normalization,
      float[] dy,
      int output,
      Block block,
      float[] sums) {
    float[] mean = normalization.mean().array(), scale = normalization.scale().array();
    float[] shift = normalization.shift().array();
    int meanAt = normalization.mean().offset() + block.channel();
    int scaleAt = normalization.scale().offset() + block.channel();
    int shiftAt = normalization.shift().offset() + block.channel();
    boolean relu = normalization.relu();
    FloatVector zero = FloatVector.zero(MicroKernel.LANES);
    int c = 0, to = block.sums(), products = to + shape.c();
    for (; c <= block.width() - WIDTH; c += WIDTH) {
      FloatVector centred = load(x, input + c).sub(load(mean, meanAt + c));
      FloatVector gradient = load(dy, output + c);
      if (relu) {
        FloatVector value = centred.mul(load(scale, scaleAt + c)).add(load(shift, shiftAt + c));
        gradient = zero.blend(gradient, value.compare(VectorOperators.GT, 0));
      }
      load(sums, to + c).add(gradient).intoArray(sums, to + c);
      load(sums, products + c).add(gradient.mul(centred)).intoArray(sums, products + c);
    }
    for (; c < block.width(); c++) {
      float centred = x[input + c] - mean[meanAt + c];
      boolean passes = !relu || centred * scale[scaleAt + c] + shift[shiftAt + c] > 0;
      float gradient = passes ? dy[output + c] : 0;
      sums[to + c] += gradient;
      sums[products + c] += gradient * centred;
    }
  }

  private void combineGradients(float[] sums, int from, float[] results, int to) {
    int C = shape.c(), step = SUMS * C;
    double sum = 0, products = 0;
    for (int block = 0, at = from; block < pixelBlocks(); block++, at += step) {
      sum += sums[at];
      products += sums[at + C];
    }
    results[to] = (float) sum;
    results[to + C] = (float) products;
  }
}
