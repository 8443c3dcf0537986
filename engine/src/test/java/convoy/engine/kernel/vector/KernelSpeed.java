package convoy.engine.kernel.vector;

import convoy.engine.kernel.ConvolutionBackward;
import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Epilogue;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.Window;
import convoy.engine.kernel.Workers;
import java.util.Arrays;
import java.util.Locale;

/**
 * Measures the share of the FMA peak that the multiplications of each convolution pass reach in
 * this JVM, and fails if one stays below a bound: a kernel that the JIT compiles badly falls to
 * half or to a tenth. The bounds are half of what a server reached whose cores neighbours share:
 * 40, 36 and 26 % for Winograd's passes with 512-bit lanes, which transform besides, and 60 to 70 %
 * where there were none. They are a third for the {@link StridedKernel}, which a processor that
 * takes six instructions a cycle leaves with 40 to 60 % of 256-bit lanes, and with 512-bit ones for
 * gradients of weights.
 */
final class KernelSpeed {
  private static final double LEAST_SHARE_WINOGRAD = 0.2;
  private static final double LEAST_SHARE_WINOGRAD_WEIGHTS = 0.15;
  private static final double LEAST_SHARE_STRIDED = 1.0 / 3;
  private static final double LEAST_SHARE_WEIGHTS = MicroKernel.WIDTH >= 16 ? 1.0 / 3 : 0.5;

  /** Where values begin in their arrays, as in a workspace. */
  private static final int ORIGIN = Workers.ORIGIN;

  /**
   * Tries of a pass, since other programs may take the core away, for seconds on a shared one; the
   * best counts, and the first that is good enough ends them.
   */
  private static final int TRIES = 120;

  private static final long TRY_NANOS = 250_000_000;

  private final ConvolutionShape shape;
  private final int images;
  private final Kernels kernels = new VectorKernels();
  private final Workers workers;
  private final float[] x;
  private final float[] w;
  private final float[] y;
  private final float[] dx;
  private final float[] dw;

  private KernelSpeed(ConvolutionShape shape, int images) {
    this.shape = shape;
    this.images = images;
    workers = new Workers(1, kernels.scratch(shape));
    x = new float[ORIGIN + images * shape.h() * shape.w() * shape.xPixelStride()];
    w = new float[ORIGIN + shape.taps() * shape.k()];
    y = new float[ORIGIN + images * shape.p() * shape.q() * shape.yPixelStride()];
    dx = new float[x.length];
    dw = new float[w.length];
    Arrays.fill(x, 0.5f);
    Arrays.fill(w, 0.25f);
  }

  public static void main(String[] arguments) {
    Window three = new Window(3, 3, 1, 1, 1, 1, 1, 1), one = new Window(1, 1, 1, 1, 0, 0, 0, 0);
    boolean fast =
        new KernelSpeed(new ConvolutionShape(16, 16, 128, 128, three, 128, 128), 4).report("3x3")
            & new KernelSpeed(new ConvolutionShape(8, 8, 256, 256, one, 256, 256), 16).report("1x1")
            & new KernelSpeed(new ConvolutionShape(16, 16, 64, 64, one, 64, 64), 16)
                .report("1x1 of 64 channels")
            & new KernelSpeed(ConvolutionShape.dense(2048, 256), 32).report("dense");
    System.exit(fast ? 0 : 1);
  }

  private boolean report(String name) {
    Operand in = new Operand(x, ORIGIN);
    Operand weights = new Operand(w, ORIGIN);
    Operand out = new Operand(y, ORIGIN);
    Pass forward =
        kernels.convolutionForward(shape, images, in, weights, Epilogue.NONE, out, workers);
    boolean winograd = shape.window().r() == 3;
    double product = winograd ? LEAST_SHARE_WINOGRAD : LEAST_SHARE_STRIDED;
    double gradient = winograd ? LEAST_SHARE_WINOGRAD_WEIGHTS : LEAST_SHARE_WEIGHTS;
    Pass data = backward(Operand.NONE, new Operand(dx, ORIGIN));
    Pass ofWeights = backward(new Operand(dw, ORIGIN), Operand.NONE);
    return report(name + " forward", forward, product)
        & report(name + " backward data", data, product)
        & report(name + " backward weights", ofWeights, gradient);
  }

  private Pass backward(Operand weightGradient, Operand inputGradient) {
    ConvolutionBackward operands =
        new ConvolutionBackward(
            new Operand(x, ORIGIN),
            new Operand(w, ORIGIN),
            Operand.NONE,
            new Operand(y, ORIGIN),
            weightGradient,
            Operand.NONE,
            inputGradient,
            false);
    return kernels.convolutionBackward(shape, images, operands, workers);
  }

  private boolean report(String name, Pass pass, double leastShare) {
    double share = 0;
    for (int i = 0; i < TRIES && share < leastShare; i++) {
      share = Math.max(share, gigaflops(pass) / PeakMeasurement.gigaflops(50));
    }
    System.out.printf(Locale.ROOT, "%s: %.0f %% of the FMA peak%n", name, share * 100);
    return share >= leastShare;
  }

  private double gigaflops(Pass pass) {
    long end = System.nanoTime() + TRY_NANOS, best = Long.MAX_VALUE;
    for (long start = System.nanoTime(); start < end; start = System.nanoTime()) {
      pass.run();
      best = Math.min(best, System.nanoTime() - start);
    }
    return 2.0 * images * kernels.executedMultiplications(shape) / best;
  }
}
