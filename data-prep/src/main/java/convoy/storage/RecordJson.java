package convoy.storage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Records to and from JSON: their component names are the keys. */
final class RecordJson {
  private static final ObjectMapper JSON =
      new ObjectMapper()
          .enable(SerializationFeature.INDENT_OUTPUT)
          .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES);

  private RecordJson() {}

  /** A record as indented JSON, in UTF-8. */
  static byte[] write(Object content) throws IOException {
    return (JSON.writeValueAsString(content) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** A record as a tree. */
  static JsonNode tree(Object content) {
    return JSON.valueToTree(content);
  }

  /**
   * Reads a record.
   *
   * @param file the name of what holds it, for messages
   * @throws IllegalArgumentException if it is no JSON, or not of that record
   */
  static <T> T read(String file, byte[] content, Class<T> type) throws IOException {
    return read(file, () -> JSON.readValue(content, type));
  }

  /** Reads a record as above, from an object that {@code upgrade} may change before. */
  static <T> T read(String file, byte[] content, Class<T> type, Consumer<ObjectNode> upgrade)
      throws IOException {
    ObjectNode tree = read(file, content, ObjectNode.class);
    upgrade.accept(tree);
    return read(file, () -> JSON.treeToValue(tree, type));
  }

  private interface Reading<T> {
    T value() throws IOException;
  }

  private static <T> T read(String file, Reading<T> reading) throws IOException {
    try {
      return reading.value();
    } catch (ValueInstantiationException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalArgumentException(file + ": " + Storage.firstLine(cause), e);
    } catch (JsonProcessingException e) {
      int line = e.getLocation() == null ? -1 : e.getLocation().getLineNr();
      String place = line < 1 ? "" : " (at line " + line + ")";
      throw new IllegalArgumentException(
          file + ": not the JSON expected here: " + reason(e) + place, e);
    }
  }

  /** Jackson's message without the feature that it names, and the place in its own terms. */
  private static String reason(JsonProcessingException e) {
    return e.getOriginalMessage()
        .replaceFirst("; `[^`]*` enabled", "")
        .replaceFirst(" \\(start marker at .*", "");
  }
}
