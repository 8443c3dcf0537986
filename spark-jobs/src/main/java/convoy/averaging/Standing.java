package convoy.averaging;

import convoy.engine.checkpoint.RunState;
import java.util.Optional;

/**
 * Where a training stands between two rounds, beside the model's own arrays.
 *
 * @param progress the counters
 * @param sums of the epoch that has begun
 * @param metrics of the last epoch, if there was one
 * @param best the best validation so far, if there was one
 */
record Standing(
    RunState.Progress progress,
    RunState.EpochSums sums,
    Optional<RunState.EpochMetrics> metrics,
    Optional<RunState.Best> best) {

  /** Local steps of one replica before the epoch that has begun, or begins. */
  long stepsBeforeEpoch() {
    return progress.step() - progress.stepInEpoch();
  }

  /** Images trained on before the epoch that has begun, or begins. */
  long imagesBeforeEpoch() {
    return progress.imagesSeen() - sums.images();
  }
}
