package convoy.engine.network;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.kernel.Workers;
import convoy.engine.layer.Affine;
import convoy.engine.layer.Backward;
import convoy.engine.layer.FusedAffine;
import convoy.engine.layer.Operation;
import convoy.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * A network compiled for a batch size and a mode: the steps in order, which gradients they have to
 * compute, and in which buffer each value and each gradient lies. All decisions about how a network
 * runs are taken here: which layers are computed in one pass, and what shares memory.
 *
 * <p>Time is counted in ticks: the forward pass of step i is tick i, the loss tick S (the number of
 * steps), the backward pass of step i tick 2 S - i. A value occupies its buffer from the tick that
 * makes it to the last that reads it.
 */
public final class Plan {
  /** What a plan is for. */
  public enum Mode {
    /** Forward, loss and backward; activations are kept for the backward pass. */
    TRAINING,
    /** Forward alone. */
    INFERENCE,
    /**
     * Forward alone, as in training: dropout drops, and batch normalisations go by the batch. Their
     * running means and variances become those of the batch.
     */
    STATISTICS
  }

  /**
   * One step.
   *
   * @param name of the layer; of the first, if others are computed in the same pass
   * @param operation what it computes
   * @param inputs values that it reads
   * @param output value that it makes
   * @param parameters indices into the layout's entries
   * @param trained those of them whose gradient the backward pass computes
   * @param kept floats that the operation keeps for itself
   * @param inputGradients what the backward pass does with the gradient of each input
   * @param hasGradient whether there is a backward pass
   */
  public record Step(
      String name,
      Operation operation,
      List<Integer> inputs,
      int output,
      List<Integer> parameters,
      List<Integer> trained,
      int kept,
      List<Backward.Mode> inputGradients,
      boolean hasGradient) {

    /** Whether the backward pass computes the gradients of parameters. */
    public boolean hasParameterGradients() {
      return hasGradient && !trained.isEmpty();
    }

    /** Whether the backward pass, if there is one, reads input {@code number}. */
    boolean backwardReadsInput(int number) {
      return trained.isEmpty()
          ? operation.inputGradientReadsInput(number)
          : operation.backwardReadsInput(number);
    }

    /** Whether the backward pass computes the gradient of the first input. */
    public boolean hasInputGradient() {
      return inputGradients.get(0) != Backward.Mode.UNWANTED;
    }
  }

  /**
   * One value.
   *
   * @param shape for the whole batch
   * @param buffer the buffer that it lies in
   * @param gradientBuffer the buffer of its gradient; -1 if it has none
   * @param channel index in both buffers of its first float: above 0 in a part of a concatenation
   * @param pixelStride floats from one of its pixels to the next
   */
  public record Value(Shape shape, int buffer, int gradientBuffer, int channel, int pixelStride) {}

  private final NetworkSpec spec;
  private final ParameterLayout layout;
  private final int batchSize;
  private final Mode mode;
  private final List<Step> steps;
  private final List<Value> values;
  private final List<Integer> bufferSizes;
  private final int output;
  private final boolean random;
  private final int firstKept;

  /**
   * Compiles {@code spec} for batches of up to {@code batchSize} images.
   *
   * @throws IllegalArgumentException if the batch is so large that a value exceeds an array, or if
   *     the mode is training and there is no parameter to train, or all are frozen
   */
  public Plan(NetworkSpec spec, int batchSize, Mode mode) {
    if (batchSize < 1) {
      throw new IllegalArgumentException("batch size " + batchSize + ", wanted at least 1");
    }
    this.spec = spec;
    this.layout = spec.layout();
    this.batchSize = batchSize;
    this.mode = mode;
    if (mode == Mode.TRAINING && layout.trainableSize() == 0) {
      throw new IllegalArgumentException(
          "network "
              + spec.name()
              + " has nothing to train: "
              + (layout.size() == 0 ? "give it a dense layer" : "let a layer be trainable"));
    }
    Graph graph = spec.graph(mode);
    output = graph.output();
    Placement placement = Placement.of(Fusion.of(graph), graph.values());
    steps = compile(placement);
    random = steps.stream().anyMatch(step -> step.operation().isRandom());
    MemoryPlan memory = new MemoryPlan(steps, placement.values(), output, batchSize, mode);
    firstKept = memory.bufferSizes().size();
    List<Integer> sizes = new ArrayList<>(memory.bufferSizes());
    for (Step step : steps) {
      if (step.kept() > 0) {
        sizes.add(step.kept());
      }
    }
    bufferSizes = List.copyOf(sizes);
    values =
        placement.values().stream()
            .map(
                value ->
                    new Value(
                        value.shape().withImages(batchSize),
                        memory.buffer(value.storage()),
                        memory.gradientBuffer(value.storage()),
                        value.channel(),
                        value.pixelStride()))
            .toList();
  }

  private List<Step> compile(Placement placement) {
    List<Graph.Node> nodes = placement.nodes();
    List<Graph.Value> values = placement.values();
    boolean training = mode == Mode.TRAINING;
    boolean[] needsGradient = new boolean[values.size()];
    for (Graph.Node node : nodes) {
      boolean needed = node.trains();
      for (int input : node.inputs()) {
        needed |= needsGradient[values.get(input).storage()];
      }
      needsGradient[node.output()] |= training && needed;
      // The whole needs one where a part does.
      needsGradient[values.get(node.output()).storage()] |= needsGradient[node.output()];
    }
    boolean[] written = new boolean[values.size()];
    List<Step> compiled = new ArrayList<>();
    for (int i = nodes.size() - 1; i >= 0; i--) {
      Graph.Node node = nodes.get(i);
      List<Backward.Mode> modes = new ArrayList<>();
      for (int j = node.inputs().size() - 1; j >= 0; j--) {
        int storage = values.get(node.inputs().get(j)).storage();
        if (!needsGradient[storage]) {
          modes.add(0, Backward.Mode.UNWANTED);
        } else {
          modes.add(0, written[storage] ? Backward.Mode.ACCUMULATE : Backward.Mode.OVERWRITE);
          written[storage] = true;
        }
      }
      compiled.add(
          0,
          new Step(
              node.name(),
              node.operation(),
              node.inputs(),
              node.output(),
              parameters(node),
              parameters(node).stream().filter(this::trains).toList(),
              kept(node, values, needsGradient[node.output()]),
              List.copyOf(modes),
              needsGradient[node.output()]));
    }
    return List.copyOf(compiled);
  }

  private int kept(Graph.Node node, List<Graph.Value> values, boolean training) {
    Shape x = values.get(node.inputs().get(0)).shape().withImages(batchSize);
    return MemoryPlan.checkedSize(node.operation().kept(x, training), batchSize);
  }

  private List<Integer> parameters(Graph.Node node) {
    return node.parameters().stream()
        .map(parameter -> layout.entries().indexOf(layout.entry(parameter.name())))
        .toList();
  }

  private boolean trains(int parameter) {
    return layout.entries().get(parameter).kind() == ParameterLayout.Kind.TRAINABLE;
  }

  /** The network. */
  public NetworkSpec spec() {
    return spec;
  }

  /** Where the parameters lie. */
  public ParameterLayout layout() {
    return layout;
  }

  /** The largest number of images that can be run at once. */
  public int batchSize() {
    return batchSize;
  }

  /** What the plan is for. */
  public Mode mode() {
    return mode;
  }

  /** Whether a step draws random numbers, so that each pass wants a key. */
  public boolean isRandom() {
    return random;
  }

  /** The steps of the forward pass, in order. */
  public List<Step> steps() {
    return steps;
  }

  /** The values; 0 is the input. */
  public List<Value> values() {
    return values;
  }

  /** Number of the value that the network puts out. */
  public int output() {
    return output;
  }

  /** The buffer that holds what {@code step} keeps. */
  int keptBuffer(Step step) {
    int before = 0;
    for (Step other : steps.subList(0, steps.indexOf(step))) {
      before += other.kept() > 0 ? 1 : 0;
    }
    return firstKept + before;
  }

  /** Floats of each buffer: those of the values and gradients, then what each step keeps. */
  public List<Integer> bufferSizes() {
    return bufferSizes;
  }

  /** Floats that {@code step} prepares of its parameters; none in training. */
  int prepared(Step step, Kernels kernels) {
    return mode == Mode.TRAINING ? 0 : step.operation().prepared(kernels, input(step));
  }

  /** The scratch memory that {@code kernels} need for the steps. */
  public ScratchSize scratch(Kernels kernels) {
    ScratchSize size = ScratchSize.NONE;
    for (Step step : steps) {
      Operation operation = step.operation();
      size =
          size.max(
              mode == Mode.TRAINING
                  ? operation.scratch(kernels, input(step))
                  : operation.preparedScratch(kernels, input(step)));
    }
    return size;
  }

  /** Multiplications of all passes of {@code step} over a whole batch, padding counted. */
  public long multiplications(Step step) {
    return passes(step) * step.operation().multiplications(input(step));
  }

  /** Those of them that {@code kernels} execute, fewer or more. */
  public long executedMultiplications(Step step, Kernels kernels) {
    return passes(step) * step.operation().executedMultiplications(kernels, input(step));
  }

  /** Forward, and one each for the gradients of the parameters and of the first input if needed. */
  private static int passes(Step step) {
    return 1 + (step.hasParameterGradients() ? 1 : 0) + (step.hasInputGradient() ? 1 : 0);
  }

  /** The convolution by which the kernels compute {@code step}, if they do. */
  public Optional<ConvolutionShape> convolution(Step step) {
    Operation operation = step.operation();
    if (operation instanceof FusedAffine fused) {
      return Optional.of(fused.affine().shape(input(step)));
    }
    return operation instanceof Affine affine
        ? Optional.of(affine.shape(input(step)))
        : Optional.empty();
  }

  private Shape input(Step step) {
    return values.get(step.inputs().get(0)).shape();
  }

  /** Bytes that a {@link Workspace} of this plan holds. */
  public long workspaceBytes(Kernels kernels, int threads) {
    long floats = 0;
    for (int size : bufferSizes) {
      floats += Workers.ORIGIN + size;
    }
    for (Step step : steps) {
      int prepared = prepared(step, kernels);
      floats += prepared > 0 ? Workers.ORIGIN + prepared : 0;
    }
    if (mode == Mode.TRAINING) {
      floats += layout.trainableSize();
    }
    return floats * Float.BYTES + scratch(kernels).bytes(threads);
  }
}
