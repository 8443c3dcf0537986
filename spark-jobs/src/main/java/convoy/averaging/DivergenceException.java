package convoy.averaging;

/** Says that a loss or a parameter became NaN or infinite: where, and at which learning rate. */
public final class DivergenceException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With one line that names round, shard and learning rate. */
  public DivergenceException(String message) {
    super(message);
  }
}
