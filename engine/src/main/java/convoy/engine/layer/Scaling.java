package convoy.engine.layer;

import convoy.engine.kernel.Pass;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.List;

/**
 * Scaling of pixels, so that networks take images as they are stored, values 0 to 255: y[n,h,w,c] =
 * (x[n,h,w,c] - mean[c]) / deviation[c], computed as x * factor + shift in float.
 *
 * <p>It comes first in a network and has no gradient of its input.
 *
 * @param mean what is subtracted, one value for each channel, or one for all
 * @param deviation what it is divided by, not 0, one value for each channel, or one for all
 */
public record Scaling(List<Double> mean, List<Double> deviation) implements OperationLayer {

  public Scaling {
    mean = List.copyOf(mean);
    deviation = List.copyOf(deviation);
    if (mean.isEmpty() || deviation.isEmpty()) {
      throw new IllegalArgumentException("scaling: mean and deviation need at least one value");
    }
    for (double value : deviation) {
      float factor = (float) (1 / value);
      if (factor == 0 || !Float.isFinite(factor)) {
        throw new IllegalArgumentException(
            "scaling: deviation is " + value + ", wanted a number that a float can be divided by");
      }
    }
    for (double value : mean) {
      if (!Float.isFinite((float) value)) {
        throw new IllegalArgumentException("scaling: mean is " + value + ", wanted a number");
      }
    }
  }

  /** Division by {@code divisor}. */
  public static Scaling by(double divisor) {
    return new Scaling(List.of(0.0), List.of(divisor));
  }

  @Override
  public String kind() {
    return "scaling";
  }

  @Override
  public Shape outputShape(Shape x) {
    check("mean", mean, x);
    check("deviation", deviation, x);
    return x;
  }

  private static void check(String name, List<Double> values, Shape x) {
    if (values.size() != 1 && values.size() != x.c()) {
      throw new IllegalArgumentException(
          name
              + " has "
              + values.size()
              + " values, but the input is "
              + x.image()
              + ": wanted 1 or "
              + x.c());
    }
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
  public Pass forward(Forward values) {
    Tensor x = values.x();
    int c = x.shape().c();
    float[] factor = new float[c], shift = new float[c];
    for (int i = 0; i < c; i++) {
      double divisor = deviation.get(i % deviation.size());
      factor[i] = (float) (1 / divisor);
      shift[i] = (float) (-mean.get(i % mean.size()) / divisor);
    }
    return values
        .kernels()
        .scaling(
            x.shape().pixels(),
            c,
            x.operand(),
            factor,
            shift,
            values.y().operand(),
            values.workers());
  }

  @Override
  public Pass backward(Forward values, Backward gradients) {
    if (gradients.first().isWanted()) {
      throw new IllegalStateException("scaling has no gradient of its input: put it first");
    }
    return Pass.NONE;
  }
}
