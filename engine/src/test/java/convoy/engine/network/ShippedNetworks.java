package convoy.engine.network;

import convoy.engine.layer.Branches;
import convoy.engine.layer.Convolution;
import convoy.engine.layer.Dense;
import convoy.engine.layer.Dropout;
import convoy.engine.layer.Layer;
import convoy.engine.layer.Recurrent;
import convoy.engine.layer.Residual;
import convoy.engine.layer.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Stream;

/** The networks of conf/networks. */
public final class ShippedNetworks {
  private static final Path FOLDER = Path.of("..", "conf", "networks");
  private static final String SUFFIX = ".yaml";

  private ShippedNetworks() {}

  /** The names of all of them, sorted. */
  static List<String> names() throws IOException {
    try (Stream<Path> files = Files.list(FOLDER)) {
      return files
          .map(file -> file.getFileName().toString())
          .map(file -> file.substring(0, file.length() - SUFFIX.length()))
          .sorted()
          .toList();
    }
  }

  /** What stands in the file. */
  static String text(String name) throws IOException {
    return Files.readString(FOLDER.resolve(name + SUFFIX));
  }

  /** The network of that name. */
  public static NetworkSpec of(String name) throws IOException {
    return NetworkSpec.fromYaml(name + SUFFIX, text(name));
  }

  /** The same network, of which nothing is random in training. */
  static NetworkSpec withoutDropout(NetworkSpec spec) {
    return rebuilt(spec, layer -> layer instanceof Dropout ? Stream.empty() : Stream.of(layer));
  }

  /** The same network with a {@code factor}-th of its filters and units, but at least two. */
  public static NetworkSpec narrowed(NetworkSpec spec, int factor) {
    return rebuilt(spec, layer -> Stream.of(narrowed(layer, factor)));
  }

  private static Layer narrowed(Layer layer, int factor) {
    if (layer instanceof Convolution convolution) {
      return new Convolution(
          narrowed(convolution.filters(), factor),
          convolution.window(),
          convolution.bias(),
          convolution.mode(),
          convolution.initializer());
    } else if (layer instanceof Dense dense) {
      return new Dense(narrowed(dense.units(), factor), dense.bias(), dense.initializer());
    } else if (layer instanceof Recurrent recurrent) {
      return new Recurrent(narrowed(recurrent.units(), factor), recurrent.initializer());
    }
    return layer;
  }

  private static int narrowed(int channels, int factor) {
    return Math.max(2, channels / factor);
  }

  /** The network with each leaf of its tree replaced by what {@code leaf} makes of it. */
  private static NetworkSpec rebuilt(NetworkSpec spec, Function<Layer, Stream<Layer>> leaf) {
    return new NetworkSpec(
        spec.name(),
        spec.input(),
        spec.classNames(),
        spec.strict(),
        new Sequence(rebuilt(spec.layers().layers(), leaf)));
  }

  private static List<Layer> rebuilt(List<Layer> layers, Function<Layer, Stream<Layer>> leaf) {
    return layers.stream().flatMap(layer -> rebuilt(layer, leaf)).toList();
  }

  private static Stream<Layer> rebuilt(Layer layer, Function<Layer, Stream<Layer>> leaf) {
    if (layer instanceof Sequence sequence) {
      return Stream.of(new Sequence(rebuilt(sequence.layers(), leaf)));
    } else if (layer instanceof Residual block) {
      return Stream.of(
          new Residual(
              new Sequence(rebuilt(block.body().layers(), leaf)),
              block.projection().map(p -> new Sequence(rebuilt(p.layers(), leaf)))));
    } else if (layer instanceof Branches branches) {
      return Stream.of(
          new Branches(branches.branches().stream().map(b -> rebuilt(b, leaf)).toList()));
    }
    return leaf.apply(layer);
  }
}
