package convoy.engine.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.vector.VectorKernels;
import java.util.List;
import java.util.Random;
import java.util.function.IntToDoubleFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the vector kernels, at sizes of real networks, against samples summed in double. */
class LargeConvolutionTest {
  private static final int SAMPLES = 300;

  static List<ConvolutionRun> runs() {
    return List.of(
        square(32, 128, 128, 3, 1, 6),
        square(17, 256, 256, 3, 0, 5),
        square(8, 512, 512, 3, 1, 8),
        square(32, 132, 130, 3, 1, 6),
        square(20, 144, 128, 3, 1, 7),
        square(32, 3, 128, 3, 1, 6),
        square(32, 16, 16, 3, 1, 16),
        square(15, 96, 64, 5, 2, 4),
        square(16, 256, 64, 1, 0, 6),
        square(32, 8, 12, 5, 2, 32),
        strided(32, 64, 96, 3, 2, 5),
        strided(33, 48, 64, 1, 2, 9),
        new ConvolutionRun(ConvolutionShape.dense(8192, 128), 32));
  }

  private static ConvolutionRun square(
      int size, int c, int k, int kernel, int padding, int images) {
    Window window = new Window(kernel, kernel, 1, 1, padding, padding, padding, padding);
    return new ConvolutionRun(new ConvolutionShape(size, size, c, k, window, c, k), images);
  }

  private static ConvolutionRun strided(
      int size, int c, int k, int kernel, int stride, int images) {
    int padding = kernel / 2;
    Window window = new Window(kernel, kernel, stride, stride, padding, padding, padding, padding);
    return new ConvolutionRun(new ConvolutionShape(size, size, c, k, window, c, k), images);
  }

  @ParameterizedTest
  @MethodSource("runs")
  void allPassesAgreeWithSumsInDouble(ConvolutionRun run) {
    run.compute(new VectorKernels(), 2);
    ConvolutionShape shape = run.shape;
    int positions = run.images * shape.p() * shape.q();
    int filterTaps = shape.window().r() * shape.window().s() * shape.k();
    assertClose(run, "y", run.y, shape.taps(), run::output);
    assertClose(run, "dw", run.dw, positions, run::weightGradient);
    assertClose(run, "db", run.db, positions, run::biasGradient);
    assertClose(run, "dx", run.dx, filterTaps, run::inputGradient);
  }

  /**
   * Of Winograd's gradients, whose sums are cut into two, three or four groups of images, or, with
   * many weights, are added up in two blocks.
   */
  @ParameterizedTest
  @CsvSource({"32, 24, 16, 3", "32, 24, 16, 12", "32, 24, 16, 16", "20, 144, 128, 7"})
  void threadsChangeNoBit(int size, int c, int k, int images) {
    ConvolutionRun one = square(size, c, k, 3, 1, images);
    one.compute(new VectorKernels(), 1);
    for (int threads : new int[] {2, 3, 4}) {
      ConvolutionRun several = square(size, c, k, 3, 1, images);
      several.compute(new VectorKernels(), threads);
      assertArrayEquals(one.y, several.y);
      assertArrayEquals(one.dw, several.dw);
      assertArrayEquals(one.db, several.db);
      assertArrayEquals(one.dx, several.dx);
    }
  }

  private static void assertClose(
      ConvolutionRun run, String what, float[] got, int terms, IntToDoubleFunction wanted) {
    Random random = new Random(7);
    double error = 0, largest = 0;
    for (int sample = 0; sample < SAMPLES; sample++) {
      int i = random.nextInt(got.length);
      double value = wanted.applyAsDouble(i);
      error = Math.max(error, Math.abs(value - got[i]));
      largest = Math.max(largest, Math.abs(value));
    }
    double tolerance = KernelCases.tolerance(new VectorKernels(), run.shape, terms) * largest;
    assertTrue(error <= tolerance, what + ": " + error + " > " + tolerance + ", " + run.shape);
  }

  /** The passes of a convolution without gaps between pixels, and single results in double. */
  private static final class ConvolutionRun {
    private final ConvolutionShape shape;
    private final int images;
    private final float[] x;
    private final float[] w;
    private final float[] dy;
    private final float[] y;
    private final float[] dx;
    private final float[] dw;
    private final float[] db;

    ConvolutionRun(ConvolutionShape shape, int images) {
      this.shape = shape;
      this.images = images;
      x = KernelCases.numbers(images * shape.h() * shape.w() * shape.c(), 1);
      w = KernelCases.numbers(shape.taps() * shape.k(), 2);
      dy = KernelCases.numbers(images * shape.p() * shape.q() * shape.k(), 3);
      y = new float[dy.length];
      dx = new float[x.length];
      dw = new float[w.length];
      db = new float[shape.k()];
    }

    void compute(Kernels kernels, int threads) {
      ConvolutionBackward operands =
          new ConvolutionBackward(
              new Operand(x, 0),
              new Operand(w, 0),
              Operand.NONE,
              new Operand(dy.clone(), 0),
              new Operand(dw, 0),
              new Operand(db, 0),
              new Operand(dx, 0),
              false);
      try (Workers workers = new Workers(threads, kernels.scratch(shape))) {
        kernels
            .convolutionForward(
                shape,
                images,
                new Operand(x, 0),
                new Operand(w, 0),
                Epilogue.NONE,
                new Operand(y, 0),
                workers)
            .run();
        kernels.convolutionBackward(shape, images, operands, workers).run();
      }
    }

    double output(int i) {
      int k = i % shape.k(), pixel = i / shape.k();
      double sum = 0;
      for (int tap = 0; tap < shape.taps(); tap++) {
        int cell = cell(pixel, tap);
        sum += cell < 0 ? 0 : (double) x[cell] * w[tap * shape.k() + k];
      }
      return sum;
    }

    double weightGradient(int i) {
      int k = i % shape.k(), tap = i / shape.k();
      double sum = 0;
      for (int pixel = 0; pixel < images * shape.p() * shape.q(); pixel++) {
        int cell = cell(pixel, tap);
        sum += cell < 0 ? 0 : (double) x[cell] * dy[pixel * shape.k() + k];
      }
      return sum;
    }

    double biasGradient(int k) {
      double sum = 0;
      for (int i = k; i < dy.length; i += shape.k()) {
        sum += dy[i];
      }
      return sum;
    }

    double inputGradient(int i) {
      int C = shape.c(), K = shape.k(), size = shape.p() * shape.q();
      int n = i / C / shape.w() / shape.h();
      double sum = 0;
      for (int pixel = n * size; pixel < (n + 1) * size; pixel++) {
        for (int tap = i % C; tap < shape.taps(); tap += C) {
          for (int k = 0; k < K && cell(pixel, tap) == i; k++) {
            sum += (double) dy[pixel * K + k] * w[tap * K + k];
          }
        }
      }
      return sum;
    }

    /** Index of the x that meets tap (r, s, c) at an output pixel; -1 outside the image. */
    private int cell(int pixel, int tap) {
      int C = shape.c(), S = shape.window().s(), P = shape.p(), Q = shape.q();
      int n = pixel / Q / P, p = pixel / Q % P, q = pixel % Q;
      int h = p * shape.window().strideH() + tap / C / S - shape.window().top();
      int column = q * shape.window().strideW() + tap / C % S - shape.window().left();
      boolean inside = h >= 0 && h < shape.h() && column >= 0 && column < shape.w();
      return inside ? ((n * shape.h() + h) * shape.w() + column) * C + tap % C : -1;
    }
  }
}
