package convoy.engine.layer;

import convoy.engine.kernel.Epilogue;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.List;

/**
 * An {@link Affine} layer with the {@link Addition}, the {@link Relu} or both that follow it, in
 * one pass over the output; a plan makes it of them. The inputs are x and, where there is an
 * addition, the other summand s: y = relu(affine(x) + s) or y = relu(affine(x)) + s. The bits are
 * those of the operations after each other.
 *
 * <p>Backward: with z of layer l = affine(x), plus s where that comes before the ReLU, and delta of
 * layer l = dC/dz: delta = dC/da where z > 0, else 0, and delta = dC/da without a ReLU; dC/ds =
 * delta where s is added before the ReLU, dC/da where after it; then the gradients of x, w and b
 * are those of the affine layer from delta.
 *
 * @param affine the first of them
 * @param summand where the second input is added
 * @param relu whether there is a ReLU
 */
public record FusedAffine(Affine affine, Summand summand, boolean relu) implements Operation {
  /** The place of the addition. */
  public enum Summand {
    /** There is none. */
    NONE,
    /** It comes before the ReLU, or there is no ReLU. */
    BEFORE_RELU,
    /** It comes after the ReLU, whose output is kept for the backward pass. */
    AFTER_RELU
  }

  @Override
  public String kind() {
    return switch (summand) {
      case NONE -> affine.kind() + (relu ? "+relu" : "");
      case BEFORE_RELU -> affine.kind() + "+addition" + (relu ? "+relu" : "");
      case AFTER_RELU -> affine.kind() + "+relu+addition";
    };
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
  public ScratchSize preparedScratch(Kernels kernels, Shape x) {
    return affine.preparedScratch(kernels, x);
  }

  @Override
  public long kept(Shape x, boolean training) {
    return training && summand == Summand.AFTER_RELU ? affine.outputShape(x).size() : 0;
  }

  @Override
  public int prepared(Kernels kernels, Shape x) {
    return affine.prepared(kernels, x);
  }

  @Override
  public Pass preparation(Forward values) {
    return affine.preparation(values);
  }

  @Override
  public boolean backwardReadsInput(int number) {
    return number == 0 && affine.backwardReadsInput(number);
  }

  @Override
  public boolean inputGradientReadsInput(int number) {
    return false;
  }

  @Override
  public boolean backwardReadsOutput() {
    return relu && summand != Summand.AFTER_RELU;
  }

  /** Not with an addition: its other summand has the pixel stride of the output. */
  @Override
  public boolean writesWithPixelStride() {
    return summand == Summand.NONE && affine.writesWithPixelStride();
  }

  @Override
  public Pass forward(Forward values) {
    Operand none = Operand.NONE;
    Operand other = summand == Summand.NONE ? none : values.inputs().get(1).operand();
    return affine.forward(
        values,
        summand == Summand.AFTER_RELU
            ? new Epilogue(none, none, relu, values.kept(), other)
            : new Epilogue(none, other, relu, none, none));
  }

  @Override
  public boolean backwardPassesOn(int number) {
    return number == 1;
  }

  /**
   * The gradient of the other summand may take the place of dy: where the ReLU comes last, what
   * counts of it is left there by the affine layer, which otherwise only reads it.
   */
  @Override
  public Pass backward(Forward values, Backward gradients) {
    Operand relued = relu ? values.y().operand() : Operand.NONE;
    if (summand == Summand.NONE) {
      return affine.backward(values, gradients, relued, false);
    }
    Pass ofSummand = Addition.backwardOfSummand(values, gradients, 1);
    if (summand == Summand.AFTER_RELU) {
      Pass ofAffine = affine.backward(values, gradients, values.kept(), false);
      return Pass.inOrder(List.of(ofSummand, ofAffine));
    }
    if (relu && !haveOneGradient(gradients)) {
      return Pass.inOrder(List.of(affine.backward(values, gradients, relued, true), ofSummand));
    }
    Pass ofRelu = relu ? backwardOfRelu(values, gradients.dy()) : Pass.NONE;
    return Pass.inOrder(List.of(ofRelu, ofSummand, affine.backward(values, gradients)));
  }

  /**
   * Whether both inputs are one value: then the summand's part of its gradient comes first. Of
   * others it may come last, when the affine layer has left in dy what counts.
   */
  private static boolean haveOneGradient(Backward gradients) {
    Backward.InputGradient x = gradients.first(), s = gradients.inputGradients().get(1);
    boolean wanted = x.isWanted() && s.isWanted();
    return wanted && x.dx().array() == s.dx().array() && x.dx().offset() == s.dx().offset();
  }

  private static Pass backwardOfRelu(Forward values, Tensor dy) {
    Backward.InputGradient sum = new Backward.InputGradient(Backward.Mode.OVERWRITE, dy);
    return new Relu().backward(values, new Backward(dy, List.of(), List.of(sum)));
  }
}
