package convoy.bench;

import convoy.engine.optimizer.Adam;
import convoy.engine.optimizer.Optimizer;
import convoy.engine.optimizer.OptimizerState;
import convoy.engine.optimizer.Sgd;
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
import org.openjdk.jmh.annotations.Warmup;

/** A step of an optimizer over five million parameters. */
@State(Scope.Thread)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.MILLISECONDS)
@Warmup(iterations = 5, time = 1)
@Measurement(iterations = 8, time = 1)
@Fork(1)
public class OptimizerBenchmark {
  private static final int PARAMETERS = 5_000_000;

  /** The update rules. */
  public enum Rule {
    ADAM(Adam.DEFAULT),
    SGD(Sgd.DEFAULT),
    MOMENTUM(new Sgd(Sgd.DEFAULT.learningRate(), 0.9, false));

    private final Optimizer optimizer;

    Rule(Optimizer optimizer) {
      this.optimizer = optimizer;
    }
  }

  @Param private Rule rule;

  private float[] parameters;
  private float[] gradient;
  private OptimizerState state;
  private long stepsTaken;

  /** Makes the arrays. */
  @Setup(Level.Trial)
  public void setUp() {
    parameters = Values.spread(1, PARAMETERS);
    gradient = Values.spread(2, PARAMETERS);
    state = rule.optimizer.newState(PARAMETERS);
    stepsTaken = 0;
  }

  /** One step. */
  @Benchmark
  public float[] step() {
    stepsTaken++;
    float factor = rule.optimizer.factor(stepsTaken, rule.optimizer.learningRate());
    rule.optimizer.step(parameters, gradient, state, 0, PARAMETERS, factor);
    return parameters;
  }
}
