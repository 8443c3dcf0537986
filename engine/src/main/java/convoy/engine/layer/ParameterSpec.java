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

  public ParameterSpec {
    dimensions = List.copyOf(dimensions);
    if (dimensions.isEmpty() || dimensions.stream().anyMatch(d -> d < 1)) {
      throw new IllegalArgumentException(name + " has dimensions " + dimensions);
    }
  }

  /** Number of values. */
  public long size() {
    return dimensions.stream().mapToLong(Integer::longValue).reduce(1, Math::multiplyExact);
  }
}
