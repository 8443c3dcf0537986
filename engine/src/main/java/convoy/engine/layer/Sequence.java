package convoy.engine.layer;

import convoy.engine.tensor.Shape;
import java.util.List;

/**
 * Layers one after the other.
 *
 * @param layers the first takes the input, each other the output of the one before
 */
public record Sequence(List<Layer> layers) implements Layer {

  public Sequence {
    layers = List.copyOf(layers);
    if (layers.isEmpty()) {
      throw new IllegalArgumentException("a sequence has no layer, wanted at least one");
    }
  }

  @Override
  public String kind() {
    return "sequence";
  }

  @Override
  public Shape outputShape(Shape x) {
    Shape shape = x;
    for (Layer layer : layers) {
      shape = layer.outputShape(shape);
    }
    return shape;
  }
}
