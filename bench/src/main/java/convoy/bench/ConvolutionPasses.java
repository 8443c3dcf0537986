package convoy.bench;

import convoy.engine.kernel.ConvolutionBackward;
import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Epilogue;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.Window;
import convoy.engine.kernel.Workers;
import java.util.function.IntToLongFunction;

/**
 * The two passes of a convolution with bias and ReLU on one thread, by the kernels of the class
 * loader that loads this class; pass 0 is forward, 1 backward, and each call gives its nanoseconds.
 */
public final class ConvolutionPasses implements IntToLongFunction {
  private final Pass forward;
  private final Pass backward;

  /** Of {@code images} square images and a square kernel, padded to the same size. */
  public ConvolutionPasses(int c, int k, int kernel, int stride, int size, int images) {
    int padding = kernel / 2;
    Window window = new Window(kernel, kernel, stride, stride, padding, padding, padding, padding);
    ConvolutionShape shape = new ConvolutionShape(size, size, c, k, window, c, k);
    Kernels kernels = Kernels.best().kernels();
    Workers workers = new Workers(1, kernels.scratch(shape));
    int inputs = images * size * size * c, outputs = images * shape.p() * shape.q() * k;
    Operand x = activations(1, inputs), y = activations(2, outputs);
    Operand w = new Operand(Values.spread(3, shape.taps() * k), 0);
    Operand bias = new Operand(Values.spread(4, k), 0);
    forward = kernels.convolutionForward(shape, images, x, w, Epilogue.of(bias, true), y, workers);
    ConvolutionBackward operands =
        new ConvolutionBackward(
            x,
            w,
            y,
            activations(5, outputs),
            new Operand(new float[shape.taps() * k], 0),
            new Operand(new float[k], 0),
            activations(6, inputs),
            false);
    backward = kernels.convolutionBackward(shape, images, operands, workers);
  }

  private static Operand activations(int seed, int size) {
    return new Operand(Values.spread(seed, Workers.ORIGIN + size), Workers.ORIGIN);
  }

  @Override
  public long applyAsLong(int pass) {
    long start = System.nanoTime();
    (pass == 0 ? forward : backward).run();
    return System.nanoTime() - start;
  }
}
