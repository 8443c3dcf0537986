package convoy.engine.layer;

import convoy.engine.kernel.Kernels;
import convoy.engine.kernel.Pass;
import convoy.engine.kernel.ScratchSize;
import convoy.engine.tensor.Shape;

/**
 * A computation over tensors and its gradient: what a plan's step does. It binds its passes to
 * given views once, and computes nothing before these are run.
 */
public interface Operation {
  /** What it is, for people: "convolution". */
  String kind();

  /** Multiplications of a forward pass over {@code x}, padding counted; 0 if only a few a value. */
  default long multiplications(Shape x) {
    return 0;
  }

  /** Those that {@code kernels} execute for it, fewer or more. */
  default long executedMultiplications(Kernels kernels, Shape x) {
    return multiplications(x);
  }

  /** The scratch memory that both passes need for an input of shape {@code x}. */
  default ScratchSize scratch(Kernels kernels, Shape x) {
    return ScratchSize.NONE;
  }

  /** What forward passes of prepared parameters need, where there are some, and preparing them. */
  default ScratchSize preparedScratch(Kernels kernels, Shape x) {
    return scratch(kernels, x);
  }

  /**
   * Floats that the operation keeps for itself over an input of shape {@code x}, until the backward
   * pass if there is one ({@code training}); the plan finds a place for them.
   */
  default long kept(Shape x, boolean training) {
    return 0;
  }

  /**
   * Floats that {@link #preparation} makes of the parameters for {@code kernels}; {@code x} is the
   * shape of the input.
   */
  default int prepared(Kernels kernels, Shape x) {
    return 0;
  }

  /**
   * The pass that writes {@code values.prepared()}, from the parameters alone: what forward passes
   * of inference take in their place.
   */
  default Pass preparation(Forward values) {
    return Pass.NONE;
  }

  /** Whether {@link #backward} reads input {@code number}, which then has to be kept. */
  boolean backwardReadsInput(int number);

  /**
   * Whether the gradients of the inputs alone, those of the parameters left out, still read input
   * {@code number}.
   */
  default boolean inputGradientReadsInput(int number) {
    return backwardReadsInput(number);
  }

  /** Whether {@link #backward} reads the output, which then has to be kept. */
  boolean backwardReadsOutput();

  /**
   * Whether {@link #backward} can leave the gradient of input {@code number} where dy was: the two
   * may be one array if it is overwritten and no other input has the same gradient.
   */
  default boolean backwardPassesOn(int number) {
    return false;
  }

  /**
   * Whether the output, and with it dy, may have a pixel stride above its channels, so that it can
   * be a part of a concatenation. What lies between the pixels is then neither read nor written.
   */
  default boolean writesWithPixelStride() {
    return false;
  }

  /**
   * The pass that computes {@code values.y()}, and what is kept; overwrites them. Training moves
   * statistics.
   */
  Pass forward(Forward values);

  /**
   * The pass that computes the gradients of the parameters (overwritten) and of the inputs that are
   * wanted (overwritten or accumulated, as {@code gradients} says); of inputs that are one value,
   * whose gradients are one array, from the last to the first. It may use {@code gradients.dy()}
   * and {@code values.y()}, which nothing reads afterwards, as scratch.
   */
  Pass backward(Forward values, Backward gradients);

  /** Whether both passes draw random numbers, from {@code values.key()}. */
  default boolean isRandom() {
    return false;
  }
}
