package convoy.engine.network;

import convoy.engine.kernel.Kernels;

/**
 * The bytes of the arrays that one replica trains in.
 *
 * @param workspaceBytes activations, gradients and scratch memory
 * @param parameterBytes the parameters
 * @param optimizerBytes what the optimizer carries from step to step
 */
public record TrainingMemory(long workspaceBytes, long parameterBytes, long optimizerBytes) {

  /**
   * That of {@code plan}, which is for training, run by {@code kernels} on {@code threads} threads.
   *
   * @param slots arrays that the optimizer carries, each as long as the trainable parameters
   */
  public static TrainingMemory of(Plan plan, Kernels kernels, int threads, int slots) {
    ParameterLayout layout = plan.layout();
    return new TrainingMemory(
        plan.workspaceBytes(kernels, threads),
        (long) layout.size() * Float.BYTES,
        (long) slots * layout.trainableSize() * Float.BYTES);
  }

  /** All of them. */
  public long totalBytes() {
    return workspaceBytes + parameterBytes + optimizerBytes;
  }
}
