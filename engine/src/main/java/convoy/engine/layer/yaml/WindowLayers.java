package convoy.engine.layer.yaml;

import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.layer.Convolution;
import convoy.engine.layer.MaxPooling;
import convoy.engine.layer.Padding;
import convoy.engine.settings.Settings;
import java.util.List;

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
              List.of("filters", "kernel", "stride", "padding", "bias"),
              WindowLayers::readConvolution,
              WindowLayers::writeConvolution),
          new LayerKind<>(
              "maxPooling",
              MaxPooling.class,
              List.of("window", "stride", "padding"),
              WindowLayers::readMaxPooling,
              WindowLayers::writeMaxPooling));

  /** Height and width of a window or a stride. */
  private record Extent(int height, int width) {}

  private WindowLayers() {}

  private static Convolution readConvolution(Settings settings) {
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

  private static void writeConvolution(Convolution layer, ObjectNode settings) {
    settings.put("filters", layer.filters());
    settings.putArray("kernel").add(layer.r()).add(layer.s());
    settings.putArray("stride").add(layer.strideH()).add(layer.strideW());
    writePadding(layer.padding(), settings);
    settings.put("bias", layer.bias());
  }

  private static MaxPooling readMaxPooling(Settings settings) {
    Extent window = extent(settings, "window");
    Extent stride = settings.has("stride") ? extent(settings, "stride") : window;
    Padding padding = padding(settings);
    return settings.checked(
        () ->
            new MaxPooling(
                window.height(), window.width(), stride.height(), stride.width(), padding));
  }

  private static void writeMaxPooling(MaxPooling layer, ObjectNode settings) {
    settings.putArray("window").add(layer.r()).add(layer.s());
    settings.putArray("stride").add(layer.strideH()).add(layer.strideW());
    writePadding(layer.padding(), settings);
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
