package convoy.job;

/** The work is done and has its result, but something that was to be made of it failed. */
final class LateFailureException extends Exception {
  private static final long serialVersionUID = 1;

  private final transient Object result;

  /**
   * A failure that loses no result.
   *
   * @param result what {@code --json} is to hold all the same
   * @param cause what decides the message and the exit status
   */
  LateFailureException(Object result, Exception cause) {
    super(cause);
    this.result = result;
  }

  Object result() {
    return result;
  }

  @Override
  public synchronized Exception getCause() {
    return (Exception) super.getCause();
  }
}
