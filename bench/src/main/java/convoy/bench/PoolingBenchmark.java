package convoy.bench;

import convoy.engine.kernel.Kernels;
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

/** Pooling of 2x2 windows, stride 2, over 32x32 pixels of 128 channels. */
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

  private static final PoolingShape SHAPE =
      new PoolingShape(32, 32, 128, new Window(2, 2, 2, 2, 0, 0, 0, 0), 128, 128);

  @Param private PoolingFunction function;

  private Kernels kernels;
  private Workers workers;
  private float[] x;
  private float[] y;
  private float[] dy;
  private float[] dx;

  /** Makes the arrays. */
  @Setup(Level.Trial)
  public void setUp() {
    kernels = Kernels.best().kernels();
    workers = new Workers(1, ScratchSize.NONE);
    x = Values.spread(1, ORIGIN + IMAGES * SHAPE.h() * SHAPE.w() * SHAPE.c());
    y = new float[ORIGIN + IMAGES * SHAPE.p() * SHAPE.q() * SHAPE.c()];
    dy = Values.spread(2, y.length);
    dx = new float[x.length];
  }

  /** Ends the worker. */
  @TearDown(Level.Trial)
  public void tearDown() {
    workers.close();
  }

  /** The output. */
  @Benchmark
  public float[] forward() {
    kernels.poolingForward(function, SHAPE, IMAGES, x, ORIGIN, y, ORIGIN, workers);
    return y;
  }

  /** The gradient of the input. */
  @Benchmark
  public float[] backward() {
    kernels.poolingBackward(
        function, SHAPE, IMAGES, x, ORIGIN, dy, ORIGIN, false, dx, ORIGIN, workers);
    return dx;
  }
}
