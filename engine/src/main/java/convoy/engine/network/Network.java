package convoy.engine.network;

import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Workers;
import convoy.engine.layer.Backward;
import convoy.engine.layer.Forward;
import convoy.engine.random.RandomKey;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs a plan over its parameters: fill {@link #input}, call {@link #forward}, then, in training,
 * fill {@link #outputGradient} and call {@link #backward}.
 */
public final class Network {
  /** The views that the steps work on for one number of images. */
  private record Binding(
      Tensor input, Tensor output, Tensor outputGradient, List<BoundStep> steps) {}

  private record BoundStep(Plan.Step step, Forward values, Backward gradients) {}

  /** What a plan is given that draws nothing. */
  private static final RandomKey NO_KEY = new RandomKey(0);

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
    for (BoundStep step : binding(plan.batchSize()).steps()) {
      if (step.values().prepared().isPresent()) {
        step.step().operation().prepare(step.values());
      }
    }
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
    checkNothingIsRandom();
    return forward(images, NO_KEY);
  }

  /** Computes the scores; what a training step draws comes from {@code key}. */
  public Tensor forward(int images, RandomKey key) {
    Binding binding = binding(images);
    for (BoundStep step : binding.steps()) {
      forward(step, key);
    }
    return binding.output();
  }

  /** Computes what step {@code number} of the plan makes of {@code images} images. */
  void forward(int images, int number, RandomKey key) {
    forward(binding(images).steps().get(number), key);
  }

  /** The scores of {@code images} images, as the last step of the plan left them. */
  Tensor output(int images) {
    return binding(images).output();
  }

  private static void forward(BoundStep step, RandomKey key) {
    step.step().operation().forward(step.values(), own(step, key));
  }

  /** The key of the layer: steps that draw do so from numbers of their own. */
  private static RandomKey own(BoundStep step, RandomKey key) {
    boolean random = step.step().operation().isRandom();
    return random ? key.with(step.step().name().hashCode()) : key;
  }

  /** Where the gradient of the loss by the scores is to be put. */
  public Tensor outputGradient(int images) {
    checkTraining();
    return binding(images).outputGradient();
  }

  /**
   * Computes {@link #gradient} from the output gradient; call it after {@link #forward}.
   *
   * @throws IllegalStateException if the plan draws random numbers, which wants a key
   */
  public void backward(int images) {
    checkNothingIsRandom();
    backward(images, NO_KEY);
  }

  /** Computes {@link #gradient}, with the key of the forward pass. */
  public void backward(int images, RandomKey key) {
    checkTraining();
    List<BoundStep> steps = binding(images).steps();
    for (int i = steps.size() - 1; i >= 0; i--) {
      backward(steps.get(i), key);
    }
  }

  /** Computes the gradients of step {@code number} of the plan, if it has any. */
  void backward(int images, int number, RandomKey key) {
    checkTraining();
    backward(binding(images).steps().get(number), key);
  }

  private static void backward(BoundStep step, RandomKey key) {
    if (step.step().hasGradient()) {
      step.step().operation().backward(step.values(), step.gradients(), own(step, key));
    }
  }

  private void checkNothingIsRandom() {
    if (plan.isRandom()) {
      throw new IllegalStateException(
          "network " + plan.spec().name() + " has dropout: give each pass the key of the step");
    }
  }

  private void checkTraining() {
    if (plan.mode() != Plan.Mode.TRAINING) {
      throw new IllegalStateException("the plan is for inference, it has no backward pass");
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
    List<BoundStep> steps = new ArrayList<>();
    for (Plan.Step step : plan.steps()) {
      List<Tensor> inputs = step.inputs().stream().map(v -> value(v, images)).toList();
      Forward values =
          new Forward(
              workspace.kernels(),
              workspace.workers(),
              inputs,
              step.parameters().stream().map(p -> parameter(parameters.values(), p)).toList(),
              kept(step),
              workspace.prepared(step),
              value(step.output(), images));
      steps.add(new BoundStep(step, values, gradients(step, images)));
    }
    int output = plan.output();
    return new Binding(
        value(0, images),
        value(output, images),
        plan.mode() == Plan.Mode.TRAINING ? gradient(output, images) : value(output, images),
        List.copyOf(steps));
  }

  private Backward gradients(Plan.Step step, int images) {
    if (!step.hasGradient()) {
      return new Backward(value(step.output(), images), List.of(), List.of());
    }
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
