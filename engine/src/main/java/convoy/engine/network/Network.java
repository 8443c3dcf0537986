package convoy.engine.network;

import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.Workers;
import convoy.engine.layer.Backward;
import convoy.engine.layer.Forward;
import convoy.engine.layer.Operation;
import convoy.engine.random.RandomKey;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a plan over its parameters: fill {@link #input}, call {@link #forward}, then, in training,
 * fill {@link #outputGradient} and call {@link #backward}.
 *
 * <p>What a pass over some number of images does is bound to the workspace's arrays when it is
 * first asked for, and kept: from then on passes over as many images allocate nothing.
 */
public final class Network {
  /**
   * What is bound for one number of images, each step in the place that it has in the plan.
   *
   * @param preparation the passes that prepare parameters
   */
  private record Binding(
      Tensor input,
      Tensor output,
      Tensor outputGradient,
      Pass preparation,
      Pass[] forward,
      Pass[] backward) {}

  private final Plan plan;
  private final Workspace workspace;
  private final Parameters parameters;
  private final Binding[] bindings;

  /**
   * The network of {@code workspace.plan()} with {@code parameters}, which it shares; see {@link
   * #prepare}.
   */
  public Network(Workspace workspace, Parameters parameters) {
    this.plan = workspace.plan();
    this.workspace = workspace;
    this.parameters = parameters;
    if (!plan.layout().entries().equals(parameters.layout().entries())) {
      throw new IllegalArgumentException(
          "the parameters are not those of network " + plan.spec().name());
    }
    bindings = new Binding[plan.batchSize() + 1];
    prepare();
  }

  /**
   * Prepares the parameters for the passes that follow. An inference network wants it when they
   * have changed since it was made: it packs weights once, not in each pass.
   */
  public void prepare() {
    binding(plan.batchSize()).preparation().run();
  }

  /** What the network runs. */
  public Plan plan() {
    return plan;
  }

  /** What the network runs on. */
  public Workspace workspace() {
    return workspace;
  }

  /** The parameters, shared with the caller. */
  public Parameters parameters() {
    return parameters;
  }

  /** The gradient of the trainable parameters, as the last {@link #backward} left it. */
  public float[] gradient() {
    return workspace.gradient();
  }

  /**
   * Where {@code images} images are to be put: pixel values 0 to 255 as floats.
   *
   * @throws IllegalArgumentException if {@code images} is not in [1, batch size]
   */
  public Tensor input(int images) {
    return binding(images).input();
  }

  /**
   * Computes the scores of the first {@code images} images of the input, (images, classes).
   *
   * @throws IllegalStateException if the plan draws random numbers, which wants a key
   */
  public Tensor forward(int images) {
    if (plan.isRandom()) {
      throw new IllegalStateException(
          "network " + plan.spec().name() + " has dropout: give each forward pass the step's key");
    }
    return forward(binding(images));
  }

  /**
   * Computes the scores; what layers draw, here and in the backward pass that follows, comes from
   * the key of {@code step} below {@code key}.
   */
  public Tensor forward(int images, RandomKey key, long step) {
    Binding binding = binding(images);
    workspace.key().set(key, step);
    return forward(binding);
  }

  private static Tensor forward(Binding binding) {
    for (Pass pass : binding.forward()) {
      pass.run();
    }
    return binding.output();
  }

  /** The forward passes of the plan's steps, in order. */
  List<Pass> forwardPasses(int images) {
    return List.of(binding(images).forward());
  }

  /** Where the last forward pass over {@code images} images left the scores. */
  public Tensor output(int images) {
    return binding(images).output();
  }

  /** Where the gradient of the loss by the scores is to be put. */
  public Tensor outputGradient(int images) {
    checkTraining();
    return binding(images).outputGradient();
  }

  /** Computes {@link #gradient} from the output gradient; call it after {@link #forward}. */
  public void backward(int images) {
    checkTraining();
    Pass[] passes = binding(images).backward();
    for (int i = passes.length - 1; i >= 0; i--) {
      passes[i].run();
    }
  }

  /** The backward passes of the plan's steps, in the order of the plan, not of the pass. */
  List<Pass> backwardPasses(int images) {
    checkTraining();
    return List.of(binding(images).backward());
  }

  private void checkTraining() {
    if (plan.mode() != Plan.Mode.TRAINING) {
      throw new IllegalStateException(
          "the plan is for " + plan.mode() + ", it has no backward pass");
    }
  }

  private Binding binding(int images) {
    if (images < 1 || images > plan.batchSize()) {
      throw new IllegalArgumentException(
          "got " + images + " images, wanted 1 to " + plan.batchSize());
    }
    if (bindings[images] == null) {
      bindings[images] = bind(images);
    }
    return bindings[images];
  }

  private Binding bind(int images) {
    List<Pass> preparation = new ArrayList<>();
    List<Pass> forward = new ArrayList<>();
    List<Pass> backward = new ArrayList<>();
    for (Plan.Step step : plan.steps()) {
      Operation operation = step.operation();
      Forward values = values(step, images);
      if (values.prepared().isPresent()) {
        preparation.add(operation.preparation(values));
      }
      forward.add(operation.forward(values));
      backward.add(
          step.hasGradient() ? operation.backward(values, gradients(step, images)) : Pass.NONE);
    }
    int output = plan.output();
    return new Binding(
        value(0, images),
        value(output, images),
        plan.mode() == Plan.Mode.TRAINING ? gradient(output, images) : value(output, images),
        Pass.inOrder(preparation),
        forward.toArray(new Pass[0]),
        backward.toArray(new Pass[0]));
  }

  private Forward values(Plan.Step step, int images) {
    return new Forward(
        workspace.kernels(),
        workspace.workers(),
        step.inputs().stream().map(v -> value(v, images)).toList(),
        step.parameters().stream().map(p -> parameter(parameters.values(), p)).toList(),
        kept(step),
        workspace.prepared(step),
        workspace.key().of(step.name().hashCode()),
        value(step.output(), images));
  }

  private Backward gradients(Plan.Step step, int images) {
    List<Backward.InputGradient> inputGradients = new ArrayList<>();
    for (int i = 0; i < step.inputs().size(); i++) {
      Backward.Mode mode = step.inputGradients().get(i);
      int input = step.inputs().get(i);
      boolean wanted = mode != Backward.Mode.UNWANTED;
      Tensor dx = wanted ? gradient(input, images) : value(input, images);
      inputGradients.add(new Backward.InputGradient(mode, dx));
    }
    return new Backward(
        gradient(step.output(), images),
        step.trained().stream().map(p -> parameter(workspace.gradient(), p)).toList(),
        List.copyOf(inputGradients));
  }

  private Operand kept(Plan.Step step) {
    return step.kept() == 0
        ? Operand.NONE
        : new Operand(workspace.buffer(plan.keptBuffer(step)), Workers.ORIGIN);
  }

  private Tensor value(int number, int images) {
    Plan.Value value = plan.values().get(number);
    return view(workspace.buffer(value.buffer()), value, images);
  }

  private Tensor gradient(int number, int images) {
    Plan.Value value = plan.values().get(number);
    return view(workspace.buffer(value.gradientBuffer()), value, images);
  }

  private static Tensor view(float[] buffer, Plan.Value value, int images) {
    Shape shape = value.shape().withImages(images);
    return new Tensor(buffer, Workers.ORIGIN + value.channel(), shape, value.pixelStride());
  }

  private Tensor parameter(float[] array, int number) {
    ParameterLayout.Entry entry = plan.layout().entries().get(number);
    return Tensor.dense(array, entry.offset(), Shape.flat(1, entry.size()));
  }
}
