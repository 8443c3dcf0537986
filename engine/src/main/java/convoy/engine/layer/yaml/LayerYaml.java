package convoy.engine.layer.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.layer.Initialization;
import convoy.engine.layer.Layer;
import convoy.engine.layer.Sequence;
import convoy.engine.settings.NearestName;
import convoy.engine.settings.Settings;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/** Lists of layers in YAML: each a name, or a name with its settings. */
public final class LayerYaml {
  private static final List<LayerKind<?>> KINDS =
      Stream.of(
              PlainLayers.KINDS,
              WindowLayers.KINDS,
              FilterLayers.KINDS,
              ActivationLayers.KINDS,
              CompositeLayers.KINDS)
          .<LayerKind<?>>flatMap(List::stream)
          .toList();

  private LayerYaml() {}

  /**
   * The layers of the list at {@code key}.
   *
   * @throws IllegalArgumentException if it is no list of layers; says where and why
   */
  public static Sequence read(Settings parent, String key) {
    if (!parent.tree(key).isArray() || parent.tree(key).isEmpty()) {
      throw parent.wrong(key, "a list of layers");
    }
    return new Sequence(layers(parent.place() + ": " + key, parent.tree(key)));
  }

  /**
   * The lists of layers of the list at {@code key}; the inner ones may be empty.
   *
   * @throws IllegalArgumentException if it is no list of lists of layers; says where and why
   */
  static List<List<Layer>> readLists(Settings parent, String key) {
    List<List<Layer>> lists = new ArrayList<>();
    if (!parent.tree(key).isArray() || parent.tree(key).isEmpty()) {
      throw parent.wrong(key, "a list of lists of layers");
    }
    for (JsonNode element : parent.tree(key)) {
      String place = parent.place() + ": " + key + "[" + lists.size() + "]";
      if (!element.isArray()) {
        throw new IllegalArgumentException(place + " is " + element + ", wanted a list of layers");
      }
      lists.add(layers(place, element));
    }
    return lists;
  }

  private static List<Layer> layers(String place, JsonNode list) {
    List<Layer> layers = new ArrayList<>();
    for (JsonNode element : list) {
      layers.add(layer(place + "[" + layers.size() + "]", element));
    }
    return layers;
  }

  private static Layer layer(String place, JsonNode element) {
    boolean named = element.isObject() && element.size() == 1;
    if (!named && !element.isTextual()) {
      throw new IllegalArgumentException(
          place + " is " + element + ", wanted a layer's name, or its name with its settings");
    }
    String name = named ? element.fieldNames().next() : element.textValue();
    List<String> names = KINDS.stream().map(LayerKind::name).toList();
    if (!names.contains(name)) {
      throw new IllegalArgumentException(place + ": " + NearestName.message("layer", name, names));
    }
    JsonNode own = named ? element.get(name) : JsonNodeFactory.instance.objectNode();
    if (own.isTextual() && own.textValue().isEmpty()) {
      own = JsonNodeFactory.instance.objectNode(); // "relu:" with nothing behind it
    }
    LayerKind<?> kind = kind(name);
    if (own.isArray() && kind.keys().contains(name)) {
      // A list alone is the setting that is called as the layer.
      return kind.read(Settings.of(place, JsonNodeFactory.instance.objectNode().set(name, own)));
    }
    return kind.read(Settings.of(place + "." + name, own));
  }

  private static LayerKind<?> kind(String name) {
    return KINDS.stream()
        .filter(kind -> kind.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(name + " is missing in the list of kinds"));
  }

  /** Adds a list for each of {@code lists}, as {@link #readLists} reads them. */
  static void writeLists(List<List<Layer>> lists, ArrayNode outer) {
    for (List<Layer> layers : lists) {
      write(layers, outer.addArray());
    }
  }

  /** Adds {@code layers} to {@code list}, as {@link #read} reads them. */
  public static void write(Sequence layers, ArrayNode list) {
    write(layers.layers(), list);
  }

  private static void write(List<Layer> layers, ArrayNode list) {
    for (Layer layer : layers) {
      if (layer instanceof Sequence inner) {
        write(inner, list);
        continue;
      }
      ObjectNode settings = JsonNodeFactory.instance.objectNode();
      kind(layer.kind()).write(layer, settings);
      if (settings.isEmpty()) {
        list.add(layer.kind());
      } else if (settings.size() == 1 && settings.path(layer.kind()).isArray()) {
        list.add(settings);
      } else {
        list.addObject().set(layer.kind(), settings);
      }
    }
  }

  /** The setting of layers with weights that says how these begin. */
  static Initialization initializer(Settings settings) {
    if (!settings.has("initializer")) {
      return Initialization.GLOROT_UNIFORM;
    }
    Settings.Choice choice = settings.choice("initializer", "initializer", Initialization.keys());
    choice.settings().onlyKeys();
    return Initialization.of(choice.name());
  }
}
