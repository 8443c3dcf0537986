package convoy.engine.checkpoint;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.core.io.JsonStringEncoder;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.Reader;
import java.io.UncheckedIOException;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** The JSON of a safetensors header, read token by token, so that it costs no more than it says. */
final class SafetensorsJson {
  private static final JsonFactory JSON =
      JsonFactory.builder().enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION).build();

  private static final int LONGEST_SHOWN = 80;

  private final String file;

  SafetensorsJson(String file) {
    this.file = file;
  }

  /** The bytes of a header, without padding. */
  static byte[] format(Map<String, String> metadata, List<SafetensorsHeader.Stored> tensors) {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (JsonGenerator json = JSON.createGenerator(bytes)) {
      json.writeStartObject();
      if (!metadata.isEmpty()) {
        json.writeObjectFieldStart(SafetensorsHeader.METADATA);
        for (Map.Entry<String, String> text : metadata.entrySet()) {
          json.writeStringField(text.getKey(), text.getValue());
        }
        json.writeEndObject();
      }
      for (SafetensorsHeader.Stored tensor : tensors) {
        json.writeObjectFieldStart(tensor.shape().name());
        json.writeStringField("dtype", SafetensorsHeader.FLOAT);
        json.writeArrayFieldStart("shape");
        for (int dimension : tensor.shape().dimensions()) {
          json.writeNumber(dimension);
        }
        json.writeEndArray();
        json.writeArrayFieldStart("data_offsets");
        json.writeNumber(tensor.begin());
        json.writeNumber(tensor.end());
        json.writeEndArray();
        json.writeEndObject();
      }
      json.writeEndObject();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return bytes.toByteArray();
  }

  /** A name out of a file, fit for a message: in one line and not too long. */
  static String shown(String name) {
    String escaped = new String(JsonStringEncoder.getInstance().quoteAsString(name));
    return escaped.length() <= LONGEST_SHOWN
        ? escaped
        : escaped.substring(0, LONGEST_SHOWN - 3) + "...";
  }

  /**
   * The header in {@code bytes}; offsets are not yet checked against each other and the file.
   *
   * @throws DamagedCheckpointException if it is none
   */
  SafetensorsHeader parse(byte[] bytes) throws IOException {
    if (bytes[0] != '{') {
      throw damaged("the header is no JSON object; is it a safetensors file?");
    }
    Map<String, String> metadata = Map.of();
    List<SafetensorsHeader.Stored> tensors = new ArrayList<>();
    // A decoder of its own: the parser would guess the encoding from the first bytes.
    CharsetDecoder utf8 = StandardCharsets.UTF_8.newDecoder();
    Reader text = new InputStreamReader(new ByteArrayInputStream(bytes), utf8);
    try (JsonParser json = JSON.createParser(text)) {
      json.nextToken();
      while (json.nextToken() != JsonToken.END_OBJECT) {
        String name = json.currentName();
        if (name.equals(SafetensorsHeader.METADATA)) {
          metadata = metadata(json);
        } else {
          tensors.add(tensor(json, name));
        }
      }
      if (json.nextToken() != null) {
        throw damaged("the header goes on behind its JSON object");
      }
    } catch (JsonProcessingException e) {
      throw damaged("the header is no valid JSON: " + shown(SmallFile.reason(e)));
    } catch (CharacterCodingException e) {
      throw damaged("the header is no UTF-8");
    }
    return new SafetensorsHeader(metadata, SafetensorsHeader.inOrder(tensors));
  }

  private Map<String, String> metadata(JsonParser json) throws IOException {
    require(json, JsonToken.START_OBJECT, SafetensorsHeader.METADATA, "a mapping of texts");
    Map<String, String> metadata = new LinkedHashMap<>();
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      require(json, JsonToken.VALUE_STRING, SafetensorsHeader.METADATA, "a mapping of texts");
      metadata.put(key, json.getText());
    }
    return metadata;
  }

  private SafetensorsHeader.Stored tensor(JsonParser json, String name) throws IOException {
    require(json, JsonToken.START_OBJECT, name, "a mapping");
    String type = "";
    List<Long> shape = null;
    List<Long> offsets = null;
    while (json.nextToken() != JsonToken.END_OBJECT) {
      String key = json.currentName();
      switch (key) {
        case "dtype" -> {
          require(json, JsonToken.VALUE_STRING, name, "a dtype");
          type = json.getText();
        }
        case "shape" -> shape = numbers(json, name, "a shape");
        case "data_offsets" -> offsets = numbers(json, name, "data_offsets");
        default -> throw damaged(name, "has an unknown key " + shown(key));
      }
    }
    if (!type.equals(SafetensorsHeader.FLOAT)) {
      throw damaged(name, "has dtype " + shown(type) + ", wanted " + SafetensorsHeader.FLOAT);
    }
    if (shape == null || offsets == null || offsets.size() != 2) {
      throw damaged(name, "has no shape or no data_offsets of two numbers");
    }
    return stored(name, shape, offsets.get(0), offsets.get(1));
  }

  private SafetensorsHeader.Stored stored(String name, List<Long> shape, long begin, long end)
      throws IOException {
    List<Integer> dimensions = new ArrayList<>();
    for (long dimension : shape) {
      if (dimension > Integer.MAX_VALUE) {
        throw damaged(name, "has dimensions " + shape + ", wanted less than 2^31");
      }
      dimensions.add((int) dimension);
    }
    NamedShape named = new NamedShape(name, dimensions);
    long bytes;
    try {
      bytes = Math.multiplyExact(named.elements(), Float.BYTES);
    } catch (ArithmeticException e) {
      throw damaged(name, "has dimensions " + shape + ", more than there can be");
    }
    if (end < begin || end - begin != bytes) {
      throw damaged(
          name,
          "has dimensions " + shape + ", " + bytes + " bytes, and offsets " + begin + " to " + end);
    }
    return new SafetensorsHeader.Stored(named, begin, end);
  }

  private List<Long> numbers(JsonParser json, String name, String wanted) throws IOException {
    require(json, JsonToken.START_ARRAY, name, wanted);
    List<Long> numbers = new ArrayList<>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      boolean whole = json.currentToken() == JsonToken.VALUE_NUMBER_INT;
      boolean isLong = whole && json.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
      if (!isLong || json.getLongValue() < 0 || numbers.size() == 64) {
        throw damaged(name, "wanted " + wanted + " of at most 64 whole numbers from 0 on");
      }
      numbers.add(json.getLongValue());
    }
    return numbers;
  }

  private void require(JsonParser json, JsonToken token, String name, String wanted)
      throws IOException {
    if (json.nextToken() != token) {
      throw damaged(name, "wanted " + wanted);
    }
  }

  private DamagedCheckpointException damaged(String name, String reason) {
    return damaged("tensor " + shown(name) + ": " + reason);
  }

  private DamagedCheckpointException damaged(String reason) {
    return new DamagedCheckpointException(file, reason);
  }
}
