package convoy.engine.layer;

import convoy.engine.tensor.Shape;

/**
 * A part of a network: immutable settings, without weights or activations.
 *
 * <p>A network is a tree. {@link Sequence}, {@link Residual}, {@link Branches} and {@link Frozen}
 * are composed of other layers; all others are leaves: an {@link Operation}, or a {@link View},
 * which only looks at its input differently.
 */
public sealed interface Layer permits Sequence, Residual, Branches, Frozen, View, OperationLayer {
  /** The key of the layer in YAML and the stem of its name: "convolution". */
  String kind();

  /**
   * The shape that the layer makes of {@code x}.
   *
   * @throws IllegalArgumentException if the layer does not fit {@code x}; the message gives both
   *     sizes
   */
  Shape outputShape(Shape x);
}
