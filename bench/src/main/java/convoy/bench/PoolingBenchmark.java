package convoy.bench;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.PoolingFunction;
import convoy.engine.kernel.PoolingShape;
import convoy.engine.kernel.ScratchSize;
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
 * Pooling of 2x2 windows, stride 2, over 32x32 pixels of 128 channels, and of 50, which fill no
 * whole vectors.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 8, time = 1)
@Fork(1)
public class PoolingBenchmark {
  private static final int IMAGES = 32;

  /** Where activations begin in their arrays, as in a workspace. */
  private static final int ORIGIN = Workers.ORIGIN;

  @Param private PoolingFunction function;

  @Param({"128", "50"})
  private int channels;

  private Workers workers;
  private float[] y;
  private float[] dx;
  private Pass forward;
  private Pass backward;

  /** Makes the arrays and binds the passes. */
  @Setup(Level.Trial)
  public void setUp() {
    Kernels kernels = Kernels.best().kernels();
    Window window = new Window(2, 2, 2, 2, 0, 0, 0, 0);
    PoolingShape shape = new PoolingShape(32, 32, channels, window, channels, channels);
    workers = new Workers(1, ScratchSize.NONE);
    float[] pixels = Values.spread(1, ORIGIN + IMAGES * shape.h() * shape.w() * shape.c());
    y = new float[ORIGIN + IMAGES * shape.p() * shape.q() * shape.c()];
    dx = new float[pixels.length];
    Operand x = new Operand(pixels, ORIGIN), dy = new Operand(Values.spread(2, y.length), ORIGIN);
    forward = kernels.poolingForward(function, shape, IMAGES, x, new Operand(y, ORIGIN), workers);
    backward =
        kernels.poolingBackward(
            function, shape, IMAGES, x, dy, false, new Operand(dx, ORIGIN), workers);
  }

  /** Ends the worker. */
  @TearDown(Level.Trial)
  public void tearDown() {
    workers.close();
  }

  /** The output. */
  @Benchmark
  public float[] forward() {
    forward.run();
    return y;
  }

  /** The gradient of the input. */
  @Benchmark
  public float[] backward() {
    backward.run();
    return dx;
  }
}
