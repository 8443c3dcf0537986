package convoy.registry;

import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.dataprep.Fingerprint;
import convoy.engine.evaluation.PairedAnswers;
import convoy.engine.training.TrainingConfig;
import convoy.storage.Storage;
import java.util.List;

/**
 * What is known of a model in the registry: version.json. Its record components are the keys.
 *
 * @param formatVersion {@value #FORMAT_VERSION}
 * @param version its number
 * @param parent the champion that it was trained to replace, or 0
 * @param begun when the call that made it began, as ISO 8601 in UTC; one that was interrupted
 *     before and is gone on with counts anew
 * @param created when it was added
 * @param network name of the network
 * @param weightsDigest of the weights
 * @param data the data set, on shares of whose parts it was trained
 * @param training how it was trained and decided upon
 * @param metrics on the held-out images, by name
 * @param championMetrics those of the champion on the same images; empty where there was none
 * @param answers of the champion, the first, and this one, the second, to the same images: the keys
 *     of {@link PairedAnswers#toTree}; empty where there was none
 * @param software the versions of what made it, by name
 */
public record Version(
    int formatVersion,
    long version,
    long parent,
    String begun,
    String created,
    String network,
    String weightsDigest,
    Data data,
    Training training,
    ObjectNode metrics,
    ObjectNode championMetrics,
    ObjectNode answers,
    ObjectNode software) {
  /** Its file's name. */
  public static final String NAME = "version.json";

  static final int FORMAT_VERSION = 2;

  /** Makes a card of this format of one of format 1, which may lack some keys. */
  static void upgrade(ObjectNode card) {
    if (card.path("formatVersion").asInt() == 1 && card.path("training").isObject()) {
      card.put("formatVersion", FORMAT_VERSION);
      card.putIfAbsent("begun", card.get("created"));
      card.putIfAbsent("championMetrics", card.objectNode());
      card.putIfAbsent("answers", card.objectNode());
      ObjectNode training = (ObjectNode) card.get("training");
      training.putIfAbsent("rule", Storage.tree(PromotionRule.DEFAULT));
    }
  }

  /**
   * How a version came to be.
   *
   * @param run says which retraining it was: the same where champion, data and settings are
   * @param start "scratch", or "champion" if training went on from its weights
   * @param resumedAfterRound the rounds that earlier calls, which were interrupted, had trained
   * @param newParts paths of the parts that the champion had not seen
   * @param oldShare share of the images of other parts that were trained on
   * @param newShare share of those of the new parts
   * @param config the settings
   * @param rule of promotion; the default one where the card, of format 1, does not tell it
   * @param decision whether it was to be promoted, and why
   */
  public record Training(
      String run,
      String start,
      long resumedAfterRound,
      List<String> newParts,
      double oldShare,
      double newShare,
      ObjectNode config,
      PromotionRule rule,
      Decision decision) {
    public Training {
      newParts = List.copyOf(newParts);
    }

    /** What {@code config} says. */
    TrainingConfig settings() {
      return TrainingConfig.fromTree(NAME + ": config", config);
    }
  }

  /**
   * A data set as it was.
   *
   * @param uri where it lay
   * @param fingerprint of all its rows
   * @param parts of which it consisted
   */
  public record Data(String uri, Fingerprint fingerprint, List<Part> parts) {
    public Data {
      parts = List.copyOf(parts);
    }
  }

  /**
   * A part of a data set.
   *
   * @param path its folder below that of the data set
   * @param fingerprint of its rows
   */
  public record Part(String path, Fingerprint fingerprint) {}

  public Version {
    if (formatVersion != FORMAT_VERSION) {
      throw new IllegalArgumentException(
          NAME
              + " is of format version "
              + formatVersion
              + ", this Convoy reads "
              + FORMAT_VERSION);
    }
    if (version < 1 || parent < 0 || parent >= version) {
      throw new IllegalArgumentException(
          "version " + version + " with parent " + parent + ", wanted 0 <= parent < version");
    }
  }
}
