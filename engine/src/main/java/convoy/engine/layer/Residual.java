package convoy.engine.layer;

import convoy.engine.tensor.Shape;
import java.util.List;
import java.util.Optional;

/**
 * A residual block: y = projection(x) + body(x), the projection being the identity if there is
 * none.
 *
 * <p>Backward: both summands receive dy, and dx is the sum of what they give back. With a of layer
 * l = x and a of layer m = y, the body's last: dC/da of layer l = dC/da of layer m + what the
 * body's delta gives back by its w; with a projection, its delta in the place of the first. He,
 * Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition", 2016, equations 1 and 2.
 *
 * @param body the layers whose output is added
 * @param projection what brings x to the shape of the body's output, where the body changes it
 */
public record Residual(Sequence body, Optional<Sequence> projection) implements Layer {

  /** The block without a projection: an identity block. */
  public static Residual identity(List<Layer> body) {
    return new Residual(new Sequence(body), Optional.empty());
  }

  @Override
  public String kind() {
    return "residual";
  }

  @Override
  public Shape outputShape(Shape x) {
    Shape added = body.outputShape(x);
    Shape shortcut = projection.map(layers -> layers.outputShape(x)).orElse(x);
    return sumShape(shortcut, added);
  }

  /**
   * The shape of the sum of {@code shortcut} (the input, or its projection) and {@code added} (what
   * the body makes).
   *
   * @throws IllegalArgumentException if they differ
   */
  public Shape sumShape(Shape shortcut, Shape added) {
    if (!shortcut.equals(added)) {
      throw new IllegalArgumentException(
          "the body makes "
              + added.image()
              + ", but the "
              + (projection.isPresent() ? "projection" : "input")
              + " is "
              + shortcut.image()
              + ": they are added, so add or change a projection");
    }
    return added;
  }
}
