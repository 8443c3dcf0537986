package convoy.engine.layer.yaml;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import convoy.engine.layer.BatchNormalization;
import convoy.engine.layer.Dense;
import convoy.engine.layer.Dropout;
import convoy.engine.layer.Flatten;
import convoy.engine.layer.Initialization;
import convoy.engine.layer.LocalResponseNormalization;
import convoy.engine.layer.Recurrent;
import convoy.engine.layer.Scaling;
import convoy.engine.settings.Settings;
import java.util.ArrayList;
import java.util.List;

/** The layers that are neither activations nor have a window or layers inside. */
final class PlainLayers {
  static final List<LayerKind<?>> KINDS =
      List.of(
          new LayerKind<>(
              "scaling",
              Scaling.class,
              List.of("mean", "deviation"),
              PlainLayers::readScaling,
              PlainLayers::writeScaling),
          LayerKind.without(Flatten.class, new Flatten()),
          new LayerKind<>(
              "dropout",
              Dropout.class,
              List.of("rate"),
              PlainLayers::readDropout,
              (layer, settings) -> settings.put("rate", layer.rate())),
          new LayerKind<>(
              "dense",
              Dense.class,
              List.of("units", "bias", "initializer", LayerKind.TRAINABLE),
              PlainLayers::readDense,
              PlainLayers::writeDense),
          new LayerKind<>(
              "recurrent",
              Recurrent.class,
              List.of("units", "initializer", LayerKind.TRAINABLE),
              PlainLayers::readRecurrent,
              (layer, settings) ->
                  settings
                      .put("units", layer.units())
                      .put("initializer", layer.initializer().key())),
          new LayerKind<>(
              "batchNormalization",
              BatchNormalization.class,
              List.of("epsilon", "momentum", "unbiasedVariance", LayerKind.TRAINABLE),
              PlainLayers::readBatchNormalization,
              PlainLayers::writeBatchNormalization),
          new LayerKind<>(
              "localResponseNormalization",
              LocalResponseNormalization.class,
              List.of("size", "alpha", "beta", "k", "alphaDividedBySize"),
              PlainLayers::readResponseNormalization,
              PlainLayers::writeResponseNormalization));

  private PlainLayers() {}

  private static Scaling readScaling(Settings settings) {
    List<Double> mean = numbers(settings, "mean", 0);
    List<Double> deviation = numbers(settings, "deviation", 1);
    return settings.checked(() -> new Scaling(mean, deviation));
  }

  private static void writeScaling(Scaling layer, ObjectNode settings) {
    layer.mean().forEach(settings.putArray("mean")::add);
    layer.deviation().forEach(settings.putArray("deviation")::add);
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

  private static Dropout readDropout(Settings settings) {
    double rate = settings.number("rate");
    return settings.checked(() -> new Dropout(rate));
  }

  private static Dense readDense(Settings settings) {
    int units = settings.integer("units");
    boolean bias = settings.truth("bias", true);
    Initialization initializer = LayerYaml.initializer(settings);
    return settings.checked(() -> new Dense(units, bias, initializer));
  }

  private static void writeDense(Dense layer, ObjectNode settings) {
    settings.put("units", layer.units()).put("bias", layer.bias());
    settings.put("initializer", layer.initializer().key());
  }

  private static Recurrent readRecurrent(Settings settings) {
    int units = settings.integer("units");
    Initialization initializer = LayerYaml.initializer(settings);
    return settings.checked(() -> new Recurrent(units, initializer));
  }

  private static BatchNormalization readBatchNormalization(Settings settings) {
    BatchNormalization standard = BatchNormalization.DEFAULT;
    double epsilon = settings.number("epsilon", standard.epsilon());
    double momentum = settings.number("momentum", standard.momentum());
    boolean unbiased = settings.truth("unbiasedVariance", standard.unbiasedVariance());
    return settings.checked(() -> new BatchNormalization(epsilon, momentum, unbiased));
  }

  private static void writeBatchNormalization(BatchNormalization layer, ObjectNode settings) {
    settings.put("epsilon", layer.epsilon()).put("momentum", layer.momentum());
    settings.put("unbiasedVariance", layer.unbiasedVariance());
  }

  private static LocalResponseNormalization readResponseNormalization(Settings settings) {
    LocalResponseNormalization standard = LocalResponseNormalization.DEFAULT;
    int size = settings.integer("size", standard.size());
    double alpha = settings.number("alpha", standard.alpha());
    double beta = settings.number("beta", standard.beta());
    double k = settings.number("k", standard.k());
    boolean divided = settings.truth("alphaDividedBySize", standard.alphaDividedBySize());
    return settings.checked(() -> new LocalResponseNormalization(size, alpha, beta, k, divided));
  }

  private static void writeResponseNormalization(
      LocalResponseNormalization layer, ObjectNode settings) {
    settings.put("size", layer.size()).put("alpha", layer.alpha()).put("beta", layer.beta());
    settings.put("k", layer.k()).put("alphaDividedBySize", layer.alphaDividedBySize());
  }
}
