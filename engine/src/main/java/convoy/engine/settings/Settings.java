package convoy.engine.settings;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.function.Supplier;

/**
 * One mapping of settings, read strictly: a value of the wrong type is an error, and nothing is
 * converted.
 *
 * <p>Every error is an {@link IllegalArgumentException} of one line: "train.yaml:
 * averaging.everySteps is "often", wanted a whole number".
 */
public final class Settings {
  private final String source;
  private final String path;
  private final ObjectNode values;

  private Settings(String source, String path, ObjectNode values) {
    this.source = source;
    this.path = path;
    this.values = values;
  }

  /**
   * The settings of a whole document.
   *
   * @param source what the document is, for messages
   * @throws IllegalArgumentException if {@code tree} is no mapping
   */
  public static Settings of(String source, JsonNode tree) {
    if (tree instanceof ObjectNode values) {
      return new Settings(source, "", values);
    }
    throw new IllegalArgumentException(
        source + ": got " + shown(tree) + ", wanted a mapping (key: value)");
  }

  /** The settings of a YAML text. */
  public static Settings ofYaml(String source, String text) {
    return of(source, Yaml.read(source, text));
  }

  /**
   * Refuses all keys but {@code known}.
   *
   * @throws IllegalArgumentException naming the nearest known key
   */
  public Settings onlyKeys(String... known) {
    for (String key : keys()) {
      List<String> names = List.of(known);
      if (!names.contains(key)) {
        throw new IllegalArgumentException(place() + ": " + NearestName.message("key", key, names));
      }
    }
    return this;
  }

  /** The keys that are set, in the order written. */
  public List<String> keys() {
    List<String> keys = new ArrayList<>();
    values.fieldNames().forEachRemaining(keys::add);
    return keys;
  }

  /** Whether {@code key} is set. */
  public boolean has(String key) {
    return values.has(key);
  }

  /** A whole number of 32 bits. */
  public int integer(String key) {
    JsonNode value = required(key);
    if (!value.isIntegralNumber()) {
      throw wrong(key, "a whole number");
    }
    if (!value.canConvertToInt()) {
      throw wrong(key, "a whole number from " + Integer.MIN_VALUE + " to " + Integer.MAX_VALUE);
    }
    return value.intValue();
  }

  /** A whole number of 32 bits, or {@code otherwise} where it is not set. */
  public int integer(String key, int otherwise) {
    return has(key) ? integer(key) : otherwise;
  }

  /** A whole number of 64 bits. */
  public long longInteger(String key) {
    JsonNode value = required(key);
    if (!value.isIntegralNumber()) {
      throw wrong(key, "a whole number");
    }
    if (!value.canConvertToLong()) {
      throw wrong(key, "a whole number from " + Long.MIN_VALUE + " to " + Long.MAX_VALUE);
    }
    return value.longValue();
  }

  /** A whole number of 64 bits, or {@code otherwise} where it is not set. */
  public long longInteger(String key, long otherwise) {
    return has(key) ? longInteger(key) : otherwise;
  }

  /** A finite number. */
  public double number(String key) {
    JsonNode value = required(key);
    if (!value.isNumber() || !Double.isFinite(value.doubleValue())) {
      throw wrong(key, "a number");
    }
    return value.doubleValue();
  }

  /** A finite number, or {@code otherwise} where it is not set. */
  public double number(String key, double otherwise) {
    return has(key) ? number(key) : otherwise;
  }

  /** True or false. */
  public boolean truth(String key) {
    JsonNode value = required(key);
    if (!value.isBoolean()) {
      throw wrong(key, "true or false");
    }
    return value.booleanValue();
  }

  /** True or false, or {@code otherwise} where it is not set. */
  public boolean truth(String key, boolean otherwise) {
    return has(key) ? truth(key) : otherwise;
  }

  /** A text that is not empty. */
  public String text(String key) {
    JsonNode value = required(key);
    if (!value.isTextual() || value.textValue().isEmpty()) {
      throw wrong(key, "a text" + (value.isTextual() ? "" : " (put it in quotes)"));
    }
    return value.textValue();
  }

  /** A text that is not empty, or {@code otherwise} where it is not set. */
  public String text(String key, String otherwise) {
    return has(key) ? text(key) : otherwise;
  }

  /** A list of texts. */
  public List<String> texts(String key) {
    List<String> texts = new ArrayList<>();
    for (JsonNode element : list(key)) {
      if (!element.isTextual()) {
        throw wrong(key, "a list of texts (put " + shown(element) + " in quotes)");
      }
      texts.add(element.textValue());
    }
    return List.copyOf(texts);
  }

  /** A list of whole numbers of 32 bits. */
  public List<Integer> integers(String key) {
    List<Integer> integers = new ArrayList<>();
    for (JsonNode element : list(key)) {
      if (!element.isIntegralNumber() || !element.canConvertToInt()) {
        throw wrong(key, "a list of whole numbers");
      }
      integers.add(element.intValue());
    }
    return List.copyOf(integers);
  }

  /** The mapping at {@code key}; an empty one where it is not set. */
  public Settings section(String key) {
    if (!has(key)) {
      return ofNothing(key);
    }
    if (values.get(key) instanceof ObjectNode inner) {
      return new Settings(source, pathOf(key), inner);
    }
    throw wrong(key, "a mapping (key: value)");
  }

  /** The name of a constant in settings: "average" for AVERAGE. */
  public static String name(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  /**
   * A constant at {@code key}, by its {@link #name}; {@code what} says what it is, for messages.
   */
  public <E extends Enum<E>> E constant(String key, String what, Class<E> type) {
    List<E> constants = List.of(type.getEnumConstants());
    List<String> names = constants.stream().map(Settings::name).toList();
    Choice choice = choice(key, what, names);
    choice.settings().onlyKeys();
    return constants.get(names.indexOf(choice.name()));
  }

  /** As {@link #constant(String, String, Class)}, {@code absent} where there is no such key. */
  public <E extends Enum<E>> E constant(String key, String what, E absent) {
    return has(key) ? constant(key, what, absent.getDeclaringClass()) : absent;
  }

  /**
   * One of several things, and its settings.
   *
   * @param name which of them
   * @param settings its own; none where the name stands alone
   */
  public record Choice(String name, Settings settings) {}

  /**
   * One of {@code names} at {@code key}: a name ({@code adam}), or a name with settings ({@code
   * {adam: {learningRate: 0.01}}}).
   *
   * @param what they are, for messages: "optimizer"
   * @throws IllegalArgumentException if it is none of them
   */
  public Choice choice(String key, String what, List<String> names) {
    boolean alone = required(key).isTextual();
    Settings inner = alone ? ofNothing(key) : section(key);
    if (!alone && inner.keys().size() != 1) {
      throw wrong(key, "one " + what + " (" + String.join(" or ", names) + ")");
    }
    String name = alone ? text(key) : inner.keys().get(0);
    if (!names.contains(name)) {
      throw new IllegalArgumentException(
          place() + ": " + key + ": " + NearestName.message(what, name, names));
    }
    return new Choice(name, inner.section(name));
  }

  /** The mappings of the list at {@code key}. */
  public List<Settings> sections(String key) {
    List<Settings> sections = new ArrayList<>();
    for (JsonNode element : list(key)) {
      String place = pathOf(key) + "[" + sections.size() + "]";
      if (!(element instanceof ObjectNode inner)) {
        throw new IllegalArgumentException(
            source + ": " + place + " is " + shown(element) + ", wanted a mapping (key: value)");
      }
      sections.add(new Settings(source, place, inner));
    }
    return List.copyOf(sections);
  }

  /**
   * The value at {@code key} as a tree, whatever its type.
   *
   * @throws IllegalArgumentException if it is not set
   */
  public JsonNode tree(String key) {
    return required(key);
  }

  /**
   * Makes a record from these settings, and names the place where the record refuses them.
   *
   * @throws IllegalArgumentException as {@code make} throws it, with source and path in front
   */
  public <T> T checked(Supplier<T> make) {
    try {
      return make.get();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(place() + ": " + e.getMessage(), e);
    }
  }

  /** The error of a value that is not as wanted: "train.yaml: epochs is 0, wanted 1 or more". */
  public IllegalArgumentException wrong(String key, String wanted) {
    String got = has(key) ? "is " + shown(values.get(key)) : "is missing";
    return new IllegalArgumentException(
        source + ": " + pathOf(key) + " " + got + ", wanted " + wanted);
  }

  /** Source and path of this mapping, for messages. */
  public String place() {
    return path.isEmpty() ? source : source + ": " + path;
  }

  private Settings ofNothing(String key) {
    return new Settings(source, pathOf(key), JsonNodeFactory.instance.objectNode());
  }

  private JsonNode required(String key) {
    if (!has(key)) {
      throw new IllegalArgumentException(source + ": " + pathOf(key) + " is missing");
    }
    return values.get(key);
  }

  private JsonNode list(String key) {
    JsonNode value = required(key);
    if (!value.isArray()) {
      throw wrong(key, "a list");
    }
    return value;
  }

  private String pathOf(String key) {
    return path.isEmpty() ? key : path + "." + key;
  }

  private static String shown(JsonNode value) {
    if (value.isNull() || (value.isTextual() && value.textValue().isEmpty())) {
      return "empty";
    }
    String text =
        value.isDouble() && !Double.isFinite(value.doubleValue())
            ? "out of range"
            : value.toString();
    return text.length() <= 60 ? text : text.substring(0, 57) + "...";
  }
}
