package convoy.engine.layer;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.List;

/**
 * An {@link Affine} layer with the {@link Addition}, the {@link Relu} or both that follow it, in
 * one pass over the output; a plan makes it of them. The inputs are x and, where there is an
 * addition, the other summand: y = relu(affine(x) + summand). The bits are those of the operations
 * after each other.
 *
 * @param affine the first of them
 * @param addition whether a second input is added
 * @param relu whether a ReLU comes last
 */
public record FusedAffine(Affine affine, boolean addition, boolean relu) implements Operation {

  @Override
  public String kind() {
    return affine.kind() + (addition ? "+addition" : "") + (relu ? "+relu" : "");
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
  public boolean backwardReadsInput(int number) {
    return number == 0 && affine.backwardReadsInput(number);
  }

  @Override
  public boolean backwardReadsOutput() {
    return relu;
  }

  /** Not with an addition: its other summand has the pixel stride of the output. */
  @Override
  public boolean writesWithPixelStride() {
    return !addition && affine.writesWithPixelStride();
  }

  @Override
  public void forward(Forward values) {
    Operand summand = addition ? values.inputs().get(1).operand() : Operand.NONE;
    affine.forward(values, summand, relu);
  }

  @Override
  public boolean backwardPassesOn(int number) {
    return number == 1;
  }

  /**
   * With an addition, the gradient of the sum takes the place of dy; the affine layer then only
   * reads it, as it may be that of the other summand.
   */
  @Override
  public void backward(Forward values, Backward gradients) {
    if (!addition) {
      affine.backward(values, gradients, relu);
      return;
    }
    Tensor dy = gradients.dy();
    if (relu) {
      Backward.InputGradient sum = new Backward.InputGradient(Backward.Mode.OVERWRITE, dy);
      new Relu().backward(values, new Backward(dy, List.of(), List.of(sum)));
    }
    Backward.InputGradient summand = gradients.inputGradients().get(1);
    new Addition().backward(values, new Backward(dy, List.of(), List.of(summand)));
    affine.backward(values, gradients, false);
  }
}
