package convoy.engine.kernel;

/**
 * An array and the place in it where an operand begins.
 *
 * @param array holds the values
 * @param offset index of the first value
 */
public record Operand(float[] array, int offset) {
  /** Stands for an operand that there is not. */
  public static final Operand NONE = new Operand(new float[0], 0);

  /** Whether there is such an operand. */
  public boolean isPresent() {
    return this != NONE;
  }
}
