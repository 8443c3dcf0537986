package convoy.engine.checkpoint;

import java.util.Objects;

/**
 * A tensor as a range of an array: what is written to a file, or where a file's values go.
 *
 * @param shape its name and sizes
 * @param values the array; shared, not copied
 * @param offset index of its first value
 */
public record NamedTensor(NamedShape shape, float[] values, int offset) {

  public NamedTensor {
    if (shape.elements() > values.length) {
      throw new IllegalArgumentException(
          shape.name() + " has " + shape.elements() + " values, the array " + values.length);
    }
    Objects.checkFromIndexSize(offset, (int) shape.elements(), values.length);
  }

  /** Number of values. */
  public int elements() {
    return (int) shape.elements();
  }
}
