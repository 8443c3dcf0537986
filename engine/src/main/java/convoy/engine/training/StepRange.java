package convoy.engine.training;

import java.io.Serializable;

/**
 * A run of steps within one epoch: the part of an epoch that one round trains.
 *
 * @param epoch number of the epoch, from 0
 * @param from first step
 * @param to one past the last step
 * @param stepsBefore optimizer steps that the run had taken before {@code from}
 */
public record StepRange(int epoch, int from, int to, long stepsBefore) implements Serializable {

  public StepRange {
    if (epoch < 0 || from < 0 || to < from || stepsBefore < 0) {
      throw new IllegalArgumentException(
          "epoch " + epoch + ", steps " + from + " to " + to + " after " + stepsBefore);
    }
  }

  /** The number of the epoch's step {@code step}, counted from 1 over the whole training. */
  public long number(int step) {
    return stepsBefore + step - from + 1;
  }

  /** Steps of an epoch over {@code images} images: the partial last batch counts. */
  public static int stepsPerEpoch(int images, int batchSize) {
    return Math.toIntExact((images - 1L + batchSize) / batchSize);
  }
}
