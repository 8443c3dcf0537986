package convoy.job;

/** A job that can be stopped in good order, and done in several calls. */
public interface ResumableJob extends Job {
  /**
   * Asks, from another thread, for an end as soon as what has been done is kept.
   *
   * @return false if nothing would be lost by ending the process at once
   */
  boolean stop();
}
