package convoy.engine.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Workers;
import convoy.engine.random.KeySource;
import convoy.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/**
 * Runs one operation of one input in float, each operand guarded.
 *
 * @param kernels the arithmetic
 * @param threads how many threads
 * @param operation what to run
 * @param x shape of the input
 * @param y shape of the output
 * @param gap floats between the pixels of inputs and outputs
 */
record LayerRun(Kernels kernels, int threads, Operation operation, Shape x, Shape y, int gap) {
  /** What it computed; dx is empty where it is unwanted. */
  record Result(float[] y, float[] dx, List<float[]> parameterGradients) {}

  static LayerRun of(Kernels kernels, OperationLayer layer, Shape x) {
    return new LayerRun(kernels, 1, layer, x, layer.outputShape(x), 0);
  }

  LayerRun withThreads(int count) {
    return new LayerRun(kernels, count, operation, x, y, gap);
  }

  LayerRun withGap(int floats) {
    return new LayerRun(kernels, threads, operation, x, y, floats);
  }

  /** The output alone. */
  float[] forward(float[] values, List<float[]> parameters) {
    return forward(
        Guarded.of(x, gap, values), parameters.stream().map(LayerRun::parameter).toList(), kept());
  }

  private float[] forward(Guarded in, List<Guarded> parameters, Guarded kept) {
    Guarded out = Guarded.empty(y, gap);
    try (Workers workers = new Workers(threads, operation.scratch(kernels, x))) {
      operation.forward(values(workers, in, parameters, kept, out)).run();
    }
    assertTrue(kept.surroundingsAreIntact(), "what is kept is written outside");
    assertTrue(out.surroundingsAreIntact(), "y is written outside");
    return out.values();
  }

  /** Forward and backward; where dx is accumulated, it holds {@code before} first. */
  Result run(
      float[] values, List<float[]> parameters, float[] dy, Backward.Mode mode, float[] before) {
    Guarded in = Guarded.of(x, gap, values);
    List<Guarded> weights = parameters.stream().map(LayerRun::parameter).toList();
    Guarded kept = kept();
    float[] output = forward(in, weights, kept);
    Guarded out = Guarded.of(y, gap, output);
    Guarded gradient = Guarded.of(y, gap, dy);
    Guarded dx =
        mode == Backward.Mode.ACCUMULATE ? Guarded.of(x, gap, before) : Guarded.empty(x, gap);
    List<Guarded> dws = new ArrayList<>();
    for (float[] parameter : parameters) {
      dws.add(Guarded.empty(Shape.flat(1, parameter.length), 0));
    }
    Backward gradients =
        new Backward(
            gradient.tensor(),
            dws.stream().map(Guarded::tensor).toList(),
            List.of(new Backward.InputGradient(mode, dx.tensor())));
    try (Workers workers = new Workers(threads, operation.scratch(kernels, x))) {
      operation.backward(values(workers, in, weights, kept, out), gradients).run();
    }
    assertArrayEquals(values, in.values(), "x is written");
    for (Guarded operand : dws) {
      assertTrue(operand.surroundingsAreIntact(), "a parameter gradient is written outside");
    }
    assertTrue(dx.surroundingsAreIntact(), "dx is written outside");
    return new Result(output, dx.values(), dws.stream().map(Guarded::values).toList());
  }

  private Forward values(
      Workers workers, Guarded in, List<Guarded> weights, Guarded kept, Guarded out) {
    return new Forward(
        kernels,
        workers,
        List.of(in.tensor()),
        Stream.concat(weights.stream(), statistics().stream()).map(Guarded::tensor).toList(),
        kept.tensor().operand(),
        Operand.NONE,
        KeySource.NONE,
        out.tensor());
  }

  /** What the operation, if it is a layer, moves in training: its first statistics. */
  private List<Guarded> statistics() {
    if (!(operation instanceof OperationLayer layer)) {
      return List.of();
    }
    List<Guarded> statistics = new ArrayList<>();
    for (ParameterSpec spec : layer.statistics(x)) {
      float[] values = new float[spec.size()];
      Arrays.fill(values, spec.initializer().value(TestValues.key(0), 0));
      statistics.add(parameter(values));
    }
    return statistics;
  }

  private Guarded kept() {
    return Guarded.empty(Shape.flat(1, (int) Math.max(1, operation.kept(x, true))), 0);
  }

  private static Guarded parameter(float[] values) {
    return Guarded.of(Shape.flat(1, values.length), 0, values);
  }
}
