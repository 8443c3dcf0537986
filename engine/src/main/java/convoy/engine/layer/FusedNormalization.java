package convoy.engine.layer;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.tensor.Shape;
import java.util.List;

/**
 * A {@link BatchNormalization} with the {@link Addition}, the {@link Relu} or both that follow it,
 * in the same passes; a plan makes it of them. The inputs are x and, where there is an addition,
 * the other summand s: y = relu(normalisation(x) + s). The bits are those of the operations after
 * each other.
 *
 * <p>Backward: with z of layer l what the normalisation puts out, plus s, delta of layer l = dC/da
 * where z > 0, else 0, and delta = dC/da without a ReLU; dC/ds = delta; from this delta the other
 * gradients are those of {@link BatchNormalization}.
 *
 * @param layer the first of them
 * @param addition whether the second input is added
 * @param relu whether a ReLU comes last
 */
public record FusedNormalization(BatchNormalization layer, boolean addition, boolean relu)
    implements Operation {

  @Override
  public String kind() {
    return layer.kind() + (addition ? "+addition" : "") + (relu ? "+relu" : "");
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
    return number == 0;
  }

  /**
   * With an addition, since the other summand is not kept; without one, what the ReLU lets through
   * is cheaper to find again.
   */
  @Override
  public boolean backwardReadsOutput() {
    return addition && relu;
  }

  /** With an addition, the gradient of its other summand is dy. */
  @Override
  public boolean backwardPassesOn(int number) {
    return addition ? number == 1 : layer.backwardPassesOn(number);
  }

  /** Not with an addition: its other summand has the pixel stride of the output. */
  @Override
  public boolean writesWithPixelStride() {
    return !addition && layer.writesWithPixelStride();
  }

  @Override
  public Pass forward(Forward values) {
    Operand add = addition ? values.inputs().get(1).operand() : Operand.NONE;
    return layer.forward(values, add, relu);
  }

  @Override
  public Pass backward(Forward values, Backward gradients) {
    if (!addition) {
      return layer.backward(values, gradients, relu);
    }
    Operand relued = relu ? values.y().operand() : Operand.NONE;
    return Pass.inOrder(
        List.of(
            layer.parameterGradients(values, gradients, relued, false),
            Addition.backwardOfSummand(values, gradients, 1),
            layer.inputGradient(values, gradients, false)));
  }
}
