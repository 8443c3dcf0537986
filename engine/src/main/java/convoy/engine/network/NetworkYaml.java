package convoy.engine.network;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.layer.yaml.LayerYaml;
import convoy.engine.settings.Settings;
import convoy.engine.settings.Yaml;
import convoy.engine.tensor.Shape;
import java.util.List;

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
 * {@code classes}, a list of names, stands in trained models; {@code strict: true} refuses windows
 * that do not end with the image. The layers are read and written by {@link LayerYaml}.
 */
final class NetworkYaml {
  private NetworkYaml() {}

  static NetworkSpec read(String source, String yaml) {
    Settings root =
        Settings.ofYaml(source, yaml).onlyKeys("name", "input", "classes", "strict", "layers");
    Settings input = root.section("input").onlyKeys("height", "width", "channels");
    int height = input.integer("height");
    int width = input.integer("width");
    int channels = input.integer("channels");
    Shape shape = input.checked(() -> new Shape(1, height, width, channels));
    List<String> classes = root.has("classes") ? root.texts("classes") : List.of();
    boolean strict = root.truth("strict", false);
    return new NetworkSpec(
        root.text("name"), shape, classes, strict, LayerYaml.read(root, "layers"));
  }

  static String write(NetworkSpec spec) {
    ObjectNode root = JsonNodeFactory.instance.objectNode();
    root.put("name", spec.name());
    root.putObject("input")
        .put("height", spec.input().h())
        .put("width", spec.input().w())
        .put("channels", spec.input().c());
    if (!spec.classNames().isEmpty()) {
      spec.classNames().forEach(root.putArray("classes")::add);
    }
    if (spec.strict()) {
      root.put("strict", true);
    }
    LayerYaml.write(spec.layers(), root.putArray("layers"));
    return Yaml.write(root);
  }
}
