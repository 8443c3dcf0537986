package convoy.registry;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.dataprep.Fingerprint;
import convoy.storage.Storage;
import java.util.List;
import java.util.Optional;

/**
 * What a retraining came to.
 *
 * @param outcome what became of it
 * @param decided when, as ISO 8601 in UTC
 * @param champion the version that is the champion now, or 0
 * @param promotion the number of its promotion, or 0
 * @param previous the version that was the champion before, or 0
 * @param data fingerprint of the data set that was looked at
 * @param newParts parts of the data set that the champion had not seen
 * @param reasons why, a line each
 * @param forced whether it was to train although no part is new
 * @param reused whether an earlier call had made the challenger, and this one only decided
 * @param challenger the version that was trained, if one was
 */
public record RetrainingResult(
    Outcome outcome,
    String decided,
    long champion,
    long promotion,
    long previous,
    Fingerprint data,
    List<String> newParts,
    List<String> reasons,
    boolean forced,
    boolean reused,
    Optional<Version> challenger) {

  /** What can become of a retraining. */
  public enum Outcome {
    /** A new champion. */
    PROMOTED,
    /** The champion has seen all parts of the data set. */
    NOTHING_NEW,
    /** The challenger is not better than the champion. */
    NOT_BETTER,
    /** Another retraining is under way. */
    BUSY,
    /** The challenger is better than a champion that is none any more. */
    OVERTAKEN
  }

  /**
   * As JSON: a key for each component, where challenger is a number, or 0, and card what its
   * version.json says, missing where there is none.
   */
  public ObjectNode toTree() {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("outcome", outcome.name());
    tree.put("decided", decided);
    tree.put("champion", champion);
    tree.put("promotion", promotion);
    tree.put("previous", previous);
    tree.put("challenger", challenger.map(Version::version).orElse(0L));
    tree.put("data", data.toString());
    newParts.forEach(tree.putArray("newParts")::add);
    reasons.forEach(tree.putArray("reasons")::add);
    tree.put("forced", forced);
    tree.put("reused", reused);
    challenger.ifPresent(version -> tree.set("card", Storage.tree(version)));
    return tree;
  }

  public RetrainingResult {
    newParts = List.copyOf(newParts);
    reasons = List.copyOf(reasons);
  }
}
