package convoy.engine.layer;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.tensor.Shape;

/**
 * A {@link BatchNormalization} with the {@link Relu} that follows it, in the same passes; a plan
 * makes it of them. The bits are those of the operations after each other.
 *
 * <p>Backward: with z of layer l what the normalisation puts out, delta of layer l = dC/da where z
 * > 0, else 0; from this delta the gradients are those of {@link BatchNormalization}.
 *
 * @param layer the first of them
 */
public record FusedNormalization(BatchNormalization layer) implements Operation {

  @Override
  public String kind() {
    return layer.kind() + "+relu";
  }

  @Override
  public ScratchSize scratch(Kernels kernels, Shape x) {
    return layer.scratch(kernels, x);
  }

  @Override
  public long kept(Shape x, boolean training) {
    return layer.kept(x, training);
  }

  @Override
  public boolean backwardReadsInput(int number) {
    return layer.backwardReadsInput(number);
  }

  @Override
  public boolean backwardReadsOutput() {
    return layer.backwardReadsOutput();
  }

  @Override
  public boolean backwardPassesOn(int number) {
    return layer.backwardPassesOn(number);
  }

  @Override
  public boolean writesWithPixelStride() {
    return layer.writesWithPixelStride();
  }

  @Override
  public Pass forward(Forward values) {
    return layer.forward(values, true);
  }

  @Override
  public Pass backward(Forward values, Backward gradients) {
    return layer.backward(values, gradients, true);
  }
}
