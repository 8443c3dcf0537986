package convoy.engine.network;

import convoy.engine.layer.Addition;
import convoy.engine.layer.Branches;
import convoy.engine.layer.Concatenation;
import convoy.engine.layer.Dropout;
import convoy.engine.layer.Frozen;
import convoy.engine.layer.Layer;
import convoy.engine.layer.Operation;
import convoy.engine.layer.OperationLayer;
import convoy.engine.layer.ParameterSpec;
import convoy.engine.layer.Residual;
import convoy.engine.layer.Scaling;
import convoy.engine.layer.Sequence;
import convoy.engine.layer.View;
import convoy.engine.layer.Windowed;
import convoy.engine.network.ParameterLayout.Kind;
import convoy.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * A network's tree as a list of operations over numbered values, in an order in which they can be
 * computed. Value 0 is the input, the last one the output. Names are given here: the layer's kind
 * and its number among those of its kind, in the order of the tree.
 */
final class Graph {
  /**
   * One operation.
   *
   * @param name of its layer
   * @param operation what it computes
   * @param inputs values that it reads
   * @param output value that it makes
   * @param parameters what it needs, in the operation's order, statistics last
   */
  record Node(
      String name,
      Operation operation,
      List<Integer> inputs,
      int output,
      List<ParameterLayout.Unplaced> parameters) {

    /** Whether any of its parameters trains. */
    boolean trains() {
      return parameters.stream().anyMatch(p -> p.kind() == Kind.TRAINABLE);
    }
  }

  /**
   * One value.
   *
   * @param shape for one image
   * @param storage the value in whose memory it lies; itself, unless it looks at another one or is
   *     a part of it
   * @param channel the first of its storage's channels that it consists of
   * @param pixelStride floats from one of its pixels to the next
   */
  record Value(Shape shape, int storage, int channel, int pixelStride) {
    /** A value that lies in the memory of {@code storage} from its beginning, without gaps. */
    static Value dense(Shape shape, int storage) {
      return new Value(shape, storage, 0, shape.c());
    }

    /** The same, as that part of {@code whole} which begins with its channel {@code first}. */
    Value within(Value whole, int first) {
      return new Value(shape, whole.storage, whole.channel + first, whole.pixelStride);
    }
  }

  private final List<Node> nodes = new ArrayList<>();
  private final List<Value> values = new ArrayList<>();
  private final List<LayerSummary> layers = new ArrayList<>();
  private final Map<String, Integer> numbers = new HashMap<>();
  private final Plan.Mode mode;
  private final boolean strict;
  private final int output;

  /** Whether the layer that is being added is inside a frozen one. */
  private boolean frozen;

  /**
   * Flattens {@code layers} over images of shape {@code input}; dropout is left out for inference.
   *
   * @param strict whether windows have to end with the image
   * @throws IllegalArgumentException if a layer does not fit its input; names the layer
   */
  Graph(Shape input, Sequence layers, boolean strict, Plan.Mode mode) {
    this.strict = strict;
    this.mode = mode;
    values.add(Value.dense(input.withImages(1), 0));
    output = add(layers, 0);
  }

  List<Node> nodes() {
    return nodes;
  }

  List<Value> values() {
    return values;
  }

  /** The layers in order, as a summary lists them. */
  List<LayerSummary> layers() {
    return layers;
  }

  /** What the nodes are for. */
  Plan.Mode mode() {
    return mode;
  }

  /** The value that the network puts out. */
  int output() {
    return output;
  }

  private int add(List<Layer> sequence, int x) {
    int value = x;
    for (Layer layer : sequence) {
      value = add(layer, value);
    }
    return value;
  }

  private int add(Layer layer, int x) {
    if (layer instanceof Sequence sequence) {
      return add(sequence.layers(), x);
    }
    if (layer instanceof Frozen outer) {
      boolean before = frozen;
      frozen = true;
      int value = add(outer.layer(), x);
      frozen = before;
      return value;
    }
    String name = layer.kind() + numbers.merge(layer.kind(), 1, Integer::sum);
    if (layer instanceof Residual residual) {
      return addResidual(name, residual, x);
    }
    if (layer instanceof Branches branches) {
      return addBranches(name, branches, x);
    }
    if (layer instanceof Scaling && values.get(x).storage() != 0) {
      throw new IllegalArgumentException(
          name + ": scaling has no gradient of its input, so it must come first");
    }
    Shape in = values.get(x).shape();
    Shape shape = named(name, () -> outputShape(layer, in));
    if (layer instanceof View) {
      layers.add(new LayerSummary(name, shape, 0, 0));
      return newValue(Value.dense(shape, values.get(x).storage()));
    }
    if (layer instanceof Dropout && mode == Plan.Mode.INFERENCE) {
      layers.add(new LayerSummary(name, shape, 0, 0));
      return x;
    }
    OperationLayer leaf = (OperationLayer) layer;
    List<ParameterLayout.Unplaced> parameters = named(name, () -> parameters(name, leaf, in));
    return addNode(name, operation(leaf), List.of(x), shape, parameters, leaf.multiplications(in));
  }

  private Operation operation(OperationLayer layer) {
    if (frozen || mode == Plan.Mode.INFERENCE) {
      return layer.evaluated();
    }
    return mode == Plan.Mode.STATISTICS ? layer.measured() : layer;
  }

  private List<ParameterLayout.Unplaced> parameters(String name, OperationLayer layer, Shape x) {
    Kind trained = frozen ? Kind.FROZEN : Kind.TRAINABLE;
    Kind measured = frozen ? Kind.FROZEN : Kind.STATISTICS;
    List<ParameterLayout.Unplaced> parameters = new ArrayList<>();
    layer.parameters(x).forEach(spec -> parameters.add(unplaced(name, trained, spec)));
    layer.statistics(x).forEach(spec -> parameters.add(unplaced(name, measured, spec)));
    return List.copyOf(parameters);
  }

  private static ParameterLayout.Unplaced unplaced(String layer, Kind kind, ParameterSpec spec) {
    return new ParameterLayout.Unplaced(layer + "/" + spec.name(), kind, spec);
  }

  private Shape outputShape(Layer layer, Shape x) {
    Shape shape = layer.outputShape(x);
    if (strict && layer instanceof Windowed windowed) {
      windowed.window().checkNothingIsLeft(x);
    }
    return shape;
  }

  private int addResidual(String name, Residual residual, int x) {
    int body = add(residual.body(), x);
    int shortcut = residual.projection().map(layers -> add(layers, x)).orElse(x);
    Shape shape = values.get(body).shape();
    named(name, () -> residual.sumShape(values.get(shortcut).shape(), shape));
    return addNode(name, new Addition(), List.of(shortcut, body), shape, List.of(), 0);
  }

  private int addBranches(String name, Branches branches, int x) {
    List<Integer> parts = new ArrayList<>();
    List<Shape> shapes = new ArrayList<>();
    List<Integer> firstChannels = new ArrayList<>();
    int channels = 0;
    for (List<Layer> branch : branches.branches()) {
      int part = add(branch, x);
      Shape shape = values.get(part).shape();
      parts.add(part);
      shapes.add(shape);
      firstChannels.add(channels);
      channels += shape.c();
    }
    Shape shape = named(name, () -> branches.concatenatedShape(shapes));
    return addNode(name, new Concatenation(firstChannels), List.copyOf(parts), shape, List.of(), 0);
  }

  /** Computes {@code make}, and puts the layer's name in front of what it refuses. */
  private static <T> T named(String name, Supplier<T> make) {
    try {
      return make.get();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(name + ": " + e.getMessage(), e);
    }
  }

  private int addNode(
      String name,
      Operation operation,
      List<Integer> inputs,
      Shape shape,
      List<ParameterLayout.Unplaced> parameters,
      long multiplications) {
    int value = newValue(Value.dense(shape, values.size()));
    nodes.add(new Node(name, operation, inputs, value, parameters));
    long size = parameters.stream().mapToLong(p -> p.spec().size()).sum();
    layers.add(new LayerSummary(name, shape, size, multiplications));
    return value;
  }

  private int newValue(Value value) {
    values.add(value);
    return values.size() - 1;
  }
}
