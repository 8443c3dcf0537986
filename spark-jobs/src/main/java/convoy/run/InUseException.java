package convoy.run;

/** That another process is using what only one may use at a time. */
public final class InUseException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  InUseException(String message) {
    super(message);
  }
}
