package convoy.engine.checkpoint;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.util.DefaultIndenter;
import com.fasterxml.jackson.core.util.DefaultPrettyPrinter;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectWriter;
import com.fasterxml.jackson.databind.json.JsonMapper;
import convoy.engine.settings.Settings;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;

/** Texts and JSON of a checkpoint: read whole, up to a limit, and strictly. */
final class SmallFile {
  private static final int LIMIT_BYTES = 16 << 20;

  private static final JsonMapper JSON =
      JsonMapper.builder()
          .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .build();

  /** The same text on every system: two spaces and a line feed. */
  private static final ObjectWriter WRITER =
      JSON.writer(new DefaultPrettyPrinter().withObjectIndenter(new DefaultIndenter("  ", "\n")));

  private SmallFile() {}

  /** Reads an UTF-8 text. */
  static String text(CheckpointFolder folder, String name) throws IOException {
    String file = folder.pathOf(name);
    if (!folder.exists(name)) {
      throw new DamagedCheckpointException(file, "missing");
    }
    try (InputStream in = folder.open(name)) {
      byte[] bytes = in.readNBytes(LIMIT_BYTES + 1);
      if (bytes.length > LIMIT_BYTES) {
        throw new DamagedCheckpointException(file, "longer than " + LIMIT_BYTES + " bytes");
      }
      return StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString();
    } catch (CharacterCodingException e) {
      throw new DamagedCheckpointException(file, "no UTF-8 text");
    }
  }

  /** Reads a JSON object. */
  static Settings json(CheckpointFolder folder, String name) throws IOException {
    String file = folder.pathOf(name);
    try {
      return Settings.of(file, JSON.readTree(text(folder, name)));
    } catch (JsonProcessingException e) {
      throw new DamagedCheckpointException(file, "no valid JSON: " + reason(e));
    } catch (IllegalArgumentException e) {
      throw damaged(file, e);
    }
  }

  /** Jackson's message in one line, without the place that it names in its own terms. */
  static String reason(JsonProcessingException e) {
    String line = e.getOriginalMessage().lines().findFirst().orElse("");
    return line.replaceFirst(" \\(start marker at .*", "");
  }

  /** Indented JSON in UTF-8, with a line feed at its end. */
  static byte[] bytes(JsonNode tree) throws IOException {
    return (WRITER.writeValueAsString(tree) + "\n").getBytes(StandardCharsets.UTF_8);
  }

  /** The exception of a file whose reader refused it; the file is said once. */
  static DamagedCheckpointException damaged(String file, RuntimeException refusal) {
    String message = String.valueOf(refusal.getMessage());
    String prefix = file + ": ";
    return new DamagedCheckpointException(
        file, message.startsWith(prefix) ? message.substring(prefix.length()) : message);
  }
}
