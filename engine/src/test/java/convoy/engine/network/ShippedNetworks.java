package convoy.engine.network;

import convoy.engine.layer.Branches;
import convoy.engine.layer.Dropout;
import convoy.engine.layer.Layer;
import convoy.engine.layer.Residual;
import convoy.engine.layer.Sequence;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
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
    return new NetworkSpec(
        spec.name(),
        spec.input(),
        spec.classNames(),
        spec.strict(),
        new Sequence(withoutDropout(spec.layers().layers())));
  }

  private static List<Layer> withoutDropout(List<Layer> layers) {
    return layers.stream()
        .filter(layer -> !(layer instanceof Dropout))
        .map(ShippedNetworks::withoutDropout)
        .toList();
  }

  private static Layer withoutDropout(Layer layer) {
    if (layer instanceof Sequence sequence) {
      return new Sequence(withoutDropout(sequence.layers()));
    } else if (layer instanceof Residual block) {
      return new Residual(
          new Sequence(withoutDropout(block.body().layers())),
          block.projection().map(p -> new Sequence(withoutDropout(p.layers()))));
    } else if (layer instanceof Branches branches) {
      return new Branches(
          branches.branches().stream().map(ShippedNetworks::withoutDropout).toList());
    }
    return layer;
  }
}
