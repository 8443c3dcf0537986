package convoy.engine.layer;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.ResponseNormalization;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;

/**
 * Local response normalisation over neighbouring channels: Krizhevsky, Sutskever and Hinton,
 * "ImageNet Classification with Deep Convolutional Neural Networks", 2012, section 3.3, the
 * defaults theirs.
 *
 * <p>Shapes: x (N, H, W, C), y the same.
 *
 * <p>Forward: y[i] = x[i] s[i]^-beta with s[i] = k + alpha * sum of x[j]^2 over the channels j from
 * max(0, i - size / 2) to min(C - 1, i + size / 2), of each pixel by itself. Backward: dx[i] =
 * dy[i] s[i]^-beta - 2 alpha beta x[i] * sum of dy[j] y[j] / s[j] over the same j. With a of layer
 * l = x, dx is dC/da, and delta of layer l = dC/da s'(z).
 *
 * <p>alpha is not divided by the size, as in the paper and in TensorFlow; PyTorch, Caffe and cuDNN
 * divide it, so their alpha is {@code size} times this one, or {@code alphaDividedBySize} is set.
 *
 * @param size channels that are summed, odd
 * @param alpha factor of the sum, at least 0
 * @param beta exponent, above 0
 * @param k what is added to the sum, above 0
 * @param alphaDividedBySize whether alpha / size takes the place of alpha
 */
public record LocalResponseNormalization(
    int size, double alpha, double beta, double k, boolean alphaDividedBySize)
    implements OperationLayer {
  /** AlexNet's. */
  public static final LocalResponseNormalization DEFAULT =
      new LocalResponseNormalization(5, 1e-4, 0.75, 2, false);

  private static final int LARGEST = 1 << 16;

  public LocalResponseNormalization {
    if (size < 1 || size > LARGEST || size % 2 == 0) {
      throw new IllegalArgumentException(
          "size is " + size + ", wanted an odd number from 1 to " + LARGEST);
    }
    if (!(alpha >= 0) || !Float.isFinite((float) alpha)) {
      throw new IllegalArgumentException("alpha is " + alpha + ", wanted at least 0");
    }
    check("beta", beta);
    check("k", k);
  }

  private static void check(String name, double value) {
    if (!((float) value > 0) || !Float.isFinite((float) value)) {
      throw new IllegalArgumentException(name + " is " + value + ", wanted a number above 0");
    }
  }

  @Override
  public String kind() {
    return "localResponseNormalization";
  }

  @Override
  public Shape outputShape(Shape x) {
    return x;
  }

  private ResponseNormalization numbers() {
    double factor = alphaDividedBySize ? alpha / size : alpha;
    return new ResponseNormalization(size, (float) factor, (float) beta, (float) k);
  }

  @Override
  public ScratchSize scratch(Kernels kernels, Shape x) {
    return new ScratchSize(numbers().scratch(x.c()), 0);
  }

  @Override
  public boolean backwardReadsInput(int number) {
    return true;
  }

  @Override
  public boolean backwardReadsOutput() {
    return false;
  }

  @Override
  public Pass forward(Forward values) {
    Tensor x = values.x();
    return values
        .kernels()
        .responseNormalizationForward(
            numbers(),
            x.shape().pixels(),
            x.shape().c(),
            x.operand(),
            values.y().operand(),
            values.workers());
  }

  @Override
  public Pass backward(Forward values, Backward gradients) {
    Backward.InputGradient input = gradients.first();
    if (!input.isWanted()) {
      return Pass.NONE;
    }
    Tensor x = values.x();
    return values
        .kernels()
        .responseNormalizationBackward(
            numbers(),
            x.shape().pixels(),
            x.shape().c(),
            x.operand(),
            gradients.dy().operand(),
            input.accumulates(),
            input.dx().operand(),
            values.workers());
  }
}
