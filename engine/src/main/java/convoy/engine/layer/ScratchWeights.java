package convoy.engine.layer;

import convoy.engine.kernel.ConvolutionShape;
import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Operand;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.kernel.Workers;

/**
 * Weights that a layer computes for one call of the kernels: they lie in the shared scratch memory,
 * behind what the kernels themselves need of it.
 */
final class ScratchWeights {
  private ScratchWeights() {}

  /** The scratch memory of both convolution passes of {@code shape} and of its weights. */
  static ScratchSize size(Kernels kernels, ConvolutionShape shape) {
    return with(shape, kernels.scratch(shape));
  }

  /** That of forward passes of packed weights, and of packing these. */
  static ScratchSize packedSize(Kernels kernels, ConvolutionShape shape) {
    return with(shape, kernels.packedScratch(shape));
  }

  private static ScratchSize with(ConvolutionShape shape, ScratchSize kernels) {
    return kernels.withShared(Math.multiplyExact(shape.taps(), shape.k()));
  }

  /** Where the weights of {@code values} are to be put; undefined until then. */
  static Operand operand(ConvolutionShape shape, Forward values) {
    Kernels kernels = values.kernels();
    ScratchSize others =
        values.prepared().isPresent() ? kernels.packedScratch(shape) : kernels.scratch(shape);
    return new Operand(values.workers().shared(), Workers.ORIGIN + others.shared());
  }
}
