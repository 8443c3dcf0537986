package convoy.engine.layer.yaml;

import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.kernel.PoolingFunction;
import convoy.engine.layer.Convolution;
import convoy.engine.layer.GlobalAveragePooling;
import convoy.engine.layer.Initialization;
import convoy.engine.layer.Padding;
import convoy.engine.layer.Pooling;
import convoy.engine.layer.SlidingWindow;
import convoy.engine.settings.Settings;
import java.util.List;
import java.util.Locale;

/**
 * The layers whose window slides over the image. Sizes are one number or [height, width]; padding
 * is valid (the default), same, or [top, left, bottom, right].
 */
final class WindowLayers {
  static final List<LayerKind<?>> KINDS =
      List.of(
          new LayerKind<>(
              "convolution",
              Convolution.class,
              List.of(
                  "filters",
                  "kernel",
                  "stride",
                  "padding",
                  "bias",
                  "mode",
                  "initializer",
                  LayerKind.TRAINABLE),
              WindowLayers::readConvolution,
              WindowLayers::writeConvolution),
          pooling(PoolingFunction.MAX),
          pooling(PoolingFunction.MEAN),
          pooling(PoolingFunction.MIN),
          LayerKind.without(GlobalAveragePooling.class, new GlobalAveragePooling()));

  /** Height and width of a window or a stride. */
  private record Extent(int height, int width) {}

  private WindowLayers() {}

  private static Convolution readConvolution(Settings settings) {
    int filters = settings.integer("filters");
    SlidingWindow window = window(settings, "kernel", new Extent(1, 1));
    boolean bias = settings.truth("bias", true);
    Convolution.Mode mode =
        switch (settings.text("mode", "correlation")) {
          case "correlation" -> Convolution.Mode.CORRELATION;
          case "convolution" -> Convolution.Mode.CONVOLUTION;
          default -> throw settings.wrong("mode", "correlation or convolution");
        };
    Initialization initializer = LayerYaml.initializer(settings);
    return settings.checked(() -> new Convolution(filters, window, bias, mode, initializer));
  }

  private static void writeConvolution(Convolution layer, ObjectNode settings) {
    settings.put("filters", layer.filters());
    writeWindow(layer.window(), "kernel", settings);
    settings.put("bias", layer.bias());
    settings.put("mode", layer.mode().name().toLowerCase(Locale.ROOT));
    settings.put("initializer", layer.initializer().key());
  }

  private static LayerKind<Pooling> pooling(PoolingFunction function) {
    return new LayerKind<>(
        function.name().toLowerCase(Locale.ROOT) + "Pooling",
        Pooling.class,
        List.of("window", "stride", "padding"),
        settings -> new Pooling(function, window(settings, "window", extent(settings, "window"))),
        (layer, settings) -> writeWindow(layer.window(), "window", settings));
  }

  /** The window whose size stands at {@code key}. */
  private static SlidingWindow window(Settings settings, String key, Extent otherStride) {
    Extent size = extent(settings, key);
    Extent stride = settings.has("stride") ? extent(settings, "stride") : otherStride;
    Padding padding = padding(settings, new Padding.Valid());
    return settings.checked(
        () ->
            new SlidingWindow(
                size.height(), size.width(), stride.height(), stride.width(), padding));
  }

  private static void writeWindow(SlidingWindow window, String key, ObjectNode settings) {
    settings.putArray(key).add(window.r()).add(window.s());
    settings.putArray("stride").add(window.strideH()).add(window.strideW());
    writePadding(window.padding(), settings);
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

  /** The padding that is set, or {@code otherwise}. */
  static Padding padding(Settings settings, Padding otherwise) {
    if (!settings.has("padding")) {
      return otherwise;
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

  static void writePadding(Padding padding, ObjectNode settings) {
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
