package convoy.engine.layer;

import convoy.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;

/**
 * Branches over one input, their outputs side by side: an inception module.
 *
 * <p>Shapes: x (N, H, W, C); branch i makes y_i (N, P, Q, K_i), P and Q the same for all; y (N, P,
 * Q, K_1 + ... + K_B).
 *
 * <p>Forward: y[n,p,q,o_i + k] = y_i[n,p,q,k] with o_i = K_1 + ... + K_(i-1). Backward:
 * dy_i[n,p,q,k] = dy[n,p,q,o_i + k], and dx is the sum of what the branches give back: dC/da = sum
 * over i of transposed w of branch i times its delta. Szegedy and others, "Going Deeper with
 * Convolutions", 2015, figure 2.
 *
 * @param branches each a list of layers; an empty one is the input itself
 */
public record Branches(List<List<Layer>> branches) implements Layer {

  public Branches {
    branches = branches.stream().map(List::copyOf).toList();
    if (branches.isEmpty()) {
      throw new IllegalArgumentException("there is no branch, wanted at least one");
    }
  }

  @Override
  public String kind() {
    return "branches";
  }

  @Override
  public Shape outputShape(Shape x) {
    List<Shape> shapes = new ArrayList<>();
    for (List<Layer> branch : branches) {
      shapes.add(branch.isEmpty() ? x : new Sequence(branch).outputShape(x));
    }
    return concatenatedShape(shapes);
  }

  /**
   * The shape of the outputs {@code parts} of the branches side by side.
   *
   * @throws IllegalArgumentException if they differ in height or width
   */
  public Shape concatenatedShape(List<Shape> parts) {
    Shape first = parts.get(0);
    int channels = 0;
    for (int i = 0; i < parts.size(); i++) {
      Shape part = parts.get(i);
      if (part.h() != first.h() || part.w() != first.w()) {
        throw new IllegalArgumentException(
            "branch 1 makes "
                + first.heightWidthChannels()
                + ", but branch "
                + (i + 1)
                + " makes "
                + part.heightWidthChannels()
                + ": wanted one height and width; change strides or padding");
      }
      channels = Math.addExact(channels, part.c());
    }
    return new Shape(first.n(), first.h(), first.w(), channels);
  }
}
