package convoy.engine.layer.yaml;

import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.layer.Frozen;
import convoy.engine.layer.Layer;
import convoy.engine.settings.Settings;
import java.util.List;

/**
 * How one kind of layer stands in YAML.
 *
 * @param name the key, {@link Layer#kind} of each layer of this kind
 * @param type what is read and written
 * @param keys the settings that it has
 * @param reader makes a layer of settings that hold no other key
 * @param writer puts all settings of a layer into an empty mapping; leaves it empty if there are
 *     none
 */
record LayerKind<L extends Layer>(
    String name, Class<L> type, List<String> keys, Reader<L> reader, Writer<L> writer) {
  /** The key of all kinds that can be frozen, read and written here. */
  static final String TRAINABLE = "trainable";

  @FunctionalInterface
  interface Reader<L> {
    L read(Settings settings);
  }

  @FunctionalInterface
  interface Writer<L> {
    void write(L layer, ObjectNode settings);
  }

  /** The kind of a layer that has no settings. */
  static <L extends Layer> LayerKind<L> without(Class<L> type, L layer) {
    return new LayerKind<>(
        layer.kind(), type, List.of(), settings -> layer, (same, settings) -> {});
  }

  Layer read(Settings settings) {
    if (settings.has(TRAINABLE) && !keys.contains(TRAINABLE)) {
      throw new IllegalArgumentException(
          settings.place() + ": nothing in a " + name + " trains: leave " + TRAINABLE + " out");
    }
    L layer = reader.read(settings.onlyKeys(keys.toArray(String[]::new)));
    return settings.truth(TRAINABLE, true) ? layer : new Frozen(layer);
  }

  void write(Layer layer, ObjectNode settings) {
    if (layer instanceof Frozen frozen) {
      writer.write(type.cast(frozen.layer()), settings);
      settings.put(TRAINABLE, false);
    } else {
      writer.write(type.cast(layer), settings);
    }
  }
}
