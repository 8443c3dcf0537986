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
    return kernels.scratch(shape).withShared(Math.multiplyExact(shape.taps(), shape.k()));
  }

  /** Where the weights are to be put; undefined until then. */
  static Operand operand(Kernels kernels, ConvolutionShape shape, Workers workers) {
    return new Operand(workers.shared(), Workers.ORIGIN + kernels.scratch(shape).shared());
  }
}
