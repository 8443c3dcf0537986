package convoy.job;

/** The exit statuses of every command. */
public final class ExitStatus {
  /** The work is done. */
  public static final int DONE = 0;

  /** It could not be done for a reason other than those below. */
  public static final int FAILED = 1;

  /** The command line or the input is wrong; doing the same again fails again. */
  public static final int WRONG_INPUT = 2;

  /** A loss or parameter became NaN or infinite. */
  public static final int DIVERGED = 3;

  /** A retraining found no new data. */
  public static final int NOTHING_NEW = 10;

  /** A retraining's challenger is not better than the champion. */
  public static final int NOT_BETTER = 11;

  /** Another retraining is under way. */
  public static final int BUSY = 12;

  /** The training was told to stop, and did; it can go on (EX_TEMPFAIL of sysexits.h). */
  public static final int STOPPED = 75;

  private ExitStatus() {}
}
