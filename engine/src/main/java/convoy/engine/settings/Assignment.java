package convoy.engine.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * One {@code key=value} of a command line.
 *
 * @param path the keys that lead to the setting: "averaging", "everySteps"
 * @param value what it is set to
 */
public record Assignment(List<String> path, JsonNode value) {

  /**
   * Reads {@code key=value}, the value as YAML: {@code averaging.everySteps=50}, {@code
   * optimizer={adam: {learningRate: 0.001}}}.
   *
   * @param source what it is, for messages: "--set epochs=3"
   * @throws IllegalArgumentException if it is no such thing
   */
  public static Assignment read(String source, String text) {
    int equals = text.indexOf('=');
    if (equals < 1 || text.substring(equals + 1).isBlank()) {
      throw new IllegalArgumentException(source + ": wanted key=value, as epochs=3");
    }
    String[] path = text.substring(0, equals).strip().split("\\.", -1);
    return new Assignment(List.of(path), Yaml.read(source, text.substring(equals + 1)));
  }

  /** Puts the value into {@code tree}; a mapping that stood there is replaced as a whole. */
  public void applyTo(ObjectNode tree) {
    ObjectNode place = tree;
    for (int i = 0; i < path.size() - 1; i++) {
      String key = path.get(i);
      JsonNode inner = place.get(key);
      // A name alone, as "optimizer: sgd", stands for that name with no settings of its own.
      if (inner != null && inner.isTextual() && inner.textValue().equals(path.get(i + 1))) {
        place.putObject(key).putObject(path.get(i + 1));
      } else if (!(inner instanceof ObjectNode)) {
        place.putObject(key);
      }
      place = (ObjectNode) place.get(key);
    }
    place.set(path.get(path.size() - 1), value);
  }
}
