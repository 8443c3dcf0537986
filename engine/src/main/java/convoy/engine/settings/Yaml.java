package convoy.engine.settings;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadFeature;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import com.fasterxml.jackson.dataformat.yaml.YAMLMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLParser;
import com.fasterxml.jackson.dataformat.yaml.util.StringQuotingChecker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.regex.Pattern;

/**
 * YAML text to and from trees of mappings, lists and scalars.
 *
 * <p>Only the plain part of YAML is read: one document, no key twice, no anchors, aliases or types,
 * and no numbers with a leading zero (which YAML 1.1 takes for octal).
 */
public final class Yaml {
  private static final Pattern LEADING_ZERO = Pattern.compile("[-+]?0[0-9_]+");
  private static final Pattern PLAIN_WORD = Pattern.compile("[A-Za-z][A-Za-z0-9_./-]*");

  private static final YAMLMapper MAPPER =
      new YAMLMapper(
          YAMLFactory.builder()
              .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
              .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
              .disable(YAMLGenerator.Feature.SPLIT_LINES)
              .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
              .enable(YAMLGenerator.Feature.INDENT_ARRAYS_WITH_INDICATOR)
              .stringQuotingChecker(new PlainWordsOnly())
              .build());

  static {
    MAPPER.enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS);
  }

  private Yaml() {}

  /**
   * Reads one document; an empty one is an empty mapping.
   *
   * @param source what the text is, for messages: "train.yaml", "--set epochs=3"
   * @throws IllegalArgumentException if {@code text} is no YAML or more than its plain part
   */
  public static JsonNode read(String source, String text) {
    try {
      refuseDoubtful(source, text);
      JsonNode tree = MAPPER.readTree(text);
      return tree.isMissingNode() ? JsonNodeFactory.instance.objectNode() : tree;
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(source + ": " + oneLine(e), e);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Writes a tree in block style; {@link #read} gives an equal one. */
  public static String write(JsonNode tree) {
    try {
      return MAPPER.writeValueAsString(tree);
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException("settings can't be written: " + oneLine(e), e);
    }
  }

  private static void refuseDoubtful(String source, String text) throws IOException {
    try (YAMLParser parser = MAPPER.getFactory().createParser(text)) {
      JsonToken token;
      boolean ended = false;
      while ((token = parser.nextToken()) != null) {
        String problem = ended ? "a second document begins, wanted one" : problem(parser, token);
        if (!problem.isEmpty()) {
          throw new IllegalArgumentException(
              source + ": line " + parser.currentTokenLocation().getLineNr() + ": " + problem);
        }
        ended = parser.getParsingContext().inRoot() && !token.isStructStart();
      }
    }
  }

  private static String problem(YAMLParser parser, JsonToken token) throws IOException {
    if (parser.isCurrentAlias() || parser.getObjectId() != null) {
      return "anchors and aliases (& and *) are not read; write the value out";
    }
    if (parser.getTypeId() != null) {
      return "types (!!" + parser.getTypeId() + ") are not read; write the value without";
    }
    if (token == JsonToken.VALUE_NUMBER_INT && LEADING_ZERO.matcher(parser.getText()).matches()) {
      return parser.getText() + " begins with 0, which YAML takes for octal; leave the 0 out";
    }
    return "";
  }

  /** The parser's own message without its quotations of the text, and the place. */
  private static String oneLine(JsonProcessingException e) {
    StringBuilder line = new StringBuilder("no valid YAML");
    if (e.getLocation() != null) {
      line.append(" at line ").append(e.getLocation().getLineNr());
      line.append(", column ").append(e.getLocation().getColumnNr());
    }
    String separator = ": ";
    for (String part : e.getOriginalMessage().split("\\R")) {
      if (!part.isBlank() && !part.startsWith(" ")) {
        line.append(separator).append(part.strip());
        separator = ", ";
      }
    }
    return line.toString();
  }

  /** Leaves plain words without quotes, and quotes everything that could be read otherwise. */
  private static final class PlainWordsOnly extends StringQuotingChecker.Default {
    private static final long serialVersionUID = 1L;

    @Override
    public boolean needToQuoteName(String name) {
      return !PLAIN_WORD.matcher(name).matches() || super.needToQuoteName(name);
    }

    @Override
    public boolean needToQuoteValue(String value) {
      return !PLAIN_WORD.matcher(value).matches() || super.needToQuoteValue(value);
    }
  }
}
