package convoy.engine.network;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.layer.Convolution;
import convoy.engine.layer.Dense;
import convoy.engine.layer.Flatten;
import convoy.engine.layer.Layer;
import convoy.engine.layer.MaxPooling;
import convoy.engine.layer.Padding;
import convoy.engine.layer.Relu;
import convoy.engine.layer.Residual;
import convoy.engine.layer.Scaling;
import convoy.engine.layer.Sequence;
import convoy.engine.settings.NearestName;
import convoy.engine.settings.Settings;
import convoy.engine.settings.Yaml;
import convoy.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Networks as YAML:
 *
 * <pre>
 * name: tiny
 * input: {height: 32, width: 32, channels: 3}
 * layers:
 *   - scaling: {deviation: 255}
 *   - convolution: {filters: 16, kernel: 3, padding: same}
 *   - relu
 *   - maxPooling: {window: 2}
 *   - residual: {body: [{convolution: {filters: 16, kernel: 3, padding: same}}, relu]}
 *   - flatten
 *   - dense: {units: 10}
 * </pre>
 *
 * {@code classes}, a list of names, stands in trained models. Sizes are one number or [height,
 * width]; padding is valid (the default), same, or [top, left, bottom, right].
 */
final class NetworkYaml {
  private static final List<String> KINDS =
      List.of("scaling", "convolution", "maxPooling", "relu", "flatten", "dense", "residual");

  /** Height and width of a window or a stride. */
  private record Extent(int height, int width) {}

  private final JsonNodeFactory nodes = JsonNodeFactory.instance;

  NetworkSpec read(String source, String yaml) {
    Settings root = Settings.ofYaml(source, yaml).onlyKeys("name", "input", "classes", "layers");
    Settings input = root.section("input").onlyKeys("height", "width", "channels");
    int height = input.integer("height");
    int width = input.integer("width");
    int channels = input.integer("channels");
    Shape shape = input.checked(() -> new Shape(1, height, width, channels));
    List<String> classes = root.has("classes") ? root.texts("classes") : List.of();
    return new NetworkSpec(root.text("name"), shape, classes, sequence(root, "layers"));
  }

  private Sequence sequence(Settings parent, String key) {
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

  private Layer layer(String place, JsonNode element) {
    boolean named = element.isObject() && element.size() == 1;
    if (!named && !element.isTextual()) {
      throw new IllegalArgumentException(
          place + " is " + element + ", wanted a layer's name, or its name with its settings");
    }
    String kind = named ? element.fieldNames().next() : element.textValue();
    if (!KINDS.contains(kind)) {
      throw new IllegalArgumentException(place + ": " + NearestName.message("layer", kind, KINDS));
    }
    JsonNode own = named ? element.get(kind) : nodes.objectNode();
    if (own.isTextual() && own.textValue().isEmpty()) {
      own = nodes.objectNode(); // "relu:" with nothing behind it
    }
    Settings settings = Settings.of(place + "." + kind, own);
    return switch (kind) {
      case "scaling" -> scaling(settings.onlyKeys("mean", "deviation"));
      case "convolution" ->
          convolution(settings.onlyKeys("filters", "kernel", "stride", "padding", "bias"));
      case "maxPooling" -> maxPooling(settings.onlyKeys("window", "stride", "padding"));
      case "relu" -> none(settings, new Relu());
      case "flatten" -> none(settings, new Flatten());
      case "dense" -> dense(settings.onlyKeys("units", "bias"));
      case "residual" -> residual(settings.onlyKeys("body", "projection"));
      default -> throw new IllegalStateException("there is no reader for " + kind);
    };
  }

  private static Layer none(Settings settings, Layer layer) {
    settings.onlyKeys();
    return layer;
  }

  private static Layer scaling(Settings settings) {
    List<Double> mean = numbers(settings, "mean", 0);
    List<Double> deviation = numbers(settings, "deviation", 1);
    return settings.checked(() -> new Scaling(mean, deviation));
  }

  private static Layer dense(Settings settings) {
    int units = settings.integer("units");
    boolean bias = settings.truth("bias", true);
    return settings.checked(() -> new Dense(units, bias));
  }

  private Layer residual(Settings settings) {
    Sequence body = sequence(settings, "body");
    return settings.has("projection")
        ? new Residual(body, Optional.of(sequence(settings, "projection")))
        : new Residual(body, Optional.empty());
  }

  private static Layer convolution(Settings settings) {
    int filters = settings.integer("filters");
    Extent kernel = extent(settings, "kernel");
    Extent stride = settings.has("stride") ? extent(settings, "stride") : new Extent(1, 1);
    Padding padding = padding(settings);
    boolean bias = settings.truth("bias", true);
    return settings.checked(
        () ->
            new Convolution(
                filters,
                kernel.height(),
                kernel.width(),
                stride.height(),
                stride.width(),
                padding,
                bias));
  }

  private static Layer maxPooling(Settings settings) {
    Extent window = extent(settings, "window");
    Extent stride = settings.has("stride") ? extent(settings, "stride") : window;
    Padding padding = padding(settings);
    return settings.checked(
        () ->
            new MaxPooling(
                window.height(), window.width(), stride.height(), stride.width(), padding));
  }

  private static Extent extent(Settings settings, String key) {
    if (!settings.tree(key).isArray()) {
      return new Extent(settings.integer(key), settings.integer(key));
    }
    List<Integer> sizes = settings.integers(key);
    if (sizes.size() != 2) {
      throw settings.wrong(key, "one number, or [height, width]");
    }
    return new Extent(sizes.get(0), sizes.get(1));
  }

  private static Padding padding(Settings settings) {
    if (!settings.has("padding")) {
      return new Padding.Valid();
    }
    if (settings.tree("padding").isArray()) {
      List<Integer> sides = settings.integers("padding");
      if (sides.size() == 4) {
        return settings.checked(
            () -> new Padding.Explicit(sides.get(0), sides.get(1), sides.get(2), sides.get(3)));
      }
    }
    return switch (settings.tree("padding").asText()) {
      case "valid" -> new Padding.Valid();
      case "same" -> new Padding.Same();
      default -> throw settings.wrong("padding", "valid, same, or [top, left, bottom, right]");
    };
  }

  private static List<Double> numbers(Settings settings, String key, double absent) {
    if (!settings.has(key)) {
      return List.of(absent);
    }
    if (!settings.tree(key).isArray()) {
      return List.of(settings.number(key));
    }
    List<Double> numbers = new ArrayList<>();
    for (JsonNode element : settings.tree(key)) {
      if (!element.isNumber()) {
        throw settings.wrong(key, "a number, or a list of one for each channel");
      }
      numbers.add(element.doubleValue());
    }
    return numbers;
  }

  String write(NetworkSpec spec) {
    ObjectNode root = nodes.objectNode();
    root.put("name", spec.name());
    root.putObject("input")
        .put("height", spec.input().h())
        .put("width", spec.input().w())
        .put("channels", spec.input().c());
    if (!spec.classNames().isEmpty()) {
      spec.classNames().forEach(root.putArray("classes")::add);
    }
    writeSequence(spec.layers(), root.putArray("layers"));
    return Yaml.write(root);
  }

  private void writeSequence(Sequence sequence, ArrayNode list) {
    for (Layer layer : sequence.layers()) {
      if (layer instanceof Sequence inner) {
        writeSequence(inner, list);
      } else if (layer instanceof Relu || layer instanceof Flatten) {
        list.add(layer.kind());
      } else {
        writeSettings(layer, list.addObject().putObject(layer.kind()));
      }
    }
  }

  private void writeSettings(Layer layer, ObjectNode settings) {
    if (layer instanceof Scaling scaling) {
      scaling.mean().forEach(settings.putArray("mean")::add);
      scaling.deviation().forEach(settings.putArray("deviation")::add);
    } else if (layer instanceof Convolution convolution) {
      settings.put("filters", convolution.filters());
      settings.set("kernel", pair(convolution.r(), convolution.s()));
      settings.set("stride", pair(convolution.strideH(), convolution.strideW()));
      writePadding(convolution.padding(), settings);
      settings.put("bias", convolution.bias());
    } else if (layer instanceof MaxPooling pooling) {
      settings.set("window", pair(pooling.r(), pooling.s()));
      settings.set("stride", pair(pooling.strideH(), pooling.strideW()));
      writePadding(pooling.padding(), settings);
    } else if (layer instanceof Dense dense) {
      settings.put("units", dense.units()).put("bias", dense.bias());
    } else if (layer instanceof Residual residual) {
      writeSequence(residual.body(), settings.putArray("body"));
      residual
          .projection()
          .ifPresent(layers -> writeSequence(layers, settings.putArray("projection")));
    } else {
      throw new IllegalStateException("there is no writer for " + layer.kind());
    }
  }

  private ArrayNode pair(int height, int width) {
    return nodes.arrayNode().add(height).add(width);
  }

  private static void writePadding(Padding padding, ObjectNode settings) {
    if (padding instanceof Padding.Explicit sides) {
      settings
          .putArray("padding")
          .add(sides.top())
          .add(sides.left())
          .add(sides.bottom())
          .add(sides.right());
    } else {
      settings.put("padding", padding instanceof Padding.Same ? "same" : "valid");
    }
  }
}
