package convoy.engine.layer;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Workers;
import convoy.engine.tensor.Tensor;
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
  public void forward(Forward values) {
    List<Tensor> inputs = values.inputs();
    add(values.kernels(), inputs.get(0), inputs.get(1), values.y(), values.workers());
  }

  @Override
  public void backward(Forward values, Backward gradients) {
    Tensor dy = gradients.dy();
    List<Backward.InputGradient> inputs = gradients.inputGradients();
    for (int i = inputs.size() - 1; i >= 0; i--) {
      Backward.InputGradient input = inputs.get(i);
      if (input.accumulates()) {
        add(values.kernels(), input.dx(), dy, input.dx(), values.workers());
      } else if (input.isWanted() && !input.dx().equals(dy)) {
        Tensor dx = input.dx();
        System.arraycopy(dy.array(), dy.offset(), dx.array(), dx.offset(), dy.size());
      }
    }
  }

  private static void add(Kernels kernels, Tensor a, Tensor b, Tensor y, Workers workers) {
    kernels.add(
        y.size(), a.array(), a.offset(), b.array(), b.offset(), y.array(), y.offset(), workers);
  }
}
