package convoy.engine.layer.yaml;

import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.layer.Branches;
import convoy.engine.layer.Residual;
import convoy.engine.layer.Sequence;
import convoy.engine.settings.Settings;
import java.util.List;
import java.util.Optional;

/** The layers that are composed of others. */
final class CompositeLayers {
  static final List<LayerKind<?>> KINDS =
      List.of(
          new LayerKind<>(
              "residual",
              Residual.class,
              List.of("body", "projection", LayerKind.TRAINABLE),
              CompositeLayers::readResidual,
              CompositeLayers::writeResidual),
          new LayerKind<>(
              "branches",
              Branches.class,
              List.of("branches", LayerKind.TRAINABLE),
              settings -> new Branches(LayerYaml.readLists(settings, "branches")),
              (layer, settings) ->
                  LayerYaml.writeLists(layer.branches(), settings.putArray("branches"))));

  private CompositeLayers() {}

  private static Residual readResidual(Settings settings) {
    Sequence body = LayerYaml.read(settings, "body");
    return settings.has("projection")
        ? new Residual(body, Optional.of(LayerYaml.read(settings, "projection")))
        : new Residual(body, Optional.empty());
  }

  private static void writeResidual(Residual layer, ObjectNode settings) {
    LayerYaml.write(layer.body(), settings.putArray("body"));
    layer
        .projection()
        .ifPresent(layers -> LayerYaml.write(layers, settings.putArray("projection")));
  }
}
