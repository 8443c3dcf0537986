package convoy.engine.kernel.vector;

import convoy.engine.kernel.Normalization;
import convoy.engine.kernel.NormalizationShape;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.kernel.Workers;
import java.util.Arrays;
import java.util.List;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
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

  ScratchSize scratch() {
    return new ScratchSize(0, Math.toIntExact((long) pixelBlocks() * SUMS * shape.c()));
  }

  private int pixelBlocks() {
    return (shape.pixels() - 1) / PIXELS + 1;
  }

  private int channelBlocks() {
    return (shape.c() - 1) / CHANNELS + 1;
  }

  /** Pixels of a block. */
  private int pixels(int pixelBlock) {
    return Math.min(PIXELS, shape.pixels() - pixelBlock * PIXELS);
  }

  /** Channels of the block that begins at {@code channel}. */
  private int width(int channel) {
    return Math.min(CHANNELS, shape.c() - channel);
  }

  /** Where the sums of a block go; those of another kind lie C floats behind. */
  private int place(int pixelBlock, int channel) {
    return Workers.ORIGIN + pixelBlock * SUMS * shape.c() + channel;
  }

  /** The moments of {@link convoy.engine.kernel.Kernels#moments}. */
  Pass moments(Operand x, Operand moments, Workers workers) {
    int stride = shape.xPixelStride(), C = shape.c();
    float[] in = x.array(), sums = workers.shared();
    Pass blocks =
        workers.pass(
            pixelBlocks() * channelBlocks(),
            (part, worker) -> {
              int pixelBlock = part / channelBlocks(), channel = part % channelBlocks() * CHANNELS;
              int pixels = pixels(pixelBlock), width = width(channel);
              int from = x.offset() + pixelBlock * PIXELS * stride + channel;
              int to = place(pixelBlock, channel);
              for (int sum = 0; sum < SUMS; sum++) {
                Arrays.fill(sums, to + sum * C, to + sum * C + width, 0);
              }
              for (int pixel = 0; pixel < pixels; pixel += ROWS) {
                int rows = Math.min(ROWS, pixels - pixel);
                add(in, from + pixel * stride, stride, rows, width, sums, to);
              }
              for (int c = to; c < to + width; c++) {
                sums[c] /= pixels;
              }
              for (int pixel = 0; pixel < pixels; pixel += ROWS) {
                int rows = Math.min(ROWS, pixels - pixel);
                addDeviations(in, from + pixel * stride, stride, rows, width, C, sums, to);
              }
            });
    Pass combining =
        combining(
            workers, (c, at) -> combineMoments(sums, at, moments.array(), moments.offset() + c));
    return Pass.inOrder(List.of(blocks, combining));
  }

  private static FloatVector load(float[] array, int at) {
    return FloatVector.fromArray(MicroKernel.LANES, array, at);
  }

  /**
   * Adds {@code rows} pixels of {@code width} channels to {@code sums[to]} on, each channel in
   * order.
   */
  static void add(float[] x, int from, int stride, int rows, int width, float[] sums, int to) {
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

  private Pass combining(Workers workers, Combination combination) {
    return workers.pass(
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
  Pass gradients(
      Operand x,
      Normalization normalization,
      Operand y,
      Operand dy,
      Operand results,
      Workers workers) {
    int C = shape.c();
    float[] sums = workers.shared();
    Pass blocks =
        workers.pass(
            pixelBlocks() * channelBlocks(),
            (part, worker) -> {
              int pixelBlock = part / channelBlocks(), channel = part % channelBlocks() * CHANNELS;
              int width = width(channel), to = place(pixelBlock, channel);
              int first = pixelBlock * PIXELS, end = first + pixels(pixelBlock);
              Arrays.fill(sums, to, to + width, 0);
              Arrays.fill(sums, to + C, to + C + width, 0);
              for (int pixel = first; pixel < end; pixel++) {
                int input = x.offset() + pixel * shape.xPixelStride() + channel;
                int place = pixel * shape.yPixelStride() + channel, output = dy.offset() + place;
                if (y.isPresent()) {
                  mask(y.array(), y.offset() + place, width, dy.array(), output);
                }
                addGradients(
                    x.array(), input, normalization, dy.array(), output, channel, width, sums, to);
              }
            });
    Pass combining =
        combining(
            workers, (c, at) -> combineGradients(sums, at, results.array(), results.offset() + c));
    return Pass.inOrder(List.of(blocks, combining));
  }

  /** Sets dy to 0 where y is not above 0. */
  private static void mask(float[] y, int from, int width, float[] dy, int to) {
    FloatVector zero = FloatVector.zero(MicroKernel.LANES);
    int c = 0;
    for (; c <= width - WIDTH; c += WIDTH) {
      VectorMask<Float> passes = load(y, from + c).compare(VectorOperators.GT, 0);
      zero.blend(load(dy, to + c), passes).intoArray(dy, to + c);
    }
    for (; c < width; c++) {
      if (!(y[from + c] > 0)) {
        dy[to + c] = 0;
      }
    }
  }

  private void addGradients(
      float[] x,
      int input,
      Normalization normalization,
      float[] dy,
      int output,
      int channel,
      int width,
      float[] sums,
      int to) {
    float[] mean = normalization.mean().array(), scale = normalization.scale().array();
    float[] shift = normalization.shift().array();
    int meanAt = normalization.mean().offset() + channel;
    int scaleAt = normalization.scale().offset() + channel;
    int shiftAt = normalization.shift().offset() + channel;
    boolean relu = normalization.relu();
    FloatVector zero = FloatVector.zero(MicroKernel.LANES);
    int c = 0, products = to + shape.c();
    for (; c <= width - WIDTH; c += WIDTH) {
      FloatVector centred = load(x, input + c).sub(load(mean, meanAt + c));
      FloatVector gradient = load(dy, output + c);
      if (relu) {
        FloatVector value = centred.mul(load(scale, scaleAt + c)).add(load(shift, shiftAt + c));
        gradient = zero.blend(gradient, value.compare(VectorOperators.GT, 0));
      }
      load(sums, to + c).add(gradient).intoArray(sums, to + c);
      load(sums, products + c).add(gradient.mul(centred)).intoArray(sums, products + c);
    }
    for (; c < width; c++) {
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
