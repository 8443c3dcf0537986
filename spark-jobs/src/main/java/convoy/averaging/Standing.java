package convoy.averaging;

import convoy.engine.checkpoint.RunState;
import java.util.Optional;

/**
 * Where a training stands between two epochs, beside the model's own arrays.
 *
 * @param progress the counters
 * @param metrics of the last epoch, if there was one
 * @param best the best validation so far, if there was one
 */
record Standing(
    RunState.Progress progress,
    Optional<RunState.EpochMetrics> metrics,
    Optional<RunState.Best> best) {}
