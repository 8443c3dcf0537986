package convoy.engine.layer;

import convoy.engine.kernel.Pass;
import convoy.engine.tensor.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * The sum of two inputs of one shape, the end of a {@link Residual}: y = a + b, da = db = dy. So
 * the layers that make a and b receive the same dC/da.
 */
public record Addition() implements Operation {

  @Override
  public String kind() {
    return "addition";
  }

  @Override
  public boolean backwardReadsInput(int number) {
    return false;
  }

  @Override
  public boolean backwardReadsOutput() {
    return false;
  }

  @Override
  public boolean backwardPassesOn(int number) {
    return number == 0;
  }

  @Override
  public Pass forward(Forward values) {
    List<Tensor> inputs = values.inputs();
    return sum(values, inputs.get(0), inputs.get(1), values.y());
  }

  @Override
  public Pass backward(Forward values, Backward gradients) {
    List<Pass> passes = new ArrayList<>();
    for (int i = gradients.inputGradients().size() - 1; i >= 0; i--) {
      passes.add(backwardOfSummand(values, gradients, i));
    }
    return Pass.inOrder(passes);
  }

  /** The pass that computes the gradient of input {@code number} alone. */
  static Pass backwardOfSummand(Forward values, Backward gradients, int number) {
    Backward.InputGradient input = gradients.inputGradients().get(number);
    Tensor dx = input.dx(), dy = gradients.dy();
    if (input.accumulates()) {
      return sum(values, dx, dy, dx);
    }
    if (!input.isWanted() || dx.equals(dy)) {
      return Pass.NONE;
    }
    int size = dy.size();
    return () -> System.arraycopy(dy.array(), dy.offset(), dx.array(), dx.offset(), size);
  }

  private static Pass sum(Forward values, Tensor a, Tensor b, Tensor y) {
    return values
        .kernels()
        .addition(y.size(), a.operand(), b.operand(), y.operand(), values.workers());
  }
}
