package convoy.engine.kernel;

import convoy.engine.kernel.vector.ConvolutionAlgorithm;
import convoy.engine.kernel.vector.VectorKernels;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;

/** Kernels, shapes and operands for the tests of this package. */
public final class KernelCases {
  private static final int RANDOM_SHAPES = 60;

  private KernelCases() {}

  static List<Kernels> kernels() {
    return List.of(new ScalarKernels(), new VectorKernels());
  }

  /** The largest error, over the largest value, that a sum of {@code terms} may have. */
  public static double tolerance(Kernels kernels, ConvolutionShape shape, long terms) {
    boolean winograd = ConvolutionAlgorithm.of(shape) == ConvolutionAlgorithm.WINOGRAD;
    return kernels instanceof VectorKernels && winograd
        ? 3e-5
        : Math.max(2e-6, 4e-8 * Math.sqrt(terms));
  }

  /** Shapes on both sides of every block size, then random small ones. */
  static List<ConvolutionShape> shapes() {
    List<ConvolutionShape> shapes = new ArrayList<>();
    shapes.add(dense(1, 1));
    shapes.add(dense(37, 19));
    shapes.add(dense(900, 300));
    shapes.add(dense(130, 64));
    shapes.add(dense(20, 800));
    Window pixel = new Window(1, 1, 1, 1, 0, 0, 0, 0);
    shapes.add(new ConvolutionShape(1, 1, 37, 72, pixel, 40, 75));
    shapes.add(shape(8, 12, 64, 64, 1, 1, 1, 0));
    shapes.add(shape(4, 6, 400, 32, 1, 1, 1, 0));
    shapes.add(shape(2, 12, 520, 96, 1, 1, 1, 0));
    shapes.add(new ConvolutionShape(4, 24, 40, 64, pixel, 43, 70));
    shapes.add(shape(16, 16, 3, 64, 3, 3, 1, 1));
    shapes.add(shape(12, 12, 1, 32, 5, 5, 1, 2));
    shapes.add(shape(1, 1, 5, 7, 3, 3, 1, 1));
    shapes.add(shape(9, 7, 3, 33, 3, 3, 1, 1));
    shapes.add(shape(8, 8, 70, 20, 3, 3, 1, 1));
    shapes.add(shape(6, 6, 16, 64, 3, 3, 1, 0));
    shapes.add(shape(10, 11, 17, 10, 5, 2, 2, 2));
    shapes.add(shape(9, 9, 4, 8, 1, 1, 3, 0));
    shapes.add(shape(15, 14, 2, 5, 7, 7, 2, 3));
    shapes.add(shape(5, 6, 33, 270, 1, 1, 1, 0));
    shapes.add(new ConvolutionShape(7, 9, 6, 10, new Window(2, 3, 3, 2, 0, 2, 1, 0), 11, 13));
    shapes.add(new ConvolutionShape(4, 20, 64, 32, new Window(3, 3, 1, 1, 1, 1, 1, 1), 80, 48));
    shapes.add(shape(3, 3, 16, 16, 3, 3, 1, 0));
    shapes.add(shape(5, 2, 17, 130, 3, 3, 1, 1));
    shapes.add(shape(3, 8, 17, 130, 3, 3, 1, 1));
    shapes.add(shape(3, 4, 20, 24, 3, 3, 1, 1));
    shapes.add(shape(6, 7, 257, 1, 3, 3, 1, 1));
    shapes.add(shape(9, 8, 8, 40, 3, 3, 1, 1));
    shapes.add(shape(6, 11, 131, 2, 3, 3, 1, 1));
    shapes.add(shape(7, 9, 300, 33, 3, 3, 1, 2));
    shapes.add(shape(12, 12, 32, 48, 3, 3, 1, 1));
    Window three = new Window(3, 3, 1, 1, 1, 1, 1, 1);
    shapes.add(new ConvolutionShape(5, 9, 131, 130, three, 133, 137));
    shapes.add(shape(3, 4, 129, 128, 3, 3, 1, 1));
    shapes.add(shape(5, 4, 17, 33, 3, 3, Integer.MAX_VALUE, 1));
    Window lopsided = new Window(3, 3, 1, 1, 0, 2, 3, 0);
    shapes.add(new ConvolutionShape(10, 6, 20, 24, lopsided, 23, 31));
    Random random = new Random(5);
    for (int i = 0; i < RANDOM_SHAPES; i++) {
      shapes.add(randomShape(random));
    }
    return shapes;
  }

  private static ConvolutionShape dense(int inputs, int outputs) {
    return ConvolutionShape.dense(inputs, outputs);
  }

  private static ConvolutionShape shape(
      int h, int w, int c, int k, int r, int s, int stride, int padding) {
    Window window = new Window(r, s, stride, stride, padding, padding, padding, padding);
    return new ConvolutionShape(h, w, c, k, window, c, k);
  }

  private static ConvolutionShape randomShape(Random random) {
    int r = 1 + random.nextInt(4), s = 1 + random.nextInt(4);
    Window window =
        new Window(
            r,
            s,
            1 + random.nextInt(3),
            1 + random.nextInt(3),
            random.nextInt(3),
            random.nextInt(3),
            random.nextInt(3),
            random.nextInt(3));
    int c = 1 + random.nextInt(40), k = 1 + random.nextInt(70);
    int xGap = random.nextInt(2) * random.nextInt(6), yGap = random.nextInt(2) * random.nextInt(6);
    int h = r + random.nextInt(8), w = s + random.nextInt(8);
    return new ConvolutionShape(h, w, c, k, window, c + xGap, k + yGap);
  }

  /** {@code size} normally distributed numbers. */
  static float[] numbers(int size, long seed) {
    Random random = new Random(seed);
    float[] numbers = new float[size];
    for (int i = 0; i < size; i++) {
      numbers[i] = (float) random.nextGaussian();
    }
    return numbers;
  }

  /** Pixels with normally distributed channels; what lies before and between them is NaN. */
  static float[] pixels(int offset, int pixels, int channels, int pixelStride, long seed) {
    float[] numbers = numbers(pixels * channels, seed);
    float[] array = new float[offset + pixels * pixelStride];
    Arrays.fill(array, Float.NaN);
    for (int pixel = 0; pixel < pixels; pixel++) {
      System.arraycopy(numbers, pixel * channels, array, offset + pixel * pixelStride, channels);
    }
    return array;
  }

  /** How many of {@code values} are NaN. */
  static int nans(float[] values) {
    int nans = 0;
    for (float value : values) {
      nans += Float.isNaN(value) ? 1 : 0;
    }
    return nans;
  }
}
