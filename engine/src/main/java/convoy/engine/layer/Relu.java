package convoy.engine.layer;

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
  public void forward(Forward values) {
    Tensor x = values.x();
    Tensor y = values.y();
    values
        .kernels()
        .reluForward(x.size(), x.array(), x.offset(), y.array(), y.offset(), values.workers());
  }

  @Override
  public void backward(Forward values, Backward gradients) {
    if (gradients.first().isWanted()) {
      Tensor y = values.y();
      Tensor dy = gradients.dy();
      Tensor dx = gradients.first().dx();
      values
          .kernels()
          .reluBackward(
              y.size(),
              y.array(),
              y.offset(),
              dy.array(),
              dy.offset(),
              gradients.first().accumulates(),
              dx.array(),
              dx.offset(),
              values.workers());
    }
  }
}
