package convoy.averaging;

/** Who is told how a training goes. */
@FunctionalInterface
public interface TrainingProgress {
  /** An epoch is over, and its checkpoint, if it was its turn, committed. */
  void epochDone(EpochReport report);
}
