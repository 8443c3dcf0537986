package convoy.training;

import convoy.engine.checkpoint.RunState;
import convoy.engine.training.EarlyStopping;
import java.util.Optional;

/**
 * Where a training stands between two rounds, beside the model's own arrays.
 *
 * @param progress the counters
 * @param sums of the epoch that has begun
 * @param metrics of the last epoch, if there was one
 * @param best the best validation so far, if there was one
 * @param waiting what early stopping has seen so far, if it is on
 */
record Standing(
    RunState.Progress progress,
    RunState.EpochSums sums,
    Optional<RunState.EpochMetrics> metrics,
    Optional<RunState.Best> best,
    Optional<EarlyStopping.Waiting> waiting) {

  /** Local steps of one replica before the epoch that has begun, or begins. */
  long stepsBeforeEpoch() {
    return progress.step() - progress.stepInEpoch();
  }

  /** Images trained on before the epoch that has begun, or begins. */
  long imagesBeforeEpoch() {
    return progress.imagesSeen() - sums.images();
  }
}
