package convoy.training;

import convoy.sharding.TrainingRows;
import java.util.Optional;

/**
 * What a training begins with, where it is not resumed.
 *
 * @param pretrained weights that it goes on from; initial ones of the seed if there are none
 * @param rows the images that it is to take
 */
public record Beginning(Optional<PretrainedWeights> pretrained, TrainingRows rows) {
  /** New weights, all images. */
  public static final Beginning NEW = new Beginning(Optional.empty(), TrainingRows.ALL);
}
