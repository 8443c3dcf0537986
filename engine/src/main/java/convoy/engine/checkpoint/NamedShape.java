package convoy.engine.checkpoint;

import java.util.List;

/**
 * Name and sizes of a tensor in a file.
 *
 * @param name unique in its file
 * @param dimensions outermost first; none for a single value
 */
public record NamedShape(String name, List<Integer> dimensions) {

  public NamedShape {
    dimensions = List.copyOf(dimensions);
    for (int dimension : dimensions) {
      if (dimension < 0) {
        throw new IllegalArgumentException(name + " has dimensions " + dimensions);
      }
    }
  }

  /**
   * Number of values.
   *
   * @throws ArithmeticException if it is beyond a long
   */
  public long elements() {
    long elements = 1;
    for (int dimension : dimensions) {
      elements = Math.multiplyExact(elements, dimension);
    }
    return elements;
  }
}
