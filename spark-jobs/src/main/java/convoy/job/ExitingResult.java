package convoy.job;

/** A result that decides the exit status of its command. */
public interface ExitingResult {
  /** One of {@link ExitStatus}. */
  int exitStatus();

  /** What {@code --json} is to hold. */
  Object json();
}
