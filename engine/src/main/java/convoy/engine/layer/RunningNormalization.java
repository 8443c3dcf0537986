package convoy.engine.layer;

import convoy.engine.kernel.Normalization;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.List;

/**
 * A {@link BatchNormalization} by its running mean and variance, in inference and where the layer
 * is frozen; with the {@link Relu} that follows it where a plan says so. It trains nothing: its
 * backward pass computes the gradient of the input alone.
 *
 * <p>Forward: z = w (x - running mean) / sqrt(running variance + epsilon) + b, with w = gamma and b
 * = beta, and a = z or max(z, 0). Backward: delta of layer l = dC/da, with a ReLU 0 where z is not
 * above 0; dC/dx = w delta / sqrt(running variance + epsilon).
 *
 * @param layer the batch normalisation
 * @param relu whether a ReLU comes last
 */
public record RunningNormalization(BatchNormalization layer, boolean relu) implements Operation {

  @Override
  public String kind() {
    return layer.kind() + (relu ? "+relu" : "");
  }

  /** The scale of each channel. */
  @Override
  public long kept(Shape x, boolean training) {
    return x.c();
  }

  @Override
  public boolean backwardReadsInput(int number) {
    return relu;
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
    Tensor x = values.x(), y = values.y();
    Pass normalization =
        values
            .kernels()
            .normalizationForward(
                BatchNormalization.shape(x, y),
                x.operand(),
                normalization(values),
                Operand.NONE,
                y.operand(),
                values.workers());
    return Pass.inOrder(List.of(() -> scale(values), normalization));
  }

  private void scale(Forward values) {
    Tensor gamma = values.parameters().get(0), variance = values.parameters().get(3);
    Operand scale = values.kept();
    for (int c = 0; c < values.x().shape().c(); c++) {
      scale.array()[scale.offset() + c] = (float) layer.scale(gamma, variance, c);
    }
  }

  private Normalization normalization(Forward values) {
    Operand mean = values.parameters().get(2).operand();
    return new Normalization(mean, values.kept(), values.parameters().get(1).operand(), relu);
  }

  @Override
  public Pass backward(Forward values, Backward gradients) {
    Backward.InputGradient input = gradients.first();
    if (!input.isWanted()) {
      return Pass.NONE;
    }
    Tensor x = values.x(), dy = gradients.dy();
    return values
        .kernels()
        .normalizationGradient(
            BatchNormalization.shape(x, dy),
            x.operand(),
            normalization(values),
            dy.operand(),
            Operand.NONE,
            input.accumulates(),
            input.dx().operand(),
            values.workers());
  }
}
