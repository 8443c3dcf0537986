package convoy.registry;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.Locale;
import java.util.Map;

/** What is known of a version, for people: lineage.md. */
final class LineageCard {
  static final String NAME = "lineage.md";

  private LineageCard() {}

  static String markdown(Version version) {
    StringBuilder card = new StringBuilder();
    Version.Training training = version.training();
    add(card, "# Version %d: %s%n%n", version.version(), version.network());
    add(card, "- begun %s, added %s%n", version.begun(), version.created());
    if (training.resumedAfterRound() > 0) {
      add(card, "- gone on with after round %d%n", training.resumedAfterRound());
    }
    if (version.parent() == 0) {
      add(card, "- the first model%n");
    } else {
      String from = training.start();
      add(card, "- challenger of version %d, trained from %s%n", version.parent(), from);
    }
    add(card, "- weights `%s`%n", version.weightsDigest());
    add(card, "- software: %s%n", list(version.software()));
    add(card, "%n## Data%n%n");
    add(card, "`%s`, fingerprint `%s`%n%n", version.data().uri(), version.data().fingerprint());
    add(card, "| part | fingerprint | new | share of its training images |%n|---|---|---|---|%n");
    for (Version.Part part : version.data().parts()) {
      boolean isNew = training.newParts().contains(part.path());
      add(
          card,
          "| %s | `%s` | %s | %s |%n",
          part.path(),
          part.fingerprint(),
          isNew ? "yes" : "no",
          isNew ? training.newShare() : training.oldShare());
    }
    String decision = training.decision().promote() ? "Promote." : "Keep the champion.";
    add(card, "%n## Decision%n%n%s%n%n", decision);
    for (String reason : training.decision().reasons()) {
      add(card, "- %s%n", reason);
    }
    PromotionRule rule = training.rule();
    add(
        card,
        "%nRule: margin %s, significance %s, largest fall %s.%n",
        rule.margin(),
        rule.significance(),
        rule.largestFall());
    add(card, "%n## On the held-out images%n%n%s%n", list(version.metrics()));
    if (!version.championMetrics().isEmpty()) {
      add(card, "%nThe champion: %s%n", list(version.championMetrics()));
    }
    add(card, "%n## Settings%n%n```%n%s%n```%n", training.config().toPrettyString());
    return card.toString();
  }

  private static String list(ObjectNode values) {
    StringBuilder list = new StringBuilder();
    for (Map.Entry<String, JsonNode> field : values.properties()) {
      if (field.getValue().isValueNode()) {
        list.append(list.length() == 0 ? "" : ", ")
            .append(field.getKey())
            .append(' ')
            .append(field.getValue().asText());
      }
    }
    return list.toString();
  }

  private static void add(StringBuilder card, String format, Object... values) {
    card.append(String.format(Locale.ROOT, format, values));
  }
}
