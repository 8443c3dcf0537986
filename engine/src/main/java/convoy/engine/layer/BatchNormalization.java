package convoy.engine.layer;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Normalization;
import convoy.engine.kernel.NormalizationShape;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.List;

/**
 * Batch normalisation: each channel gets mean 0 and variance 1 over the pixels of the batch, then a
 * scale and a shift that are trained.
 *
 * <p>Shapes: x and y (N, H, W, C) or (N, C), gamma, beta, running mean and running variance (C).
 * With m = N H W and all sums over the pixels i of the batch, channel by channel:
 *
 * <p>Forward in training: mean = sum of x[i] / m; variance = sum of (x[i] - mean)^2 / m; xhat[i] =
 * (x[i] - mean) / sqrt(variance + epsilon); y[i] = gamma xhat[i] + beta. Then running mean =
 * momentum * running mean + (1 - momentum) * mean, and the running variance alike, with variance m
 * / (m - 1) in the place of variance where {@code unbiasedVariance} and m > 1. In inference, and
 * where the layer is frozen, the running mean and variance stand for those of the batch, and
 * nothing is measured.
 *
 * <p>Backward in training: dgamma = sum of dy[i] xhat[i]; dbeta = sum of dy[i]; dx[i] = gamma /
 * sqrt(variance + epsilon) * (dy[i] - dbeta / m - xhat[i] dgamma / m). Where the layer is frozen:
 * dx[i] = gamma / sqrt(variance + epsilon) * dy[i]. With z of layer l = y, w = gamma, b = beta and
 * delta of layer l = dy: dC/dw = sum of delta[i] xhat[i], dC/db = sum of delta[i], and of the
 * activations a[i] of layer l - 1 = x[i]: dC/da[i] = w / sqrt(variance + epsilon) * (delta[i] -
 * mean of delta - xhat[i] * mean of delta xhat).
 *
 * <p>Ioffe and Szegedy, "Batch Normalization: Accelerating Deep Network Training by Reducing
 * Internal Covariate Shift", 2015, algorithms 1 and 2 and section 3. The defaults are Keras'; the
 * paper and PyTorch take the unbiased running variance, and PyTorch's momentum is 1 - momentum.
 *
 * @param epsilon added to the variance, a finite number above 0; default 0.001
 * @param momentum what is kept of the running mean and variance, from 0 to 1; default 0.99
 * @param unbiasedVariance whether the running variance goes by that of the batch divided by m - 1
 *     rather than m; default false. Each batch is normalised by the biased one all the same
 */
public record BatchNormalization(double epsilon, double momentum, boolean unbiasedVariance)
    implements OperationLayer {
  /** With all settings at their default. */
  public static final BatchNormalization DEFAULT = new BatchNormalization(0.001, 0.99, false);

  public BatchNormalization {
    if (!((float) epsilon > 0 && Float.isFinite((float) epsilon))) {
      throw new IllegalArgumentException(
          "epsilon is " + epsilon + ", wanted a number above 0 that a float can hold");
    }
    if (!(momentum >= 0 && momentum <= 1)) {
      throw new IllegalArgumentException("momentum is " + momentum + ", wanted 0 to 1");
    }
  }

  @Override
  public String kind() {
    return "batchNormalization";
  }

  @Override
  public Shape outputShape(Shape x) {
    return x;
  }

  @Override
  public List<ParameterSpec> parameters(Shape x) {
    List<Integer> channels = List.of(x.c());
    return List.of(
        new ParameterSpec("gamma", channels, new Initializer.Ones()),
        new ParameterSpec("beta", channels, new Initializer.Zeros()));
  }

  @Override
  public List<ParameterSpec> statistics(Shape x) {
    List<Integer> channels = List.of(x.c());
    return List.of(
        new ParameterSpec("runningMean", channels, new Initializer.Zeros()),
        new ParameterSpec("runningVariance", channels, new Initializer.Ones()));
  }

  @Override
  public Operation evaluated() {
    return new RunningNormalization(this, false);
  }

  @Override
  public Operation measured() {
    return new BatchNormalization(epsilon, 0, false);
  }

  @Override
  public ScratchSize scratch(Kernels kernels, Shape x) {
    return kernels.scratch(new NormalizationShape(x.pixels(), x.c(), x.c(), x.c()));
  }

  /** For each channel its mean, 1 / deviation, and scale, and two sums of the backward pass. */
  @Override
  public long kept(Shape x, boolean training) {
    return 5L * x.c();
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
  public boolean backwardPassesOn(int number) {
    return true;
  }

  @Override
  public boolean writesWithPixelStride() {
    return true;
  }

  @Override
  public Pass forward(Forward values) {
    return forward(values, Operand.NONE, false);
  }

  /**
   * The pass that computes y, plus {@code add} if it is there, or the ReLU of this, and moves the
   * running mean and variance.
   */
  Pass forward(Forward values, Operand add, boolean relu) {
    Tensor x = values.x();
    NormalizationShape shape = shape(x, values.y());
    Operand in = x.operand();
    Pass moments = values.kernels().moments(shape, in, values.kept(), values.workers());
    Pass normalization =
        values
            .kernels()
            .normalizationForward(
                shape,
                in,
                normalization(values, relu),
                add,
                values.y().operand(),
                values.workers());
    return Pass.inOrder(List.of(moments, () -> finishMoments(values), normalization));
  }

  /** Moves the running statistics; of the variances remain 1 / deviation, and behind it scale. */
  private void finishMoments(Forward values) {
    Operand kept = values.kept();
    float[] array = kept.array();
    int C = values.x().shape().c();
    Tensor gamma = values.parameters().get(0);
    Tensor runningMean = values.parameters().get(2), runningVariance = values.parameters().get(3);
    double correction = correction(values.x().shape().pixels());
    for (int c = 0; c < C; c++) {
      int mean = kept.offset() + c, variance = mean + C, scale = variance + C;
      runningMean.array()[runningMean.offset() + c] =
          moved(runningMean.array()[runningMean.offset() + c], array[mean]);
      runningVariance.array()[runningVariance.offset() + c] =
          moved(
              runningVariance.array()[runningVariance.offset() + c], correction * array[variance]);
      double deviation = Math.sqrt(array[variance] + epsilon);
      array[variance] = (float) (1 / deviation);
      array[scale] = (float) (gamma.array()[gamma.offset() + c] / deviation);
    }
  }

  /** What channel {@code c} is multiplied by. */
  double scale(Tensor gamma, Tensor variance, int c) {
    double deviation = Math.sqrt(variance.array()[variance.offset() + c] + epsilon);
    return gamma.array()[gamma.offset() + c] / deviation;
  }

  /** What the running variance takes of a variance over {@code m} pixels. */
  private double correction(long m) {
    return unbiasedVariance && m > 1 ? m / (m - 1.0) : 1;
  }

  private float moved(float running, double batch) {
    return (float) (momentum * running + (1 - momentum) * batch);
  }

  /** That of the batch, as the forward pass has left it. */
  private static Normalization normalization(Forward values, boolean relu) {
    Operand kept = values.kept();
    Operand scale = new Operand(kept.array(), kept.offset() + 2 * values.x().shape().c());
    return new Normalization(kept, scale, values.parameters().get(1).operand(), relu);
  }

  static NormalizationShape shape(Tensor x, Tensor y) {
    Shape sizes = x.shape();
    return new NormalizationShape(sizes.pixels(), sizes.c(), x.pixelStride(), y.pixelStride());
  }

  @Override
  public Pass backward(Forward values, Backward gradients) {
    return backward(values, gradients, false);
  }

  /** The pass that computes the gradients; dy is that of the ReLU's output where {@code relu}. */
  Pass backward(Forward values, Backward gradients, boolean relu) {
    return Pass.inOrder(
        List.of(
            parameterGradients(values, gradients, Operand.NONE, relu),
            inputGradient(values, gradients, relu)));
  }

  /**
   * The pass that computes the gradients of gamma and beta, and the slopes of dx. Where there is a
   * {@code relued} output, of a ReLU behind an addition, dy is its gradient, and that of the sum
   * afterwards.
   */
  Pass parameterGradients(Forward values, Backward gradients, Operand relued, boolean relu) {
    Tensor x = values.x(), dy = gradients.dy();
    NormalizationShape shape = shape(x, dy);
    Operand sums = sums(values);
    Pass summing =
        values
            .kernels()
            .normalizationSums(
                shape,
                x.operand(),
                normalization(values, relu),
                relued,
                dy.operand(),
                sums,
                values.workers());
    return Pass.inOrder(List.of(summing, () -> finishSums(values, sums, shape, gradients)));
  }

  /** Where the sums of the backward pass go, and the slopes that become of them. */
  private static Operand sums(Forward values) {
    Operand kept = values.kept();
    return new Operand(kept.array(), kept.offset() + 3 * values.x().shape().c());
  }

  /** The pass that computes the gradient of the input, behind {@link #parameterGradients}. */
  Pass inputGradient(Forward values, Backward gradients, boolean relu) {
    Tensor x = values.x(), dy = gradients.dy();
    Backward.InputGradient input = gradients.first();
    return input.isWanted()
        ? values
            .kernels()
            .normalizationGradient(
                shape(x, dy),
                x.operand(),
                normalization(values, relu),
                dy.operand(),
                sums(values),
                input.accumulates(),
                input.dx().operand(),
                values.workers())
        : Pass.NONE;
  }

  /** Writes the gradients of gamma and beta; of the sums remain the slopes of dx. */
  private static void finishSums(
      Forward values, Operand sums, NormalizationShape shape, Backward gradients) {
    float[] kept = values.kept().array();
    int C = shape.c();
    Tensor dgamma = gradients.parameterGradients().get(0);
    Tensor dbeta = gradients.parameterGradients().get(1);
    for (int c = 0; c < C; c++) {
      int sum = sums.offset() + c, products = sum + C;
      double inverse = kept[values.kept().offset() + C + c];
      dbeta.array()[dbeta.offset() + c] = kept[sum];
      dgamma.array()[dgamma.offset() + c] = (float) (kept[products] * inverse);
      kept[sum] = (float) ((double) kept[sum] / shape.pixels());
      kept[products] = (float) (kept[products] * inverse * inverse / shape.pixels());
    }
  }
}
