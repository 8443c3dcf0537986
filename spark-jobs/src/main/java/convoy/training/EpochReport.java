package convoy.training;

import convoy.averaging.RoundTimes;
import convoy.engine.checkpoint.RunState;
import convoy.engine.training.TrainingMetrics;
import java.util.Optional;

/**
 * What one epoch gave.
 *
 * @param epoch number of the epoch, from 1
 * @param epochs number of all epochs
 * @param rounds rounds since the training began
 * @param learningRate of the epoch's last step
 * @param metrics of all shards together; compute time is that of all replicas added up
 * @param imagesHere images trained since the epoch began, or since the training went on in its
 *     middle
 * @param validation on the validation images, where it was this epoch's turn
 * @param times where the time went
 * @param seconds from then to the epoch's end, validation and checkpoint left out
 */
public record EpochReport(
    int epoch,
    int epochs,
    long rounds,
    double learningRate,
    TrainingMetrics metrics,
    long imagesHere,
    Optional<RunState.Validation> validation,
    RoundTimes times,
    double seconds) {

  /** Training images that went through all replicas in a second. */
  public double imagesPerSecond() {
    return imagesHere / seconds;
  }
}
