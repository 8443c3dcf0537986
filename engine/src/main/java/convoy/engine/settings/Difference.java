package convoy.engine.settings;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;

/**
 * A setting in which two trees of settings differ.
 *
 * @param key its path, as "averaging.everySteps"
 * @param old its value in the first tree
 * @param now its value in the second
 */
public record Difference(String key, String old, String now) {

  /**
   * All differences of two trees, in the order of the first; mappings of other keys differ as a
   * whole.
   */
  public static List<Difference> between(JsonNode old, JsonNode now) {
    List<Difference> found = new ArrayList<>();
    compare("", old, now, found);
    return List.copyOf(found);
  }

  private static void compare(String path, JsonNode old, JsonNode now, List<Difference> found) {
    if (old.isObject() && now.isObject() && keys(old).equals(keys(now))) {
      for (String key : keys(old)) {
        String inner = path.isEmpty() ? key : path + "." + key;
        compare(inner, old.get(key), now.get(key), found);
      }
    } else if (!old.equals(now)) {
      found.add(new Difference(path, old.toString(), now.toString()));
    }
  }

  private static List<String> keys(JsonNode tree) {
    List<String> keys = new ArrayList<>();
    tree.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  @Override
  public String toString() {
    return key + " was " + old + ", now " + now;
  }
}
