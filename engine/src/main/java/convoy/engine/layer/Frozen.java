package convoy.engine.layer;

import convoy.engine.tensor.Shape;

/**
 * A layer whose parameters do not train, nor those of the layers inside it: "trainable: false".
 * Batch normalisations go by their running mean and variance then, and leave these as they are.
 *
 * @param layer one that has parameters, or is composed of others
 */
public record Frozen(Layer layer) implements Layer {

  public Frozen {
    if (!canFreeze(layer)) {
      throw new IllegalArgumentException(
          "a " + layer.kind() + " can not be frozen: freeze the layers that have parameters");
    }
  }

  private static boolean canFreeze(Layer layer) {
    return layer instanceof Convolution
        || layer instanceof Dense
        || layer instanceof Recurrent
        || layer instanceof BatchNormalization
        || layer instanceof Residual
        || layer instanceof Branches;
  }

  @Override
  public String kind() {
    return layer.kind();
  }

  @Override
  public Shape outputShape(Shape x) {
    return layer.outputShape(x);
  }
}
