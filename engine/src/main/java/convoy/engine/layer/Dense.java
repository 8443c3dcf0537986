package convoy.engine.layer;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.List;

/**
 * A fully connected layer.
 *
 * <p>Shapes: x (N, C), y (N, K), weights w (C, K), bias b (K).
 *
 * <p>Forward: y = x w + b. Backward: dw = x^T dy; db = sum over n of dy[n]; dx = dy w^T. With a of
 * layer l - 1 = x, z of layer l = y and delta of layer l = dy: dC/dw = transposed a of layer l - 1
 * times delta, dC/db = delta, summed over the images, and dC/da of layer l - 1 = delta times
 * transposed w. Goodfellow, Bengio and Courville, "Deep Learning", 2016, algorithms 6.3 and 6.4;
 * Nielsen, "Neural Networks and Deep Learning", 2015, chapter 2, equations BP2 to BP4. It is the
 * 1x1 convolution of a one-pixel image, and computed so.
 *
 * @param units K
 * @param bias whether there is a bias
 * @param initializer of the weights; a bias is 0 at first
 */
public record Dense(int units, boolean bias, Initialization initializer)
    implements OperationLayer, Affine {

  public Dense {
    if (units < 1) {
      throw new IllegalArgumentException("dense: got " + units + " units, wanted at least 1");
    }
  }

  /** With weights initialized by default. */
  public Dense(int units, boolean bias) {
    this(units, bias, Initialization.GLOROT_UNIFORM);
  }

  @Override
  public String kind() {
    return "dense";
  }

  @Override
  public Shape outputShape(Shape x) {
    if (!x.isFlat()) {
      throw new IllegalArgumentException(
          "the input is " + x.image() + ", wanted a flat one: put a flatten before it");
    }
    return Shape.flat(x.n(), units);
  }

  @Override
  public List<ParameterSpec> parameters(Shape x) {
    ParameterSpec weights =
        new ParameterSpec("weights", List.of(x.c(), units), initializer.initializer(x.c(), units));
    return bias ? List.of(weights, Affine.biasSpec(units)) : List.of(weights);
  }

  @Override
  public long multiplications(Shape x) {
    return (long) x.n() * x.c() * units;
  }

  @Override
  public long executedMultiplications(Kernels kernels, Shape x) {
    return x.n() * kernels.executedMultiplications(shape(x));
  }

  @Override
  public ScratchSize scratch(Kernels kernels, Shape x) {
    return kernels.scratch(shape(x));
  }

  @Override
  public ConvolutionShape shape(Shape x) {
    return ConvolutionShape.dense(x.c(), units);
  }

  @Override
  public ConvolutionShape shape(Tensor x, Tensor y) {
    return shape(x.shape()).withPixelStrides(x.pixelStride(), y.pixelStride());
  }
}
