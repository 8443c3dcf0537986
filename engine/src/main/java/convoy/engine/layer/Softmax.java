package convoy.engine.layer;

import convoy.engine.kernel.Pass;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;

/**
 * Softmax over the channels: of the scores of a flat input, or of each pixel by itself.
 *
 * <p>Shapes: x (N, H, W, C), y the same; each y from 0 to 1, and the C of them sum to 1.
 *
 * <p>Forward: y[c] = e^(x[c] - m) / sum over i of e^(x[i] - m), m being the largest x, so that
 * nothing overflows; NaN, plus infinity and minus infinity alone make all C of them NaN, and where
 * x[c] is over 104 below m, y[c] is 0 in float. Backward: dx[c] = y[c] (dy[c] - sum over i of dy[i]
 * y[i]). With z of layer l = x and a = y: delta[c] of layer l = a[c] (dC/da[c] - sum over i of
 * dC/da[i] a[i]). Goodfellow, Bengio and Courville, "Deep Learning", 2016, section 6.2.2.3. The
 * loss {@code SoftmaxCrossEntropy} takes scores and needs none of these before it.
 */
public record Softmax() implements OperationLayer {

  @Override
  public String kind() {
    return "softmax";
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
    Shape shape = x.shape();
    return values
        .kernels()
        .softmaxForward(
            shape.pixels(), shape.c(), x.operand(), values.y().operand(), values.workers());
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
        .softmaxBackward(
            y.shape().pixels(),
            y.shape().c(),
            y.operand(),
            gradients.dy().operand(),
            input.accumulates(),
            input.dx().operand(),
            values.workers());
  }
}
