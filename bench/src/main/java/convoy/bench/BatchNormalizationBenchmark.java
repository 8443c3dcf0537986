package convoy.bench;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Normalization;
import convoy.engine.kernel.NormalizationShape;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.Workers;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/** Batch normalisation with its ReLU over 32x32 pixels of 128 channels, as in training. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 8, time = 1)
@Fork(1)
public class BatchNormalizationBenchmark {
  private static final int C = 128;
  private static final int PIXELS = 32 * 32 * 32;

  /** Where activations begin in their arrays, as in a workspace. */
  private static final int ORIGIN = Workers.ORIGIN;

  private static final NormalizationShape SHAPE = new NormalizationShape(PIXELS, C, C, C);

  private Workers workers;
  private Operand y;
  private Operand dy;
  private Pass forward;
  private Pass backward;

  /** Makes the arrays and binds the passes. */
  @Setup(Level.Trial)
  public void setUp() {
    Kernels kernels = Kernels.best().kernels();
    workers = new Workers(1, kernels.scratch(SHAPE));
    Operand x = new Operand(Values.spread(1, ORIGIN + PIXELS * C), ORIGIN);
    y = new Operand(new float[ORIGIN + PIXELS * C], ORIGIN);
    dy = new Operand(Values.spread(2, ORIGIN + PIXELS * C), ORIGIN);
    Operand moments = new Operand(new float[ORIGIN + 2 * C], ORIGIN);
    Operand sums = new Operand(new float[ORIGIN + 2 * C], ORIGIN);
    Operand slopes = new Operand(new float[ORIGIN + 2 * C], ORIGIN);
    // One, and no slopes, so that dy neither grows nor vanishes where its gradient takes its place.
    Operand scale = new Operand(new float[ORIGIN + C], ORIGIN);
    Arrays.fill(scale.array(), 1);
    Operand shift = new Operand(Values.spread(4, ORIGIN + C), ORIGIN);
    Normalization normalization = new Normalization(moments, scale, shift, true);
    forward =
        Pass.inOrder(
            List.of(
                kernels.moments(SHAPE, x, moments, workers),
                kernels.normalizationForward(SHAPE, x, normalization, Operand.NONE, y, workers)));
    backward =
        Pass.inOrder(
            List.of(
                kernels.normalizationSums(SHAPE, x, normalization, Operand.NONE, dy, sums, workers),
                kernels.normalizationGradient(
                    SHAPE, x, normalization, dy, slopes, false, dy, workers)));
  }

  /** Ends the worker. */
  @TearDown(Level.Trial)
  public void tearDown() {
    workers.close();
  }

  /** The moments of the batch and the output. */
  @Benchmark
  public Operand forward() {
    forward.run();
    return y;
  }

  /** The gradients of scale and shift, and that of the input in the place of the output's. */
  @Benchmark
  public Operand backward() {
    backward.run();
    return dy;
  }
}
