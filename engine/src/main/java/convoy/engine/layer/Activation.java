package convoy.engine.layer;

import convoy.engine.kernel.ActivationFunction;
import convoy.engine.kernel.Pass;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.Locale;

/**
 * Sigmoid or hyperbolic tangent of each value, of any shape; NaN stays NaN.
 *
 * <p>Forward: a = s(z), of the z that the layer before it makes: sigmoid 1 / (1 + e^-z), or tanh z.
 *
 * <p>Backward: dz = da s'(z), computed from a alone: a (1 - a) for sigmoid, 1 - a^2 for tanh. So
 * delta of layer l, the derivative of the cost by z of layer l, is (transposed w of layer l + 1
 * times delta of layer l + 1) s'(z), product by product. Nielsen, "Neural Networks and Deep
 * Learning", 2015, chapter 2, equation BP2; Goodfellow, Bengio and Courville, "Deep Learning",
 * 2016, section 6.3.2.
 *
 * @param function s
 */
public record Activation(ActivationFunction function) implements OperationLayer {

  @Override
  public String kind() {
    return function.name().toLowerCase(Locale.ROOT);
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
        .activationForward(function, x.size(), x.operand(), values.y().operand(), values.workers());
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
        .activationBackward(
            function,
            y.size(),
            y.operand(),
            gradients.dy().operand(),
            input.accumulates(),
            input.dx().operand(),
            values.workers());
  }
}
