package convoy.storage;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.exc.ValueInstantiationException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;

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
    try {
      return JSON.readValue(content, type);
    } catch (ValueInstantiationException e) {
      Throwable cause = e.getCause() == null ? e : e.getCause();
      throw new IllegalArgumentException(file + ": " + Storage.firstLine(cause), e);
    } catch (JsonProcessingException e) {
      String place =
          e.getLocation() == null ? "" : " (at line " + e.getLocation().getLineNr() + ")";
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
