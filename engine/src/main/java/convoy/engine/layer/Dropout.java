package convoy.engine.layer;

import convoy.engine.kernel.Pass;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;

/**
 * Inverted dropout: in training each value is set to 0 with a probability, and the others are
 * scaled so that the expectation stays; in evaluation nothing happens.
 *
 * <p>Shapes: x and y alike, any.
 *
 * <p>Forward: y[i] = x[i] m[i], m[i] = 0 where u[i] < rate, else 1 / (1 - rate), i counting all
 * values of the batch; u[i] is uniform in [0, 1), a hash of seed, epoch, shard, step, the layer's
 * name and i. Backward: dx[i] = dy[i] m[i], with the mask computed anew. Behind an activation, a of
 * layer l = x: delta of layer l = m s'(z) (transposed w of layer l + 1 times delta of layer l + 1),
 * product by product. Srivastava and others, "Dropout: A Simple Way to Prevent Neural Networks from
 * Overfitting", 2014, section 4, scaled in training instead of in evaluation (section 10).
 *
 * @param rate the share of values that become 0, 0 or more and below 1
 */
public record Dropout(double rate) implements OperationLayer {

  public Dropout {
    if (!(rate >= 0 && rate < 1)) {
      throw new IllegalArgumentException("rate is " + rate + ", wanted 0 or more and below 1");
    }
  }

  @Override
  public String kind() {
    return "dropout";
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
    return false;
  }

  @Override
  public boolean isRandom() {
    return true;
  }

  @Override
  public Pass forward(Forward values) {
    return masking(values, values.x(), false, values.y());
  }

  @Override
  public Pass backward(Forward values, Backward gradients) {
    Backward.InputGradient input = gradients.first();
    return input.isWanted()
        ? masking(values, gradients.dy(), input.accumulates(), input.dx())
        : Pass.NONE;
  }

  private Pass masking(Forward values, Tensor x, boolean accumulate, Tensor y) {
    return values
        .kernels()
        .dropout(
            x.size(), values.key(), rate, x.operand(), accumulate, y.operand(), values.workers());
  }
}
