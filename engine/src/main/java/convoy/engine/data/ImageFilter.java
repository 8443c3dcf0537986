package convoy.engine.data;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.kernel.Workers;
import convoy.engine.layer.Filter;
import convoy.engine.layer.FilterKernel;
import convoy.engine.layer.Forward;
import convoy.engine.layer.Grey;
import convoy.engine.layer.Operation;
import convoy.engine.layer.Padding;
import convoy.engine.random.KeySource;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * A classic filter over an image, by the engine's filter layers.
 *
 * <p>Beyond the border lies the image mirrored at its outermost pixels, which are not repeated
 * (OpenCV's BORDER_REFLECT_101). Each channel is filtered by itself, in memory of its own, where
 * neighbours lie side by side; its values are rounded to the nearest whole number, halves to the
 * even one, and limited to 0 to 255.
 *
 * @param kernels one kernel, or two: the result is then the root of the sum of both squares
 * @param grey whether a colour image is made grey first
 */
public record ImageFilter(List<FilterKernel> kernels, boolean grey) {
  /** Rows that are filtered at once, of images that have so many. */
  private static final int STRIP_ROWS = 64;

  public ImageFilter {
    kernels = List.copyOf(kernels);
  }

  /**
   * What one channel of a strip is computed in.
   *
   * @param padded the strip and what is around it, all channels where they become grey
   * @param channel one channel of it; the same where nothing becomes grey
   * @param filtered by each kernel
   */
  private record Strip(Tensor padded, Tensor channel, List<Tensor> filtered) {}

  /** Channels of the result for an image of {@code channels}: one of what is made grey. */
  public int channels(int channels) {
    return grey ? 1 : channels;
  }

  /**
   * The filtered image: height, width, {@link #channels}.
   *
   * @param image its shape, of one channel or of three, red, green and blue
   * @param pixels height, width, channels, uint8
   */
  public byte[] apply(Shape image, byte[] pixels) {
    Kernels arithmetic = Kernels.best().kernels();
    Strip strip = strip(image);
    List<Filter> filters =
        kernels.stream().map(kernel -> new Filter(kernel, new Padding.Valid())).toList();
    ScratchSize scratch = new Grey().scratch(arithmetic, strip.padded().shape());
    for (Filter filter : filters) {
      scratch = scratch.max(filter.scratch(arithmetic, strip.channel().shape()));
    }
    int height = image.h();
    int channels = channels(image.c());
    byte[] result = new byte[height * image.w() * channels];
    try (Workers workers = new Workers(1, scratch)) {
      List<Pass> passes = new ArrayList<>();
      if (strip.channel() != strip.padded()) {
        passes.add(pass(new Grey(), arithmetic, workers, strip.padded(), strip.channel()));
      }
      for (int i = 0; i < filters.size(); i++) {
        Tensor filtered = strip.filtered().get(i);
        passes.add(pass(filters.get(i), arithmetic, workers, strip.channel(), filtered));
      }
      Pass filtering = Pass.inOrder(passes);
      int stripRows = stripRows(image);
      for (int row = 0; row < height; row += stripRows) {
        int end = Math.min(height, row + stripRows) * image.w();
        for (int channel = 0; channel < channels; channel++) {
          fill(strip.padded(), image, pixels, row, channel);
          filtering.run();
          store(strip.filtered(), result, row * image.w(), end, channel, channels);
        }
      }
    }
    return result;
  }

  private static int stripRows(Shape image) {
    return Math.min(STRIP_ROWS, image.h());
  }

  private Strip strip(Shape image) {
    int rows = stripRows(image);
    int surplus = kernels.get(0).size() - 1;
    int width = image.w();
    Tensor one = tensor(rows + surplus, width + surplus, 1);
    boolean becomesGrey = grey && image.c() > 1;
    Tensor padded = becomesGrey ? tensor(rows + surplus, width + surplus, image.c()) : one;
    return new Strip(padded, one, kernels.stream().map(kernel -> tensor(rows, width, 1)).toList());
  }

  private static Tensor tensor(int height, int width, int channels) {
    Shape shape = new Shape(1, height, width, channels);
    return Tensor.dense(new float[shape.imageSize()], 0, shape);
  }

  /**
   * Fills {@code padded} with the image around the strip that begins at {@code firstRow}: with as
   * many of its channels as it has, from {@code channel} on.
   */
  private void fill(Tensor padded, Shape image, byte[] pixels, int firstRow, int channel) {
    int border = kernels.get(0).size() / 2;
    int height = image.h(), width = image.w(), channels = image.c();
    int at = 0;
    for (int h = 0; h < padded.shape().h(); h++) {
      int row = Mirror.place(firstRow + h - border, height) * width;
      for (int w = 0; w < padded.shape().w(); w++) {
        int pixel = (row + Mirror.place(w - border, width)) * channels + channel;
        for (int c = 0; c < padded.shape().c(); c++) {
          padded.array()[at++] = pixels[pixel + c] & 0xFF;
        }
      }
    }
  }

  private static Pass pass(
      Operation operation, Kernels kernels, Workers workers, Tensor x, Tensor y) {
    Operand none = Operand.NONE;
    return operation.forward(
        new Forward(kernels, workers, List.of(x), List.of(), none, none, KeySource.NONE, y));
  }

  /** Writes a strip to one channel of the pixels [from, to). */
  private static void store(
      List<Tensor> filtered, byte[] pixels, int from, int to, int channel, int channels) {
    for (int i = from; i < to; i++) {
      double value = filtered.get(0).array()[i - from];
      if (filtered.size() > 1) {
        double other = filtered.get(1).array()[i - from];
        value = Math.sqrt(value * value + other * other);
      }
      pixels[i * channels + channel] = (byte) Math.max(0, Math.min(255, Math.rint(value)));
    }
  }
}
