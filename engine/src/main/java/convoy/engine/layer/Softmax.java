package convoy.engine.layer;

import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;

/**
 * Softmax over the channels: of the scores of a flat input, or of each pixel by itself.
 *
 * <p>Shapes: x (N, H, W, C), y the same; each y > 0, and the C of them sum to 1.
 *
 * <p>Forward: y[c] = e^(x[c] - m) / sum over i of e^(x[i] - m), m being the largest x, so that
 * nothing overflows; NaN and plus infinity make all C of them NaN. Backward: dx[c] = y[c] (dy[c] -
 * sum over i of dy[i] y[i]). With z of layer l = x and a = y: delta[c] of layer l = a[c] (dC/da[c]
 * - sum over i of dC/da[i] a[i]). Goodfellow, Bengio and Courville, "Deep Learning", 2016, section
 * 6.2.2.3. The loss {@code SoftmaxCrossEntropy} takes scores and needs none of these before it.
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
  public void forward(Forward values) {
    Tensor x = values.x();
    Tensor y = values.y();
    Shape shape = x.shape();
    values
        .kernels()
        .softmaxForward(
            shape.pixels(),
            shape.c(),
            x.array(),
            x.offset(),
            y.array(),
            y.offset(),
            values.workers());
  }

  @Override
  public void backward(Forward values, Backward gradients) {
    if (gradients.first().isWanted()) {
      Tensor y = values.y();
      Tensor dy = gradients.dy();
      Tensor dx = gradients.first().dx();
      values
          .kernels()
          .softmaxBackward(
              y.shape().pixels(),
              y.shape().c(),
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
