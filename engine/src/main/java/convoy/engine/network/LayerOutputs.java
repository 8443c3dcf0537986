package convoy.engine.network;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.kernel.Workers;
import convoy.engine.layer.Forward;
import convoy.engine.layer.Operation;
import convoy.engine.random.KeySource;
import convoy.engine.tensor.Pixels;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a network on one image layer by layer, each in a pass and in memory of its own, so that what
 * every layer puts out can be looked at. A {@link Plan} joins layers and lets them share memory;
 * the outputs of both are the same but for rounding.
 */
public final class LayerOutputs {
  /**
   * What one layer puts out.
   *
   * @param layer its name, as a summary lists it
   * @param operation what computes it
   * @param values the output for the image
   */
  public record Output(String layer, Operation operation, Tensor values) {}

  private final Graph graph;
  private final Parameters parameters;
  private final Kernels kernels;
  private final List<float[]> arrays = new ArrayList<>();

  private LayerOutputs(NetworkSpec spec, Parameters parameters, Kernels kernels) {
    this.graph = spec.graph(Plan.Mode.INFERENCE);
    this.parameters = parameters;
    this.kernels = kernels;
    for (Graph.Value value : graph.values()) {
      boolean own = value.storage() == arrays.size();
      arrays.add(own ? new float[value.shape().imageSize()] : arrays.get(value.storage()));
    }
  }

  /**
   * The outputs of the layers that compute something, in the order of the summary.
   *
   * @param pixels of one image of the network's input shape: height, width, channels
   * @throws IllegalArgumentException if there are more or fewer of them than the network takes
   */
  public static List<Output> of(
      NetworkSpec spec, Parameters parameters, Kernels kernels, byte[] pixels) {
    LayerOutputs outputs = new LayerOutputs(spec, parameters, kernels);
    Pixels.write(pixels, outputs.value(0));
    return outputs.run();
  }

  private List<Output> run() {
    ScratchSize scratch = ScratchSize.NONE;
    for (Graph.Node node : graph.nodes()) {
      scratch = scratch.max(node.operation().scratch(kernels, input(node)));
    }
    List<Output> outputs = new ArrayList<>();
    try (Workers workers = new Workers(1, scratch)) {
      for (Graph.Node node : graph.nodes()) {
        Tensor y = value(node.output());
        node.operation()
            .forward(
                new Forward(
                    kernels,
                    workers,
                    node.inputs().stream().map(this::value).toList(),
                    node.parameters().stream().map(p -> parameter(p.name())).toList(),
                    kept(node),
                    Operand.NONE,
                    KeySource.NONE,
                    y))
            .run();
        outputs.add(new Output(node.name(), node.operation(), y));
      }
    }
    return List.copyOf(outputs);
  }

  private Shape input(Graph.Node node) {
    return graph.values().get(node.inputs().get(0)).shape();
  }

  private Tensor value(int number) {
    return Tensor.dense(arrays.get(number), 0, graph.values().get(number).shape());
  }

  private Tensor parameter(String name) {
    ParameterLayout.Entry entry = parameters.layout().entry(name);
    return Tensor.dense(parameters.values(), entry.offset(), Shape.flat(1, entry.size()));
  }

  private Operand kept(Graph.Node node) {
    int size = Math.toIntExact(node.operation().kept(input(node), false));
    return size == 0 ? Operand.NONE : new Operand(new float[size], 0);
  }
}
