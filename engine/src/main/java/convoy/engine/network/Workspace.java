package convoy.engine.network;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Workers;
import convoy.engine.random.StepKey;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * The memory and the threads that one plan runs on: a buffer for each that the plan counts, the
 * gradient of the trainable parameters or, for inference, what steps prepare of their parameters,
 * scratch memory, and the key of what the current step draws. To be closed, which ends the threads.
 */
public final class Workspace implements AutoCloseable {
  private final Plan plan;
  private final Kernels kernels;
  private final float[][] buffers;
  private final Map<Plan.Step, Operand> prepared = new IdentityHashMap<>();
  private final float[] gradient;
  private final Workers workers;
  private final StepKey key = new StepKey();

  /** Allocates what {@code plan} needs to run with {@code kernels} on {@code threads} threads. */
  public Workspace(Plan plan, Kernels kernels, int threads) {
    this.plan = plan;
    this.kernels = kernels;
    List<Integer> sizes = plan.bufferSizes();
    buffers = new float[sizes.size()][];
    for (int i = 0; i < buffers.length; i++) {
      buffers[i] = new float[Workers.ORIGIN + sizes.get(i)];
    }
    for (Plan.Step step : plan.steps()) {
      int size = plan.prepared(step, kernels);
      if (size > 0) {
        prepared.put(step, new Operand(new float[Workers.ORIGIN + size], Workers.ORIGIN));
      }
    }
    boolean training = plan.mode() == Plan.Mode.TRAINING;
    gradient = new float[training ? plan.layout().trainableSize() : 0];
    workers = new Workers(threads, plan.scratch(kernels));
  }

  /** What the workspace was made for. */
  public Plan plan() {
    return plan;
  }

  /** The arithmetic that the workspace was made for. */
  public Kernels kernels() {
    return kernels;
  }

  float[] buffer(int number) {
    return buffers[number];
  }

  /** Where {@code step} prepares its parameters, or none. */
  Operand prepared(Plan.Step step) {
    return prepared.getOrDefault(step, Operand.NONE);
  }

  float[] gradient() {
    return gradient;
  }

  /** What dropout draws from in the current step. */
  StepKey key() {
    return key;
  }

  /** The threads and the scratch memory. */
  public Workers workers() {
    return workers;
  }

  /** Ends the threads. */
  @Override
  public void close() {
    workers.close();
  }
}
