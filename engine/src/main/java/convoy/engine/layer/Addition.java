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
    Tensor dy = gradients.dy();
    List<Pass> passes = new ArrayList<>();
    for (int i = gradients.inputGradients().size() - 1; i >= 0; i--) {
      Backward.InputGradient input = gradients.inputGradients().get(i);
      Tensor dx = input.dx();
      if (input.accumulates()) {
        passes.add(sum(values, dx, dy, dx));
      } else if (input.isWanted() && !dx.equals(dy)) {
        int size = dy.size();
        passes.add(() -> System.arraycopy(dy.array(), dy.offset(), dx.array(), dx.offset(), size));
      }
    }
    return Pass.inOrder(passes);
  }

  private static Pass sum(Forward values, Tensor a, Tensor b, Tensor y) {
    return values
        .kernels()
        .addition(y.size(), a.operand(), b.operand(), y.operand(), values.workers());
  }
}
