package convoy.engine.layer.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
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
              PlainLayers.KINDS, WindowLayers.KINDS, ActivationLayers.KINDS, CompositeLayers.KINDS)
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
    List<Layer> layers = new ArrayList<>();
    for (JsonNode element : parent.tree(key)) {
      String place = parent.place() + ": " + key + "[" + layers.size() + "]";
      layers.add(layer(place, element));
    }
    return new Sequence(layers);
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
    return kind(name).read(Settings.of(place + "." + name, own));
  }

  private static LayerKind<?> kind(String name) {
    return KINDS.stream()
        .filter(kind -> kind.name().equals(name))
        .findFirst()
        .orElseThrow(() -> new IllegalStateException(name + " is missing in the list of kinds"));
  }

  /** Adds {@code layers} to {@code list}, as {@link #read} reads them. */
  public static void write(Sequence layers, ArrayNode list) {
    for (Layer layer : layers.layers()) {
      if (layer instanceof Sequence inner) {
        write(inner, list);
        continue;
      }
      ObjectNode settings = JsonNodeFactory.instance.objectNode();
      kind(layer.kind()).write(layer, settings);
      if (settings.isEmpty()) {
        list.add(layer.kind());
      } else {
        list.addObject().set(layer.kind(), settings);
      }
    }
  }
}
