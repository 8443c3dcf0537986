package convoy.engine.layer;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Epilogue;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.List;

/**
 * An {@link Affine} layer with the {@link BatchNormalization} that follows it, by its running mean
 * and variance, as one affine layer; a plan for inference makes it of them. With scale[k] =
 * gamma[k] / sqrt(running variance[k] + epsilon) it has the weights w[..,k] scale[k] and the bias
 * beta[k] + (b[k] - running mean[k]) scale[k], computed in double and rounded once, when they are
 * prepared. The outputs differ from those of the two operations after each other by rounding alone.
 *
 * <p>The parameters are those of the affine layer, then those of the normalisation.
 *
 * @param affine the first of them
 * @param normalization the second
 */
public record FoldedAffine(Affine affine, BatchNormalization normalization) implements Affine {
  /** Gamma, beta, running mean and running variance. */
  private static final int OF_NORMALIZATION = 4;

  @Override
  public String kind() {
    return affine.kind() + "+" + normalization.kind();
  }

  @Override
  public Shape outputShape(Shape x) {
    return affine.outputShape(x);
  }

  @Override
  public ConvolutionShape shape(Shape x) {
    return affine.shape(x);
  }

  @Override
  public ConvolutionShape shape(Tensor x, Tensor y) {
    return affine.shape(x, y);
  }

  @Override
  public long multiplications(Shape x) {
    return affine.multiplications(x);
  }

  @Override
  public long executedMultiplications(Kernels kernels, Shape x) {
    return affine.executedMultiplications(kernels, x);
  }

  @Override
  public ScratchSize preparedScratch(Kernels kernels, Shape x) {
    return ScratchWeights.packedSize(kernels, shape(x));
  }

  /** The weights as forward passes read them, and the bias behind them. */
  @Override
  public int prepared(Kernels kernels, Shape x) {
    ConvolutionShape shape = shape(x);
    return Math.addExact(weightsSize(kernels, shape), shape.k());
  }

  private static int weightsSize(Kernels kernels, ConvolutionShape shape) {
    int packed = kernels.packedSize(shape);
    return packed == 0 ? shape.taps() * shape.k() : packed;
  }

  @Override
  public Pass preparation(Forward values) {
    Kernels kernels = values.kernels();
    ConvolutionShape shape = shape(values.x(), values.y());
    if (kernels.packedSize(shape) == 0) {
      return Pass.inOrder(
          List.of(affine.weightArrangement(values), folding(values, values.prepared())));
    }
    Operand folded = ScratchWeights.operand(shape, values);
    return Pass.inOrder(
        List.of(
            affine.weightArrangement(values),
            folding(values, folded),
            kernels.weightPacking(shape, folded, values.prepared(), values.workers())));
  }

  /** The pass that writes the weights {@code folded}, which may lie where the others do. */
  private Pass folding(Forward values, Operand folded) {
    ConvolutionShape shape = shape(values.x(), values.y());
    List<Tensor> parameters = values.parameters();
    int own = parameters.size() - OF_NORMALIZATION;
    Tensor gamma = parameters.get(own), beta = parameters.get(own + 1);
    Tensor mean = parameters.get(own + 2), variance = parameters.get(own + 3);
    Operand weights = affine.weights(values), biases = bias(values);
    return () -> {
      for (int k = 0; k < shape.k(); k++) {
        double scale = normalization.scale(gamma, variance, k);
        for (int tap = 0; tap < shape.taps(); tap++) {
          int i = tap * shape.k() + k;
          folded.array()[folded.offset() + i] =
              (float) (weights.array()[weights.offset() + i] * scale);
        }
        double bias = own > 1 ? parameters.get(1).array()[parameters.get(1).offset() + k] : 0;
        double centred = bias - mean.array()[mean.offset() + k];
        biases.array()[biases.offset() + k] =
            (float) (beta.array()[beta.offset() + k] + centred * scale);
      }
    };
  }

  private Operand bias(Forward values) {
    Operand prepared = values.prepared();
    int size = weightsSize(values.kernels(), shape(values.x(), values.y()));
    return new Operand(prepared.array(), prepared.offset() + size);
  }

  @Override
  public Pass forward(Forward values, Epilogue after) {
    return preparedForward(values, after.with(bias(values)));
  }

  @Override
  public Pass backward(Forward values, Backward gradients, Operand relued, boolean masked) {
    throw new IllegalStateException("a folded layer is for inference, it has no backward pass");
  }
}
