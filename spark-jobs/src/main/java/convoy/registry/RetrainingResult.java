package convoy.registry;

import convoy.dataprep.Fingerprint;
import java.util.List;

/**
 * What a retraining came to. Its record components are the keys of {@code --json}.
 *
 * @param outcome what became of it
 * @param champion the version that is the champion now, or 0
 * @param previous the version that was the champion before, or 0
 * @param challenger the version that was trained, or 0
 * @param data fingerprint of the data set that was looked at
 * @param newParts parts of the data set that the champion had not seen
 * @param reasons why, a line each
 */
public record RetrainingResult(
    Outcome outcome,
    long champion,
    long previous,
    long challenger,
    Fingerprint data,
    List<String> newParts,
    List<String> reasons) {

  /** What can become of a retraining. */
  public enum Outcome {
    /** A new champion. */
    PROMOTED,
    /** The champion has seen all parts of the data set. */
    NOTHING_NEW,
    /** The challenger is not better than the champion. */
    NOT_BETTER,
    /** Another retraining is under way. */
    BUSY
  }

  public RetrainingResult {
    newParts = List.copyOf(newParts);
    reasons = List.copyOf(reasons);
  }
}
