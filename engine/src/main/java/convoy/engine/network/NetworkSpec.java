package convoy.engine.network;

import convoy.engine.layer.Branches;
import convoy.engine.layer.Dropout;
import convoy.engine.layer.Frozen;
import convoy.engine.layer.Layer;
import convoy.engine.layer.Sequence;
import convoy.engine.layer.View;
import convoy.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * The immutable description of a network: it maps images of uint8 pixels to one score (logit) for
 * each class.
 *
 * @param name what people call it
 * @param input the shape of one image (n = 1)
 * @param classNames the classes in the order of the scores; empty in a network that has not met its
 *     data yet
 * @param strict whether the window of each convolution and pooling has to end with the image, so
 *     that (N - F) / S + 1 needs no rounding
 * @param layers the tree of layers
 */
public record NetworkSpec(
    String name, Shape input, List<String> classNames, boolean strict, Sequence layers) {

  /**
   * @throws IllegalArgumentException if a layer does not fit its input, if the output is no row of
   *     at least two scores, or if the class names are not as many as these, all different
   */
  public NetworkSpec {
    classNames = List.copyOf(classNames);
    if (input.n() != 1) {
      throw new IllegalArgumentException("the input has " + input.n() + " images, wanted 1");
    }
    Graph graph;
    try {
      graph = new Graph(input, layers, strict, Plan.Mode.TRAINING);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("network " + name + ", " + e.getMessage(), e);
    }
    Shape output = graph.values().get(graph.output()).shape();
    if (!output.isFlat() || output.c() < 2) {
      throw new IllegalArgumentException(
          "network "
              + name
              + ": the last layer makes "
              + output.image()
              + ", wanted one score for each of two or more classes: end with flatten and dense");
    }
    if (!classNames.isEmpty() && classNames.size() != output.c()) {
      throw new IllegalArgumentException(
          "network "
              + name
              + " has "
              + output.c()
              + " outputs, but there are "
              + classNames.size()
              + " classes: change the units of the last dense layer");
    }
    if (new HashSet<>(classNames).size() != classNames.size()) {
      throw new IllegalArgumentException("network " + name + ": a class name occurs twice");
    }
  }

  /** Number of scores that the network gives each image. */
  public int outputs() {
    return layers.outputShape(input).c();
  }

  /**
   * The layer that makes the outputs; dropout and views of what it makes may follow it. Of branches
   * it is the layer in which all of them end, or the branches where they end in different ones.
   */
  public Layer lastLayer() {
    return last(layers);
  }

  private static Layer last(Layer layer) {
    if (layer instanceof Frozen frozen) {
      return last(frozen.layer());
    }
    if (layer instanceof Sequence sequence) {
      return last(sequence.layers()).map(NetworkSpec::last).orElse(layer);
    }
    if (layer instanceof Branches branches) {
      Set<Layer> ends = new HashSet<>();
      for (List<Layer> branch : branches.branches()) {
        ends.add(last(branch).map(NetworkSpec::last).orElse(branches));
      }
      return ends.size() == 1 ? ends.iterator().next() : branches;
    }
    return layer;
  }

  /** The last one that makes values of its own; none where all let the input through. */
  private static Optional<Layer> last(List<Layer> layers) {
    for (int i = layers.size() - 1; i >= 0; i--) {
      if (!(layers.get(i) instanceof View || layers.get(i) instanceof Dropout)) {
        return Optional.of(layers.get(i));
      }
    }
    return Optional.empty();
  }

  /** The same network with names for its outputs. */
  public NetworkSpec withClassNames(List<String> names) {
    return new NetworkSpec(name, input, names, strict, layers);
  }

  /** Where each parameter lies in one flat array. */
  public ParameterLayout layout() {
    List<ParameterLayout.Unplaced> parameters = new ArrayList<>();
    for (Graph.Node node : graph(Plan.Mode.TRAINING).nodes()) {
      parameters.addAll(node.parameters());
    }
    return new ParameterLayout(parameters);
  }

  /** What each layer costs, in order; a residual block stands after its body, as the addition. */
  public List<LayerSummary> summary() {
    return List.copyOf(graph(Plan.Mode.TRAINING).layers());
  }

  /** The network as YAML, as {@link #fromYaml} reads it. */
  public String toYaml() {
    return NetworkYaml.write(this);
  }

  /**
   * The network that {@code yaml} describes.
   *
   * @param source what the text is, for messages: "network.yaml"
   * @throws IllegalArgumentException if it is no valid description; says where
   */
  public static NetworkSpec fromYaml(String source, String yaml) {
    return NetworkYaml.read(source, yaml);
  }

  Graph graph(Plan.Mode mode) {
    return new Graph(input, layers, strict, mode);
  }
}
