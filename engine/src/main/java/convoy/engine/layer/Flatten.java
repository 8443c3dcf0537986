package convoy.engine.layer;

import convoy.engine.tensor.Shape;

/**
 * Looks at each image (H, W, C) as one row of H * W * C values, in the order h, w, c. The values
 * stay where they are, and so does their gradient: dx = dy, dC/da in another shape.
 */
public record Flatten() implements View {

  @Override
  public String kind() {
    return "flatten";
  }

  @Override
  public Shape outputShape(Shape x) {
    return Shape.flat(x.n(), x.imageSize());
  }
}
