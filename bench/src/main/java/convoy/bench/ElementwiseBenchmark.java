package convoy.bench;

import convoy.engine.kernel.ActivationFunction;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.ResponseNormalization;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.kernel.Workers;
import convoy.engine.random.KeySource;
import convoy.engine.random.RandomKey;
import convoy.engine.random.RandomKey.Purpose;
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
 * Kernels that make one value of one, or a pixel's channels of them, over 32x32 pixels of 128
 * channels, as passes of their own.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 8, time = 1)
@Fork(1)
public class ElementwiseBenchmark {
  private static final int C = 128;
  private static final int PIXELS = 32 * 32 * 32;
  private static final int SIZE = PIXELS * C;

  /** Where activations begin in their arrays, as in a workspace. */
  private static final int ORIGIN = Workers.ORIGIN;

  private static final ResponseNormalization RESPONSE =
      new ResponseNormalization(5, 1e-4f, 0.75f, 2);

  /** What is computed; of the last three the gradient takes the same kernel. */
  public enum Kernel {
    RELU,
    SIGMOID,
    TANH,
    SOFTMAX,
    RESPONSE_NORMALIZATION,
    DROPOUT,
    SCALING,
    ADDITION
  }

  @Param private Kernel kernel;

  private final RandomKey key = RandomKey.of(1, Purpose.DROPOUT);
  private Workers workers;
  private Operand y;
  private Operand dx;
  private Pass forward;
  private Pass backward;

  /** Makes the arrays, y being the output of x, and binds the passes. */
  @Setup(Level.Trial)
  public void setUp() {
    Kernels kernels = Kernels.best().kernels();
    workers = new Workers(1, new ScratchSize(RESPONSE.scratch(C), 0));
    Operand x = new Operand(Values.spread(1, ORIGIN + SIZE), ORIGIN);
    Operand dy = new Operand(Values.spread(2, ORIGIN + SIZE), ORIGIN);
    y = new Operand(new float[ORIGIN + SIZE], ORIGIN);
    dx = new Operand(new float[ORIGIN + SIZE], ORIGIN);
    forward = forward(kernels, x, y);
    forward.run();
    backward = backward(kernels, x, dy);
  }

  private Pass forward(Kernels kernels, Operand from, Operand to) {
    KeySource drawn = key::state;
    return switch (kernel) {
      case RELU -> kernels.reluForward(SIZE, from, to, workers);
      case SIGMOID, TANH -> kernels.activationForward(function(), SIZE, from, to, workers);
      case SOFTMAX -> kernels.softmaxForward(PIXELS, C, from, to, workers);
      case RESPONSE_NORMALIZATION ->
          kernels.responseNormalizationForward(RESPONSE, PIXELS, C, from, to, workers);
      case DROPOUT -> kernels.dropout(SIZE, drawn, 0.5, from, false, to, workers);
      case SCALING ->
          kernels.scaling(PIXELS, C, from, Values.spread(3, C), Values.spread(4, C), to, workers);
      case ADDITION -> kernels.addition(SIZE, from, from, to, workers);
    };
  }

  private Pass backward(Kernels kernels, Operand x, Operand dy) {
    return switch (kernel) {
      case RELU -> kernels.reluBackward(SIZE, y, dy, false, dx, workers);
      case SIGMOID, TANH -> kernels.activationBackward(function(), SIZE, y, dy, false, dx, workers);
      case SOFTMAX -> kernels.softmaxBackward(PIXELS, C, y, dy, false, dx, workers);
      case RESPONSE_NORMALIZATION ->
          kernels.responseNormalizationBackward(RESPONSE, PIXELS, C, x, dy, false, dx, workers);
      case DROPOUT, SCALING, ADDITION -> forward(kernels, dy, dx);
    };
  }

  private ActivationFunction function() {
    return kernel == Kernel.TANH ? ActivationFunction.TANH : ActivationFunction.SIGMOID;
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

  /** The gradient of the input. */
  @Benchmark
  public Operand backward() {
    backward.run();
    return dx;
  }
}
