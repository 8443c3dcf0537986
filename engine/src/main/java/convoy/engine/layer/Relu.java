package convoy.engine.layer;

import convoy.engine.kernel.Pass;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;

/**
 * Rectified linear unit: y = max(x, 0), of any shape; NaN stays NaN.
 *
 * <p>Backward: dx = dy where y > 0, else 0 (at x = 0 the derivative is taken as 0). With z of layer
 * l = x and a = y: delta of layer l = dC/da s'(z), s'(z) being 1 where z > 0, else 0. Nair and
 * Hinton, "Rectified Linear Units Improve Restricted Boltzmann Machines", 2010.
 */
public record Relu() implements OperationLayer {

  @Override
  public String kind() {
    return "relu";
  }

  @Override
  public Shape outputShape(Shape x) {
    return x;
  }

  @Override
  public boolean backwardReadsInput(int number) {
    return false;
  }

  @Override
  public boolean backwardReadsOutput() {
    return true;
  }

  @Override
  public Pass forward(Forward values) {
    Tensor x = values.x();
    return values
        .kernels()
        .reluForward(x.size(), x.operand(), values.y().operand(), values.workers());
  }

  @Override
  public Pass backward(Forward values, Backward gradients) {
    Backward.InputGradient input = gradients.first();
    if (!input.isWanted()) {
      return Pass.NONE;
    }
    Tensor y = values.y();
    return values
        .kernels()
        .reluBackward(
            y.size(),
            y.operand(),
            gradients.dy().operand(),
            input.accumulates(),
            input.dx().operand(),
            values.workers());
  }
}
