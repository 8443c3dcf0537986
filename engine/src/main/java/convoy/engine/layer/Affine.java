package convoy.engine.layer;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Epilogue;
import convoy.engine.tensor.Tensor;
import java.util.List;

/**
 * An operation of weights and an optional bias that the convolution kernels compute, so that a
 * following ReLU can be part of it.
 */
public sealed interface Affine extends Operation permits Convolution, Dense {

  /** The convolution that leads from {@code x} to {@code y}. */
  ConvolutionShape shape(Tensor x, Tensor y);

  /** Computes y, and its ReLU where {@code relu}. */
  default void forward(Forward values, boolean relu) {
    Tensor x = values.x();
    Tensor y = values.y();
    Tensor w = values.parameters().get(0);
    values
        .kernels()
        .convolutionForward(
            shape(x, y),
            x.shape().n(),
            x.array(),
            x.offset(),
            w.array(),
            w.offset(),
            epilogue(values.parameters(), relu),
            y.array(),
            y.offset(),
            values.workers());
  }

  @Override
  default void forward(Forward values) {
    forward(values, false);
  }

  @Override
  default void backward(Forward values, Backward gradients) {
    Tensor x = values.x();
    Tensor dy = gradients.dy();
    ConvolutionShape shape = shape(x, dy);
    int n = x.shape().n();
    if (!gradients.parameterGradients().isEmpty()) {
      Tensor dw = gradients.parameterGradients().get(0);
      values
          .kernels()
          .convolutionBackwardWeights(
              shape,
              n,
              x.array(),
              x.offset(),
              dy.array(),
              dy.offset(),
              dw.array(),
              dw.offset(),
              values.workers());
    }
    if (gradients.parameterGradients().size() == 2) {
      Tensor db = gradients.parameterGradients().get(1);
      values
          .kernels()
          .biasGradient(
              dy.shape().pixels(),
              dy.shape().c(),
              dy.array(),
              dy.offset(),
              dy.pixelStride(),
              db.array(),
              db.offset(),
              values.workers());
    }
    if (gradients.first().isWanted()) {
      Tensor w = values.parameters().get(0);
      Tensor dx = gradients.first().dx();
      values
          .kernels()
          .convolutionBackwardData(
              shape,
              n,
              dy.array(),
              dy.offset(),
              w.array(),
              w.offset(),
              gradients.first().accumulates(),
              dx.array(),
              dx.offset(),
              values.workers());
    }
  }

  @Override
  default boolean backwardReadsInputs() {
    return true;
  }

  @Override
  default boolean backwardReadsOutput() {
    return false;
  }

  private static Epilogue epilogue(List<Tensor> parameters, boolean relu) {
    if (parameters.size() == 2) {
      return new Epilogue(parameters.get(1).array(), parameters.get(1).offset(), relu);
    }
    return new Epilogue(null, 0, relu);
  }

  /** The spec of a bias of {@code size} values. */
  static ParameterSpec biasSpec(int size) {
    return new ParameterSpec("bias", List.of(size), new Initializer.Zeros());
  }
}
