package convoy.engine.kernel;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds every kernel against the double-precision twin, and against itself. */
class ConvolutionKernelsTest {
  private static final int OFFSET = 5;

  static List<Kernels> kernels() {
    return KernelCases.kernels();
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void forwardAgreesWithTwin(Kernels kernels) {
    for (ConvolutionShape shape : KernelCases.shapes()) {
      Operands operands = new Operands(shape, 3);
      float[] y = operands.dy.clone();
      double[] wanted =
          ConvolutionTwin.forward(shape, 3, operands.x, OFFSET, operands.w, y, OFFSET);
      operands.forward(kernels, 2, Epilogue.NONE, y);
      assertClose(kernels, wanted, y, shape.taps(), shape);
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void backwardDataAgreesWithTwin(Kernels kernels) {
    for (ConvolutionShape shape : KernelCases.shapes()) {
      for (boolean accumulate : new boolean[] {false, true}) {
        Operands operands = new Operands(shape, 2);
        float[] dx = operands.x.clone();
        double[] wanted =
            ConvolutionTwin.backwardData(
                shape, 2, operands.dy, OFFSET, operands.w, accumulate, dx, OFFSET);
        operands.backwardData(kernels, 2, accumulate, dx);
        int terms = shape.window().r() * shape.window().s() * shape.k();
        assertClose(kernels, wanted, dx, terms, shape);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void backwardWeightsAgreesWithTwin(Kernels kernels) {
    for (ConvolutionShape shape : KernelCases.shapes()) {
      Operands operands = new Operands(shape, 5);
      double[] wanted =
          ConvolutionTwin.backwardWeights(shape, 5, operands.x, OFFSET, operands.dy, OFFSET);
      float[] dw = operands.backwardWeights(kernels, 2);
      assertClose(kernels, wanted, dw, 5 * shape.p() * shape.q(), shape);
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void epilogueAddsBiasThenClips(Kernels kernels) {
    for (ConvolutionShape shape : KernelCases.shapes()) {
      Operands operands = new Operands(shape, 2);
      float[] bias = KernelCases.numbers(OFFSET + shape.k(), 4);
      float[] plain = operands.dy.clone(), biased = operands.dy.clone(), both = operands.dy.clone();
      operands.forward(kernels, 1, Epilogue.NONE, plain);
      operands.forward(kernels, 1, Epilogue.of(new Operand(bias, OFFSET), false), biased);
      operands.forward(kernels, 1, Epilogue.of(new Operand(bias, OFFSET), true), both);
      for (int i = OFFSET; i < plain.length; i++) {
        int k = (i - OFFSET) % shape.yPixelStride();
        if (k < shape.k()) {
          float sum = plain[i] + bias[OFFSET + k];
          assertEquals(sum, biased[i], 1e-5f + 2e-7f * Math.abs(sum), shape.toString());
          assertEquals(Math.max(0, biased[i]), both[i], shape.toString());
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void epilogueAddsTheOtherOperandBeforeItClips(Kernels kernels) {
    for (ConvolutionShape shape : KernelCases.shapes()) {
      Operands operands = new Operands(shape, 2);
      int pixels = 2 * shape.p() * shape.q(), stride = shape.yPixelStride();
      float[] other = KernelCases.pixels(OFFSET + 2, pixels, shape.k(), stride, 6);
      float[] plain = operands.dy.clone(), added = operands.dy.clone();
      operands.forward(kernels, 1, Epilogue.NONE, plain);
      Operand add = new Operand(other, OFFSET + 2);
      operands.forward(
          kernels, 2, new Epilogue(Operand.NONE, add, true, Operand.NONE, Operand.NONE), added);
      for (int i = OFFSET; i < plain.length; i++) {
        if ((i - OFFSET) % stride < shape.k()) {
          assertEquals(Math.max(0, plain[i] + other[i + 2]), added[i], shape.toString());
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void epilogueAddsTheShortcutAfterItHasClippedAndKeepsWhatItClipped(Kernels kernels) {
    for (ConvolutionShape shape : KernelCases.shapes()) {
      Operands operands = new Operands(shape, 2);
      int pixels = 2 * shape.p() * shape.q(), stride = shape.yPixelStride();
      float[] other = KernelCases.pixels(OFFSET + 2, pixels, shape.k(), stride, 6);
      float[] clipped = operands.dy.clone(), y = operands.dy.clone();
      float[] activation = operands.dy.clone(), onlyAdded = operands.dy.clone();
      operands.forward(kernels, 1, Epilogue.of(Operand.NONE, true), clipped);
      Operand shortcut = new Operand(other, OFFSET + 2), kept = new Operand(activation, OFFSET);
      operands.forward(
          kernels, 2, new Epilogue(Operand.NONE, Operand.NONE, true, kept, shortcut), y);
      operands.forward(
          kernels,
          2,
          new Epilogue(Operand.NONE, Operand.NONE, true, Operand.NONE, shortcut),
          onlyAdded);
      assertArrayEquals(clipped, activation, shape.toString());
      assertArrayEquals(y, onlyAdded, shape.toString());
      for (int i = OFFSET; i < y.length; i++) {
        boolean channel = (i - OFFSET) % stride < shape.k();
        float wanted = channel ? clipped[i] + other[i + 2] : operands.dy[i];
        assertEquals(wanted, y[i], shape.toString());
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void gradientsOfReluAndBiasAgreeWithTwin(Kernels kernels) {
    for (ConvolutionShape shape : KernelCases.shapes()) {
      Operands operands = new Operands(shape, 3);
      float[] y = KernelCases.numbers(operands.dy.length, 7), masked = operands.dy.clone();
      double[] db = new double[shape.k()];
      for (int i = OFFSET; i < masked.length; i++) {
        int k = (i - OFFSET) % shape.yPixelStride();
        if (k < shape.k()) {
          masked[i] = y[i] > 0 ? masked[i] : 0;
          db[k] += masked[i];
        }
      }
      Gradients got = operands.backward(kernels, 2, y, true);
      int positions = 3 * shape.p() * shape.q(), filters = shape.k();
      int cells = shape.window().r() * shape.window().s();
      double[] dw = ConvolutionTwin.backwardWeights(shape, 3, operands.x, OFFSET, masked, OFFSET);
      double[] dx =
          ConvolutionTwin.backwardData(
              shape, 3, masked, OFFSET, operands.w, true, operands.x.clone(), OFFSET);
      assertClose(kernels, dw, got.dw, positions, shape);
      assertClose(kernels, db, Arrays.copyOf(got.db, filters), positions, shape);
      assertEquals(
          KernelCases.numbers(filters + 1, 8)[filters], got.db[filters], "what follows db");
      assertClose(kernels, dx, got.dx, cells * filters, shape);
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void maskedGradientKeepsWhatCountsAndChangesNoBitsOfTheOthers(Kernels kernels) {
    for (ConvolutionShape shape : KernelCases.shapes()) {
      Operands operands = new Operands(shape, 3);
      float[] y = KernelCases.numbers(operands.dy.length, 7), dy = operands.dy.clone();
      Gradients read = operands.backward(kernels, 2, y, operands.dy.clone(), false, true);
      read.assertSameBits(operands.backward(kernels, 2, y, dy, true, true), shape);
      for (int i = OFFSET; i < dy.length; i++) {
        boolean counts = (i - OFFSET) % shape.yPixelStride() >= shape.k() || y[i] > 0;
        assertEquals(counts ? operands.dy[i] : 0, dy[i], shape.toString());
      }
      assertArrayEquals(dy, operands.maskedAlone(kernels, y), shape.toString());
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void gradientsLeftOutChangeNoBitsOfTheOthers(Kernels kernels) {
    for (ConvolutionShape shape : KernelCases.shapes()) {
      Operands operands = new Operands(shape, 3);
      float[] positive = new float[operands.dy.length];
      Arrays.fill(positive, 1);
      Gradients all = operands.backward(kernels, 1, positive, true);
      float[] dx = operands.x.clone();
      operands.backwardData(kernels, 1, true, dx);
      Gradients apart = new Gradients(operands.backwardWeights(kernels, 1), all.db, dx);
      all.assertSameBits(apart, shape);
      for (int workers : new int[] {2, 4}) {
        all.assertSameBits(operands.backward(kernels, workers, positive, true), shape);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void nanPassesThroughRelu(Kernels kernels) {
    Operands operands = new Operands(ConvolutionShape.dense(3, 37), 2);
    operands.x[OFFSET] = Float.NaN;
    float[] y = operands.dy.clone();
    operands.forward(kernels, 1, Epilogue.of(Operand.NONE, true), y);
    for (int k = 0; k < 37; k++) {
      assertTrue(Float.isNaN(y[OFFSET + k]));
      assertTrue(y[OFFSET + 37 + k] >= 0, "the other image is untouched");
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void infinityStaysInItsFilter(Kernels kernels) {
    ConvolutionShape shape = ConvolutionShape.dense(4, 37);
    Operands operands = new Operands(shape, 7);
    operands.w[36] = Float.POSITIVE_INFINITY;
    float[] y = operands.dy.clone();
    operands.forward(kernels, 1, Epilogue.NONE, y);
    for (int n = 0; n < 7; n++) {
      assertTrue(Float.isInfinite(y[OFFSET + n * 37 + 36]));
      assertTrue(Float.isFinite(y[OFFSET + n * 37 + 35]));
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void workersChangeNoBits(Kernels kernels) {
    for (ConvolutionShape shape : KernelCases.shapes()) {
      Operands operands = new Operands(shape, 4);
      Results one = operands.results(kernels, 1);
      for (int workers : new int[] {2, 4}) {
        one.assertSameBits(operands.results(kernels, workers), shape);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("kernels")
  void placeInBatchChangesNoBits(Kernels kernels) {
    int images = 5;
    for (ConvolutionShape shape : KernelCases.shapes()) {
      Operands batch = new Operands(shape, images);
      Results all = batch.results(kernels, 1);
      int xSize = shape.h() * shape.w() * shape.xPixelStride();
      int ySize = shape.p() * shape.q() * shape.yPixelStride();
      for (int n = 0; n < images; n++) {
        Operands alone = new Operands(shape, 1);
        System.arraycopy(batch.x, OFFSET + n * xSize, alone.x, OFFSET, xSize);
        System.arraycopy(batch.dy, OFFSET + n * ySize, alone.dy, OFFSET, ySize);
        Results one = alone.results(kernels, 1);
        assertArrayEquals(bits(all.y, n * ySize, ySize), bits(one.y, 0, ySize), shape.toString());
        assertArrayEquals(bits(all.dx, n * xSize, xSize), bits(one.dx, 0, xSize), shape.toString());
      }
    }
  }

  @Test
  void kernelsSayWhatTheyAre() {
    assertEquals("scalar", KernelCases.kernels().get(0).name());
    assertEquals("vector", KernelCases.kernels().get(1).name());
  }

  private static int[] bits(float[] values, int from, int size) {
    int[] bits = new int[size];
    for (int i = 0; i < size; i++) {
      bits[i] = Float.floatToIntBits(values[OFFSET + from + i]);
    }
    return bits;
  }

  /** Largest error over largest value, NaN where NaN is wanted and nowhere else. */
  private static void assertClose(
      Kernels kernels, double[] wanted, float[] got, int terms, ConvolutionShape shape) {
    double largest = 0, error = 0;
    for (int i = 0; i < wanted.length; i++) {
      assertEquals(Double.isNaN(wanted[i]), Float.isNaN(got[i]), "NaN at " + i + " of " + shape);
      if (!Double.isNaN(wanted[i])) {
        largest = Math.max(largest, Math.abs(wanted[i]));
        error = Math.max(error, Math.abs(wanted[i] - got[i]));
      }
    }
    double tolerance = KernelCases.tolerance(kernels, shape, terms) * largest;
    assertTrue(error <= tolerance, error + " > " + tolerance + " for " + shape);
  }

  /** What the three passes give. */
  private record Results(float[] y, float[] dx, float[] dw) {
    void assertSameBits(Results other, ConvolutionShape shape) {
      assertTrue(Arrays.equals(y, other.y), "y of " + shape);
      assertTrue(Arrays.equals(dx, other.dx), "dx of " + shape);
      assertTrue(Arrays.equals(dw, other.dw), "dw of " + shape);
    }
  }

  /** What a backward pass gives. */
  private record Gradients(float[] dw, float[] db, float[] dx) {
    void assertSameBits(Gradients other, ConvolutionShape shape) {
      assertTrue(Arrays.equals(dw, other.dw), "dw of " + shape);
      assertTrue(Arrays.equals(db, other.db), "db of " + shape);
      assertTrue(Arrays.equals(dx, other.dx), "dx of " + shape);
    }
  }

  /** Operands of the passes, with NaN wherever a kernel has no business. */
  private static final class Operands {
    private final ConvolutionShape shape;
    private final int images;
    private final float[] x;
    private final float[] w;
    private final float[] dy;

    Operands(ConvolutionShape shape, int images) {
      this.shape = shape;
      this.images = images;
      int inputs = images * shape.h() * shape.w(), outputs = images * shape.p() * shape.q();
      x = KernelCases.pixels(OFFSET, inputs, shape.c(), shape.xPixelStride(), 1);
      w = KernelCases.numbers(shape.taps() * shape.k(), 2);
      dy = KernelCases.pixels(OFFSET, outputs, shape.k(), shape.yPixelStride(), 3);
    }

    private Workers workers(Kernels kernels, int count) {
      Workers workers = new Workers(count, kernels.scratch(shape));
      for (int i = 0; i < count; i++) {
        Arrays.fill(workers.scratch(i), Float.NaN);
      }
      Arrays.fill(workers.shared(), Float.NaN);
      return workers;
    }

    void forward(Kernels kernels, int count, Epilogue epilogue, float[] y) {
      try (Workers workers = workers(kernels, count)) {
        kernels
            .convolutionForward(
                shape,
                images,
                new Operand(x, OFFSET),
                new Operand(w, 0),
                epilogue,
                new Operand(y, OFFSET),
                workers)
            .run();
      }
    }

    void backwardData(Kernels kernels, int count, boolean accumulate, float[] dx) {
      ConvolutionBackward operands =
          new ConvolutionBackward(
              Operand.NONE,
              new Operand(w, 0),
              Operand.NONE,
              new Operand(dy.clone(), OFFSET),
              Operand.NONE,
              Operand.NONE,
              new Operand(dx, OFFSET),
              accumulate);
      try (Workers workers = workers(kernels, count)) {
        kernels.convolutionBackward(shape, images, operands, workers).run();
      }
    }

    float[] backwardWeights(Kernels kernels, int count) {
      float[] dw = KernelCases.numbers(w.length, 9);
      ConvolutionBackward operands =
          new ConvolutionBackward(
              new Operand(x, OFFSET),
              Operand.NONE,
              Operand.NONE,
              new Operand(dy.clone(), OFFSET),
              new Operand(dw, 0),
              Operand.NONE,
              Operand.NONE,
              false);
      try (Workers workers = workers(kernels, count)) {
        kernels.convolutionBackward(shape, images, operands, workers).run();
      }
      return dw;
    }

    /** All gradients at once, behind a ReLU whose output was {@code y}. */
    Gradients backward(Kernels kernels, int count, float[] y, boolean accumulate) {
      return backward(kernels, count, y, dy.clone(), false, accumulate);
    }

    Gradients backward(
        Kernels kernels, int count, float[] y, float[] dy, boolean masked, boolean accumulate) {
      float[] dw = KernelCases.numbers(w.length, 9), db = KernelCases.numbers(shape.k() + 1, 8);
      float[] dx = x.clone();
      ConvolutionBackward operands =
          new ConvolutionBackward(
              new Operand(x, OFFSET),
              new Operand(w, 0),
              new Operand(y.clone(), OFFSET),
              new Operand(dy, OFFSET),
              masked,
              new Operand(dw, 0),
              new Operand(db, 0),
              new Operand(dx, OFFSET),
              accumulate);
      try (Workers workers = workers(kernels, count)) {
        kernels.convolutionBackward(shape, images, operands, workers).run();
      }
      return new Gradients(dw, db, dx);
    }

    /**
     * What a pass that computes no gradient leaves in dy behind a ReLU whose output was {@code y}.
     */
    float[] maskedAlone(Kernels kernels, float[] y) {
      float[] masked = dy.clone();
      Operand none = Operand.NONE, relued = new Operand(y.clone(), OFFSET);
      ConvolutionBackward operands =
          new ConvolutionBackward(
              none, none, relued, new Operand(masked, OFFSET), true, none, none, none, false);
      try (Workers workers = workers(kernels, 2)) {
        kernels.convolutionBackward(shape, images, operands, workers).run();
      }
      return masked;
    }

    Results results(Kernels kernels, int count) {
      float[] y = dy.clone(), dx = x.clone();
      forward(kernels, count, Epilogue.of(new Operand(w, 0), true), y);
      backwardData(kernels, count, true, dx);
      return new Results(y, dx, backwardWeights(kernels, count));
    }
  }
}
