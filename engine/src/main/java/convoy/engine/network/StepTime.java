package convoy.engine.network;

/**
 * How long one part of a training step takes: a step of the plan, or what stands beside the plan.
 *
 * @param name of the plan's step, or of the part
 * @param operation what it computes: "convolution+relu"
 * @param forwardMillis of its forward pass; of a part, what it does up to the loss
 * @param backwardMillis of its backward pass; of a part, what it does after the loss
 * @param multiplications of both passes over the batch, as {@link Plan#multiplications} counts them
 */
public record StepTime(
    String name,
    String operation,
    double forwardMillis,
    double backwardMillis,
    long multiplications) {

  /** Of both passes. */
  public double millis() {
    return forwardMillis + backwardMillis;
  }

  /** Billions of floating-point operations a second, two for each multiplication. */
  public double gigaflops() {
    return 2e-6 * multiplications / millis();
  }
}
