package convoy.registry;

import convoy.engine.network.NetworkSpec;
import convoy.engine.training.TrainingConfig;
import java.util.Optional;

/**
 * What a retraining is asked for.
 *
 * @param network what to train if there is no champion, or from scratch instead of its network
 * @param config the settings; those of the champion if there are none
 * @param fromScratch whether to begin with new weights instead of the champion's
 * @param oldShare share of the images of parts that the champion has seen that are trained on, from
 *     0 to 1
 * @param newShare share of those of new parts, above 0 and up to 1
 * @param rule when the challenger is promoted
 * @param force whether to train although no part is new
 */
public record RetrainingOptions(
    Optional<NetworkSpec> network,
    Settings config,
    boolean fromScratch,
    double oldShare,
    double newShare,
    PromotionRule rule,
    boolean force) {

  /** The settings, over those of the champion. */
  @FunctionalInterface
  public interface Settings {
    /** The settings, where {@code champion} are those that its own do not name. */
    TrainingConfig over(TrainingConfig champion);
  }

  public RetrainingOptions {
    if (!(oldShare >= 0 && oldShare <= 1)) {
      throw new IllegalArgumentException("old share is " + oldShare + ", wanted 0 to 1");
    }
    if (!(newShare > 0 && newShare <= 1)) {
      throw new IllegalArgumentException(
          "new share is " + newShare + ", wanted above 0 and up to 1");
    }
  }
}
