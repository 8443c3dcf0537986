package convoy.bench;

import convoy.engine.kernel.ConvolutionBackward;
import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Epilogue;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.Window;
import convoy.engine.kernel.Workers;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * Convolutions and dense layers, with bias and ReLU. Backward computes all three gradients, as
 * training does; the two others one of them, each with the ReLU's mask. Packed forward is that of
 * inference, whose weights were packed before.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 8, time = 1)
@Fork(1)
public class ConvolutionBenchmark {
  private static final int IMAGES = 32;

  /** Where activations begin in their arrays, as in a workspace. */
  private static final int ORIGIN = Workers.ORIGIN;

  /**
   * A layer; SAME3_64_128_32 has a 3x3 kernel, 64 to 128 channels, 32x32 pixels, padding same, and
   * HALF3_64_128_32 the stride 2.
   */
  public enum Layer {
    SAME3_64_64_32(3, 64, 64, 32),
    SAME3_128_128_32(3, 128, 128, 32),
    SAME3_128_128_16(3, 128, 128, 16),
    SAME3_128_128_8(3, 128, 128, 8),
    SAME3_256_256_16(3, 256, 256, 16),
    SAME3_512_512_8(3, 512, 512, 8),
    SAME3_512_512_4(3, 512, 512, 4),
    SAME3_3_128_32(3, 3, 128, 32),
    SAME1_64_64_32(1, 64, 64, 32),
    SAME1_128_128_16(1, 128, 128, 16),
    SAME1_256_256_16(1, 256, 256, 16),
    SAME5_32_64_16(5, 32, 64, 16),
    SAME5_64_64_16(5, 64, 64, 16),
    HALF3_64_128_32(3, 64, 128, 32, 2),
    DENSE_8192_128(1, 8192, 128, 1),
    DENSE_32768_128(1, 32768, 128, 1);

    private final ConvolutionShape shape;

    Layer(int kernel, int c, int k, int pixels) {
      this(kernel, c, k, pixels, 1);
    }

    Layer(int kernel, int c, int k, int pixels, int stride) {
      int pad = kernel / 2;
      Window window = new Window(kernel, kernel, stride, stride, pad, pad, pad, pad);
      shape = new ConvolutionShape(pixels, pixels, c, k, window, c, k);
    }
  }

  @Param private Layer layer;

  @Param("1")
  private int threads;

  private Workers workers;
  private Operand y;
  private Operand dx;
  private Pass forward;
  private Pass packedForward;
  private Pass backward;
  private Pass backwardData;
  private Pass backwardWeights;

  /** Makes the arrays, y being the output of x, and binds the passes. */
  @Setup(Level.Trial)
  public void setUp() {
    Kernels kernels = Kernels.best().kernels();
    ConvolutionShape shape = layer.shape;
    workers = new Workers(threads, kernels.scratch(shape));
    int inputs = ORIGIN + IMAGES * shape.h() * shape.w() * shape.c();
    int outputs = ORIGIN + IMAGES * shape.p() * shape.q() * shape.k();
    Operand x = new Operand(Values.spread(1, inputs), ORIGIN);
    Operand w = new Operand(Values.spread(2, shape.taps() * shape.k()), 0);
    y = new Operand(new float[outputs], ORIGIN);
    dx = new Operand(new float[inputs], ORIGIN);
    Epilogue epilogue = Epilogue.of(new Operand(Values.spread(3, shape.k()), 0), true);
    forward = kernels.convolutionForward(shape, IMAGES, x, w, epilogue, y, workers);
    forward.run();
    Operand packed = w;
    if (kernels.packedSize(shape) > 0) {
      packed = new Operand(new float[ORIGIN + kernels.packedSize(shape)], ORIGIN);
      kernels.weightPacking(shape, w, packed, workers).run();
    }
    packedForward =
        kernels.packedConvolutionForward(shape, IMAGES, x, packed, epilogue, y, workers);
    Operand dy = new Operand(Values.spread(4, outputs), ORIGIN);
    Operand dw = new Operand(new float[w.array().length], 0);
    Operand db = new Operand(new float[shape.k()], 0), none = Operand.NONE;
    backward = backward(kernels, new ConvolutionBackward(x, w, y, dy, dw, db, dx, false));
    backwardData = backward(kernels, new ConvolutionBackward(x, w, y, dy, none, none, dx, false));
    backwardWeights =
        backward(kernels, new ConvolutionBackward(x, w, y, dy, dw, none, none, false));
  }

  private Pass backward(Kernels kernels, ConvolutionBackward operands) {
    return kernels.convolutionBackward(layer.shape, IMAGES, operands, workers);
  }

  /** Ends the worker. */
  @TearDown(Level.Trial)
  public void tearDown() {
    workers.close();
  }

  /** The output. */
  @Benchmark
  public Operand forward() {
    forward.run();
    return y;
  }

  /** The output, of weights that are packed already. */
  @Benchmark
  public Operand packedForward() {
    packedForward.run();
    return y;
  }

  /** The gradients of the weights, the bias and the input. */
  @Benchmark
  public Operand backward() {
    backward.run();
    return dx;
  }

  /** The gradient of the input. */
  @Benchmark
  public Operand backwardData() {
    backwardData.run();
    return dx;
  }

  /** The gradient of the weights. */
  @Benchmark
  public Operand backwardWeights() {
    backwardWeights.run();
    return dx;
  }
}
