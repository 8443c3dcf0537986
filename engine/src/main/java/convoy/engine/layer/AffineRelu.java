package convoy.engine.layer;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.tensor.Shape;

/**
 * An {@link Affine} layer and the {@link Relu} after it in one pass over the output; a plan makes
 * it of the two. The bits are those of the two after each other.
 *
 * @param affine the layer before the ReLU
 */
public record AffineRelu(Affine affine) implements Operation {

  @Override
  public String kind() {
    return affine.kind() + "+relu";
  }

  @Override
  public long multiplications(Shape x) {
    return affine.multiplications(x);
  }

  @Override
  public long executedMultiplications(Kernels kernels, Shape x) {
    return affine.executedMultiplications(kernels, x);
  }

  @Override
  public ScratchSize scratch(Kernels kernels, Shape x) {
    return affine.scratch(kernels, x);
  }

  @Override
  public boolean backwardReadsInputs() {
    return affine.backwardReadsInputs();
  }

  @Override
  public boolean backwardReadsOutput() {
    return true;
  }

  @Override
  public void forward(Forward values) {
    affine.forward(values, true);
  }

  @Override
  public void backward(Forward values, Backward gradients) {
    affine.backward(values, gradients, true);
  }
}
