package convoy.training;

import convoy.engine.checkpoint.RunState;

/**
 * What a training gave.
 *
 * @param state where it ended
 * @param imagesPerSecond training images of all replicas in a second, over the epochs of this run;
 *     0 if there was nothing left to train
 */
public record TrainingResult(RunState state, double imagesPerSecond) {

  /** Whether early stopping ended it before its last epoch. */
  public boolean stoppedEarly() {
    return state.progress().epoch() < state.config().epochs();
  }
}
