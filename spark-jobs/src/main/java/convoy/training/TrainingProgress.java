package convoy.training;

import convoy.engine.training.EarlyStopping;

/** Who is told how a training goes. */
@FunctionalInterface
public interface TrainingProgress {
  /**
   * All that could be refused has been checked; the next round comes.
   *
   * @param rounds that were done before, by a run that is resumed; else 0
   */
  default void began(long rounds) {}

  /** An epoch is over, and its checkpoint, if it was its turn, committed. */
  void epochDone(EpochReport report);

  /** Early stopping ends the training before its last epoch, upon what it has seen. */
  default void stoppedEarly(EarlyStopping.Waiting waiting) {}
}
