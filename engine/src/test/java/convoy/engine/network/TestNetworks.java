package convoy.engine.network;

import convoy.engine.kernel.ActivationFunction;
import convoy.engine.kernel.PoolingFunction;
import convoy.engine.layer.Activation;
import convoy.engine.layer.BatchNormalization;
import convoy.engine.layer.Branches;
import convoy.engine.layer.Convolution;
import convoy.engine.layer.Dense;
import convoy.engine.layer.Filter;
import convoy.engine.layer.FilterKernel;
import convoy.engine.layer.Flatten;
import convoy.engine.layer.GlobalAveragePooling;
import convoy.engine.layer.Grey;
import convoy.engine.layer.Initialization;
import convoy.engine.layer.Layer;
import convoy.engine.layer.Linear;
import convoy.engine.layer.LocalResponseNormalization;
import convoy.engine.layer.Padding;
import convoy.engine.layer.Pooling;
import convoy.engine.layer.Recurrent;
import convoy.engine.layer.Relu;
import convoy.engine.layer.Residual;
import convoy.engine.layer.Scaling;
import convoy.engine.layer.Sequence;
import convoy.engine.layer.SlidingWindow;
import convoy.engine.layer.Softmax;
import convoy.engine.layer.TestLayers;
import convoy.engine.tensor.Shape;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Small networks for tests, chosen to have all that networks can have. */
public final class TestNetworks {
  private static final Padding SAME = new Padding.Same();
  private static final Padding VALID = new Padding.Valid();

  private TestNetworks() {}

  /** The networks that every property of networks is tested on. */
  public static List<NetworkSpec> all() {
    List<NetworkSpec> networks = new ArrayList<>();
    networks.add(residualPool());
    networks.add(projected());
    networks.add(flattenedTwice());
    networks.add(onlyDense());
    networks.add(activations());
    networks.add(inception());
    networks.add(nestedBranches());
    networks.add(flatBranches());
    networks.add(recurrent());
    networks.add(normalized());
    networks.add(normalizedBranches());
    networks.add(poolings());
    networks.add(filters());
    networks.addAll(RandomNetworks.all());
    return networks;
  }

  /** The shape of conf/networks/residual-pool.yaml at small sizes; about 2,500 parameters. */
  public static NetworkSpec residualPool() {
    List<Layer> layers = new ArrayList<>();
    layers.add(Scaling.by(255));
    layers.add(convolution(6, 3));
    layers.add(new Relu());
    for (int block = 0; block < 2; block++) {
      layers.add(
          Residual.identity(List.of(convolution(6, 3), new Relu(), convolution(6, 3), new Relu())));
      layers.add(TestLayers.maxPooling(2, 2, 2, 2, VALID));
    }
    layers.addAll(List.of(new Flatten(), new Dense(12, true), new Dense(4, true)));
    return network("residual-pool", new Shape(1, 8, 8, 3), layers);
  }

  /** A residual block that changes the shape, and one that starts at the network's input. */
  static NetworkSpec projected() {
    Sequence body =
        new Sequence(
            List.of(
                TestLayers.convolution(5, 3, 3, 2, 2, SAME, false),
                new Relu(),
                TestLayers.convolution(5, 3, 3, 1, 1, SAME, true)));
    Sequence projection = new Sequence(List.of(TestLayers.convolution(5, 1, 1, 2, 2, SAME, true)));
    return network(
        "projected",
        new Shape(1, 7, 6, 2),
        List.of(
            Residual.identity(List.of(convolution(2, 3))),
            new Residual(body, Optional.of(projection)),
            new Relu(),
            TestLayers.maxPooling(3, 3, 2, 2, SAME),
            new Flatten(),
            new Dense(3, true)));
  }

  /** One value that is read as it is, and flattened by two more readers. */
  static NetworkSpec flattenedTwice() {
    Sequence body = new Sequence(List.of(new Relu(), new Flatten(), new Dense(7, true)));
    Sequence projection = new Sequence(List.of(new Flatten(), new Dense(7, false)));
    return network(
        "flattened-twice",
        new Shape(1, 3, 3, 2),
        List.of(
            convolution(3, 2),
            new Residual(body, Optional.of(projection)),
            Residual.identity(List.of(new Flatten())),
            new Flatten(),
            new Relu(),
            new Dense(2, true),
            new Flatten()));
  }

  /** Two inception modules: the naive one, and the one whose 1x1 convolutions reduce channels. */
  static NetworkSpec inception() {
    Layer pooling = TestLayers.maxPooling(3, 3, 1, 1, SAME);
    Layer relu = new Relu();
    Branches naive =
        new Branches(
            List.of(
                List.of(convolution(4, 1), relu),
                List.of(convolution(5, 3), relu),
                List.of(convolution(3, 5), relu),
                List.of(pooling)));
    Branches reduced =
        new Branches(
            List.of(
                List.of(convolution(4, 1), relu),
                List.of(convolution(3, 1), relu, convolution(6, 3), relu),
                List.of(convolution(2, 1), relu, convolution(3, 5), relu),
                List.of(pooling, convolution(2, 1), relu)));
    return network(
        "inception",
        new Shape(1, 7, 6, 3),
        List.of(
            Scaling.by(255),
            naive,
            TestLayers.maxPooling(3, 3, 2, 2, SAME),
            reduced,
            new Flatten(),
            new Dense(4, true)));
  }

  /**
   * Branches in branches, at the network's input, of the input itself, and ones that end in what
   * can not write with a pixel stride.
   */
  static NetworkSpec nestedBranches() {
    Layer inner =
        new Branches(
            List.of(List.of(convolution(3, 3)), List.of(new Relu()), List.of(convolution(2, 1))));
    Layer outer =
        new Branches(
            List.of(
                List.of(inner),
                List.of(),
                List.of(convolution(4, 3), Residual.identity(List.of(convolution(4, 3)))),
                List.of(),
                List.of(inner, new Relu())));
    return network(
        "nested-branches",
        new Shape(1, 5, 4, 2),
        List.of(
            outer,
            Residual.identity(List.of(convolution(22, 1))),
            new Branches(
                List.of(
                    List.of(TestLayers.convolution(3, 3, 3, 2, 2, SAME, true)),
                    List.of(TestLayers.maxPooling(2, 2, 2, 2, SAME)))),
            new Flatten(),
            new Dense(3, true)));
  }

  /** Branches of plain rows that are the scores. */
  static NetworkSpec flatBranches() {
    List<Layer> wide = List.of(new Dense(6, true), new Relu(), new Dense(2, true));
    return network(
        "flat-branches",
        new Shape(1, 3, 3, 2),
        List.of(
            Scaling.by(100),
            new Branches(
                List.of(
                    List.of(new Flatten(), new Dense(3, false), new Relu()),
                    List.of(
                        new Flatten(),
                        new Branches(List.of(wide, List.of(new Dense(1, true)))))))));
  }

  /** A recurrent layer over what a convolution makes, beside another in a branch. */
  static NetworkSpec recurrent() {
    Layer recurrent = new Recurrent(4, Initialization.GLOROT_UNIFORM);
    return network(
        "recurrent",
        new Shape(1, 6, 5, 2),
        List.of(
            Scaling.by(255),
            convolution(3, 3),
            new Branches(List.of(List.of(recurrent), List.of(recurrent, new Relu()))),
            new Dense(3, true)));
  }

  /** Softmax regression. */
  static NetworkSpec onlyDense() {
    return network("only-dense", new Shape(1, 4, 4, 1), List.of(new Flatten(), new Dense(3, true)));
  }

  /** Every activation, behind a convolution, behind another activation and in a block. */
  static NetworkSpec activations() {
    Layer sigmoid = new Activation(ActivationFunction.SIGMOID);
    Layer tanh = new Activation(ActivationFunction.TANH);
    return network(
        "activations",
        new Shape(1, 5, 4, 2),
        List.of(
            Scaling.by(255),
            convolution(3, 3),
            tanh,
            Residual.identity(List.of(new Linear(), convolution(3, 3), sigmoid, tanh)),
            new Softmax(),
            new Linear(),
            new Flatten(),
            new Dense(4, true),
            sigmoid,
            new Dense(3, true),
            new Linear()));
  }

  /**
   * Batch normalisations with a ReLU behind them or none, in blocks, branches and of a flat input;
   * none has a bias or another one's shift alone before it, whose gradient would be 0.
   */
  public static NetworkSpec normalized() {
    Layer normalization = BatchNormalization.DEFAULT;
    Layer unbiased = TestLayers.convolution(4, 3, 3, 1, 1, SAME, false);
    return network(
        "normalized",
        new Shape(1, 6, 5, 2),
        List.of(
            Scaling.by(255),
            normalization,
            unbiased,
            normalization,
            new Relu(),
            Residual.identity(
                List.of(
                    normalization,
                    new Relu(),
                    unbiased,
                    new BatchNormalization(0.01, 0.5, false),
                    new Relu(),
                    unbiased,
                    normalization)),
            new Relu(),
            Residual.identity(List.of(normalization)),
            new Relu(),
            new Flatten(),
            new Dense(7, false),
            normalization,
            new Relu(),
            new Dense(3, true)));
  }

  /** Branches that end in a batch normalisation, which writes its part of the whole. */
  static NetworkSpec normalizedBranches() {
    Layer normalization = BatchNormalization.DEFAULT;
    Layer unbiased = TestLayers.convolution(4, 3, 3, 1, 1, SAME, false);
    return network(
        "normalized-branches",
        new Shape(1, 6, 5, 2),
        List.of(
            Scaling.by(255),
            unbiased,
            new Branches(
                List.of(
                    List.of(normalization),
                    List.of(unbiased, normalization, new Relu()),
                    List.of(new Relu(), normalization, TestLayers.maxPooling(2, 2, 1, 1, SAME)))),
            new Relu(),
            new Flatten(),
            new Dense(3, true)));
  }

  /** Filters before, between and in blocks of layers that train. */
  static NetworkSpec filters() {
    Layer sobel = new Filter(FilterKernel.Sobel.Y, SAME);
    return network(
        "filters",
        new Shape(1, 7, 6, 3),
        List.of(
            Scaling.by(255),
            new Filter(new FilterKernel.Gaussian(3, 0), SAME),
            convolution(3, 3),
            new Grey(),
            new Relu(),
            convolution(2, 3),
            Residual.identity(List.of(sobel, convolution(2, 3))),
            new Filter(FilterKernel.IntegerGaussian.FIVE, VALID),
            new Flatten(),
            new Dense(3, true)));
  }

  /** Every pooling, and convolutions whose kernels are turned. */
  static NetworkSpec poolings() {
    SlidingWindow overlapping = new SlidingWindow(3, 3, 2, 2, SAME);
    return network(
        "poolings",
        new Shape(1, 11, 9, 2),
        List.of(
            TestLayers.turned(convolution(5, 3)),
            new Relu(),
            new Pooling(PoolingFunction.MEAN, overlapping),
            TestLayers.turned(TestLayers.convolution(4, 2, 3, 1, 1, VALID, false)),
            new Pooling(PoolingFunction.MIN, overlapping),
            Residual.identity(List.of(TestLayers.turned(convolution(4, 3)))),
            LocalResponseNormalization.DEFAULT,
            new GlobalAveragePooling(),
            new Dense(3, true)));
  }

  private static Convolution convolution(int filters, int size) {
    return TestLayers.convolution(filters, size, size, 1, 1, SAME, true);
  }

  static NetworkSpec network(String name, Shape input, List<Layer> layers) {
    return new NetworkSpec(name, input, List.of(), false, new Sequence(layers));
  }
}
