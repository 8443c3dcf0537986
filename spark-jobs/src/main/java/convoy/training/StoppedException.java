package convoy.training;

/** Says that a training was stopped as it was told to: what it leaves, and how to go on. */
public final class StoppedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /** With one line for the user. */
  public StoppedException(String message) {
    super(message);
  }
}
