package convoy.engine.layer;

import convoy.engine.tensor.Shape;
import java.util.List;
import java.util.Optional;

/**
 * A residual block: y = projection(x) + body(x), the projection being the identity if there is
 * none.
 *
 * <p>Backward: both summands receive dy, and dx is the sum of what they give back. He, Zhang, Ren
 * and Sun, "Deep Residual Learning for Image Recognition", 2016, equations 1 and 2.
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
    checkSummands(shortcut, added, projection.isPresent());
    return added;
  }

  /** Throws if the two summands differ in shape. */
  public static void checkSummands(Shape shortcut, Shape added, boolean projected) {
    if (!shortcut.equals(added)) {
      throw new IllegalArgumentException(
          "the body makes "
              + added.image()
              + ", but the "
              + (projected ? "projection" : "input")
              + " is "
              + shortcut.image()
              + ": they are added, so add or change a projection");
    }
  }
}
