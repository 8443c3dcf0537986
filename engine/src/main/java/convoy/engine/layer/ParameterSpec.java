package convoy.engine.layer;

import java.util.List;

/**
 * A parameter that a layer needs.
 *
 * @param name within its layer: "weights", "bias"
 * @param dimensions its sizes, outermost first
 * @param initializer its first values
 */
public record ParameterSpec(String name, List<Integer> dimensions, Initializer initializer) {
  /** The most values of one parameter: those of a {@link convoy.engine.tensor.Shape}. */
  private static final int LARGEST = 1 << 30;

  public ParameterSpec {
    dimensions = List.copyOf(dimensions);
    if (dimensions.isEmpty() || dimensions.stream().anyMatch(d -> d < 1)) {
      throw new IllegalArgumentException(
          name + " has dimensions " + dimensions + ", wanted one or more, each >= 1");
    }
    long size = 1;
    for (int dimension : dimensions) {
      size *= dimension;
      if (size > LARGEST) {
        throw new IllegalArgumentException(
            name + " of " + dimensions + " has too many values, wanted at most " + LARGEST);
      }
    }
  }

  /** Number of values. */
  public int size() {
    int size = 1;
    for (int dimension : dimensions) {
      size *= dimension;
    }
    return size;
  }
}
