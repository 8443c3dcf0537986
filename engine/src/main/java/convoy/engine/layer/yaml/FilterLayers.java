package convoy.engine.layer.yaml;

import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.layer.Filter;
import convoy.engine.layer.FilterKernel;
import convoy.engine.layer.Grey;
import convoy.engine.layer.Padding;
import convoy.engine.settings.Settings;
import java.util.List;

/** The filters whose weights are given. Padding is same unless set. */
final class FilterLayers {
  static final List<LayerKind<?>> KINDS =
      List.of(
          LayerKind.without(Grey.class, new Grey()),
          sobel(FilterKernel.Sobel.X),
          sobel(FilterKernel.Sobel.Y),
          new LayerKind<>(
              "gaussian",
              Filter.class,
              List.of("size", "sigma", "kernel", "padding"),
              FilterLayers::readGaussian,
              FilterLayers::writeGaussian));

  private FilterLayers() {}

  private static LayerKind<Filter> sobel(FilterKernel.Sobel kernel) {
    return new LayerKind<>(
        kernel.kind(),
        Filter.class,
        List.of("padding"),
        settings -> new Filter(kernel, WindowLayers.padding(settings, new Padding.Same())),
        (layer, settings) -> WindowLayers.writePadding(layer.padding(), settings));
  }

  private static Filter readGaussian(Settings settings) {
    Padding padding = WindowLayers.padding(settings, new Padding.Same());
    if (!settings.has("kernel")) {
      int size = settings.integer("size");
      double sigma = settings.number("sigma", 0);
      return settings.checked(() -> new Filter(new FilterKernel.Gaussian(size, sigma), padding));
    }
    if (!settings.text("kernel").equals("integer5")) {
      throw settings.wrong("kernel", "integer5, or size and sigma instead");
    }
    if (settings.has("size") || settings.has("sigma")) {
      throw settings.wrong("kernel", "either a kernel or size and sigma");
    }
    return new Filter(FilterKernel.IntegerGaussian.FIVE, padding);
  }

  private static void writeGaussian(Filter layer, ObjectNode settings) {
    if (layer.kernel() instanceof FilterKernel.Gaussian gaussian) {
      settings.put("size", gaussian.size()).put("sigma", gaussian.sigma());
    } else {
      settings.put("kernel", "integer5");
    }
    WindowLayers.writePadding(layer.padding(), settings);
  }
}
