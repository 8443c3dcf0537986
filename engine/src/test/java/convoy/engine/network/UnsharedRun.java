package convoy.engine.network;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Workers;
import convoy.engine.layer.Backward;
import convoy.engine.layer.Forward;
import convoy.engine.random.KeySource;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Runs the steps of a training plan with an array of its own, full of NaN at first, for each value
 * and each gradient: what a plan that shares memory has to come to as well.
 */
final class UnsharedRun {
  private final Plan plan;
  private final int images;
  private final Parameters parameters;
  private final float[] parameterGradient;
  private final List<Plan.Value> values;
  private final List<float[]> arrays = new ArrayList<>();
  private final List<float[]> gradients = new ArrayList<>();

  /** For each value the one in whose memory it lies. */
  private final int[] storages;

  private UnsharedRun(Plan plan, int images) {
    this.plan = plan;
    this.images = images;
    parameters = NetworkRun.parameters(plan.spec());
    parameterGradient = new float[plan.layout().trainableSize()];
    Arrays.fill(parameterGradient, Float.NaN);
    values = plan.values();
    storages = storages(plan);
    for (Plan.Value value : values) {
      float[] array = new float[images * value.shape().imageSize()];
      Arrays.fill(array, Float.NaN);
      arrays.add(array);
      gradients.add(array.clone());
    }
  }

  private static int[] storages(Plan plan) {
    Graph graph = plan.spec().graph(plan.mode());
    return Placement.of(Fusion.of(graph), graph.values()).values().stream()
        .mapToInt(Graph.Value::storage)
        .toArray();
  }

  static NetworkRun of(Plan plan, Kernels kernels, int images) {
    try (Workers workers = new Workers(1, plan.scratch(kernels))) {
      return new UnsharedRun(plan, images).run(kernels, workers);
    }
  }

  private NetworkRun run(Kernels kernels, Workers workers) {
    float[] pixels = NetworkRun.images(plan.spec(), images);
    System.arraycopy(pixels, 0, arrays.get(0), 0, pixels.length);
    List<Forward> forwards = new ArrayList<>();
    for (Plan.Step step : plan.steps()) {
      List<Tensor> inputs = step.inputs().stream().map(v -> view(arrays, v)).toList();
      List<Tensor> own =
          step.parameters().stream().map(p -> parameter(parameters.values(), p)).toList();
      Forward forward =
          new Forward(
              kernels,
              workers,
              inputs,
              own,
              kept(step),
              Operand.NONE,
              KeySource.NONE,
              view(arrays, step.output()));
      step.operation().forward(forward).run();
      forwards.add(forward);
    }
    int output = storages[plan.output()];
    float[] slope = NetworkRun.outputGradient(plan.spec(), images);
    System.arraycopy(slope, 0, gradients.get(output), 0, slope.length);
    float[] scores = arrays.get(output).clone();
    for (int i = plan.steps().size() - 1; i >= 0; i--) {
      if (plan.steps().get(i).hasGradient()) {
        Plan.Step step = plan.steps().get(i);
        step.operation().backward(forwards.get(i), backward(step)).run();
      }
    }
    return new NetworkRun(scores, parameterGradient);
  }

  private Operand kept(Plan.Step step) {
    float[] array = new float[step.kept()];
    Arrays.fill(array, Float.NaN);
    return new Operand(array, 0);
  }

  private Backward backward(Plan.Step step) {
    List<Backward.InputGradient> inputGradients = new ArrayList<>();
    for (int i = 0; i < step.inputs().size(); i++) {
      inputGradients.add(
          new Backward.InputGradient(
              step.inputGradients().get(i), view(gradients, step.inputs().get(i))));
    }
    List<Tensor> own = step.trained().stream().map(p -> parameter(parameterGradient, p)).toList();
    return new Backward(view(gradients, step.output()), own, inputGradients);
  }

  private Tensor view(List<float[]> memory, int value) {
    Plan.Value placed = values.get(value);
    Shape shape = placed.shape().withImages(images);
    return new Tensor(memory.get(storages[value]), placed.channel(), shape, placed.pixelStride());
  }

  private Tensor parameter(float[] array, int number) {
    ParameterLayout.Entry entry = plan.layout().entries().get(number);
    return Tensor.dense(array, entry.offset(), Shape.flat(1, entry.size()));
  }
}
