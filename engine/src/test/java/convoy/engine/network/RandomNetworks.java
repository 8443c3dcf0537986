package convoy.engine.network;

import convoy.engine.layer.Branches;
import convoy.engine.layer.Dense;
import convoy.engine.layer.Flatten;
import convoy.engine.layer.Layer;
import convoy.engine.layer.Padding;
import convoy.engine.layer.Relu;
import convoy.engine.layer.Residual;
import convoy.engine.layer.Scaling;
import convoy.engine.layer.Sequence;
import convoy.engine.layer.TestLayers;
import convoy.engine.layer.TestValues;
import convoy.engine.random.RandomKey;
import convoy.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Small networks for tests, grown at random, always the same ones. */
final class RandomNetworks {
  private static final int COUNT = 30;
  private static final Padding SAME = new Padding.Same();
  private static final Padding VALID = new Padding.Valid();

  private RandomNetworks() {}

  static List<NetworkSpec> all() {
    List<NetworkSpec> networks = new ArrayList<>();
    for (int number = 0; number < COUNT; number++) {
      networks.add(grown(number));
    }
    return networks;
  }

  /** A tree grown from {@code number}, with blocks inside blocks. */
  private static NetworkSpec grown(int number) {
    RandomKey key = TestValues.key(1000 + number);
    Shape input = new Shape(1, 4 + key.below(5, 0), 4 + key.below(5, 1), 1 + key.below(3, 2));
    List<Layer> layers = new ArrayList<>();
    layers.add(Scaling.by(255));
    layers.addAll(grow(key.with(1), input, 2 + key.below(5, 3), 2));
    Shape grown = new Sequence(layers).outputShape(input);
    layers.add(new Flatten());
    layers.addAll(grow(key.with(2), Shape.flat(1, grown.imageSize()), key.below(4, 4), 2));
    layers.add(new Dense(2 + key.below(4, 5), true));
    return TestNetworks.network("random" + number, input, layers);
  }

  private static List<Layer> grow(RandomKey key, Shape x, int count, int depth) {
    List<Layer> layers = new ArrayList<>();
    Shape shape = x;
    for (int i = 0; i < count; i++) {
      Layer layer = layer(key.with(i), shape, depth);
      layers.add(layer);
      shape = layer.outputShape(shape);
    }
    return layers;
  }

  private static Layer layer(RandomKey key, Shape x, int depth) {
    int k = 1 + key.below(6, 0);
    boolean bias = key.below(2, 1) == 0;
    switch (key.below(7, 2)) {
      case 0:
        return new Relu();
      case 1:
        return x.h() < 2 || x.w() < 2
            ? new Flatten()
            : TestLayers.maxPooling(2, 2, 1 + key.below(2, 3), 1 + key.below(2, 4), VALID);
      case 2, 3:
        return depth == 0 ? new Relu() : residual(key.with(9), x, depth - 1);
      case 4:
        return depth == 0 ? new Relu() : branches(key.with(8), x, depth - 1);
      default:
        return x.isFlat()
            ? new Dense(k, bias)
            : TestLayers.convolution(
                k, 1 + key.below(3, 5), 1 + key.below(3, 6), 1, 1 + key.below(2, 7), SAME, bias);
    }
  }

  /** A block whose body, and projection if need be, end in what brings them to one shape. */
  private static Layer residual(RandomKey key, Shape x, int depth) {
    List<Layer> body = grow(key.with(0), x, key.below(4, 0), depth);
    Shape made = body.isEmpty() ? x : new Sequence(body).outputShape(x);
    if (made.equals(x) && !body.isEmpty()) {
      return Residual.identity(body);
    }
    int k = 1 + key.below(5, 1);
    body.add(new Flatten());
    body.add(new Dense(k, true));
    List<Layer> projection = new ArrayList<>(grow(key.with(1), x, key.below(2, 2), depth));
    projection.add(new Flatten());
    projection.add(new Dense(k, false));
    if (key.below(2, 3) == 0) {
      body.add(new Relu());
      projection.add(new Relu());
    }
    return new Residual(new Sequence(body), Optional.of(new Sequence(projection)));
  }

  /** Branches that keep height and width, or all of which are rows. */
  private static Layer branches(RandomKey key, Shape x, int depth) {
    List<List<Layer>> branches = new ArrayList<>();
    for (int i = 0; i < 1 + key.below(4, 0); i++) {
      List<Layer> branch = grow(key.with(i), x, key.below(3, i + 1), depth);
      Shape made = branch.isEmpty() ? x : new Sequence(branch).outputShape(x);
      if (made.h() != x.h() || made.w() != x.w()) {
        branch = List.of(new Relu());
      }
      branches.add(branch);
    }
    return new Branches(branches);
  }
}
