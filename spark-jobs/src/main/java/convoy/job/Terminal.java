package convoy.job;

/** Whether people watch: a progress bar for them, plain lines for a file or a scheduler. */
public final class Terminal {
  private static final String VARIABLE = "CONVOY_TERMINAL";

  private Terminal() {}

  /** True if stderr is a terminal; bin/convoy knows, and elsewhere stdin and stdout tell. */
  public static boolean attached() {
    String told = System.getenv(VARIABLE);
    return told == null ? System.console() != null : told.equals("1");
  }
}
