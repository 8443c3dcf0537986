package convoy.engine.layer;

import convoy.engine.kernel.ActivationFunction;
import convoy.engine.kernel.PoolingFunction;
import convoy.engine.random.RandomKey;
import convoy.engine.tensor.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** A layer over an input of some shape, with values for the two of them. */
record LayerCase(OperationLayer layer, Shape x) {
  private static final Padding VALID = new Padding.Valid();
  private static final Padding SAME = new Padding.Same();

  /** Small sizes, odd ones above all, of all layers that are one operation. */
  static List<LayerCase> all() {
    List<LayerCase> cases = new ArrayList<>(convolutions());
    for (LayerCase convolution : convolutions()) {
      Convolution turned = TestLayers.turned((Convolution) convolution.layer());
      cases.add(new LayerCase(turned, convolution.x()));
    }
    cases.addAll(poolings());
    cases.addAll(filters());
    cases.addAll(responseNormalizations());
    for (OperationLayer layer : activations()) {
      cases.add(new LayerCase(layer, new Shape(2, 3, 5, 7)));
      cases.add(new LayerCase(layer, Shape.flat(3, 19)));
      cases.add(new LayerCase(layer, Shape.flat(1, 1)));
    }
    cases.add(new LayerCase(Scaling.by(255), new Shape(2, 3, 4, 3)));
    cases.add(
        new LayerCase(
            new Scaling(List.of(0.5, -0.25, 0.125), List.of(0.2, 2.0, 30.0)),
            new Shape(2, 3, 3, 3)));
    cases.add(new LayerCase(new Scaling(List.of(0.3), List.of(0.1)), new Shape(1, 2, 1, 5)));
    cases.addAll(normalizations());
    cases.add(new LayerCase(new Dense(1, false), Shape.flat(1, 1)));
    cases.add(new LayerCase(new Dense(10, true), Shape.flat(5, 13)));
    cases.add(new LayerCase(new Dense(33, true), Shape.flat(3, 50)));
    cases.add(new LayerCase(new Dense(7, false), Shape.flat(9, 32)));
    cases.add(new LayerCase(recurrent(1), new Shape(1, 1, 1, 1)));
    cases.add(new LayerCase(recurrent(5), new Shape(3, 7, 3, 1)));
    cases.add(new LayerCase(recurrent(3), new Shape(3, 1, 2, 3)));
    cases.add(new LayerCase(recurrent(19), new Shape(2, 3, 5, 2)));
    cases.add(new LayerCase(recurrent(33), new Shape(3, 2, 1, 7)));
    return cases;
  }

  private static List<OperationLayer> activations() {
    return List.of(
        new Relu(),
        new Activation(ActivationFunction.SIGMOID),
        new Activation(ActivationFunction.TANH),
        new Softmax());
  }

  private static Recurrent recurrent(int units) {
    return new Recurrent(units, Initialization.GLOROT_UNIFORM);
  }

  private static List<LayerCase> convolutions() {
    Padding uneven = new Padding.Explicit(2, 0, 1, 3);
    return List.of(
        new LayerCase(TestLayers.convolution(4, 3, 3, 1, 1, SAME, true), new Shape(2, 5, 6, 3)),
        new LayerCase(TestLayers.convolution(4, 3, 3, 1, 1, VALID, true), new Shape(2, 5, 6, 3)),
        new LayerCase(TestLayers.convolution(17, 3, 3, 1, 1, SAME, false), new Shape(1, 7, 4, 9)),
        new LayerCase(TestLayers.convolution(5, 3, 3, 2, 2, SAME, true), new Shape(2, 8, 7, 2)),
        new LayerCase(TestLayers.convolution(5, 2, 3, 2, 1, VALID, false), new Shape(2, 7, 5, 4)),
        new LayerCase(TestLayers.convolution(3, 5, 2, 3, 2, SAME, true), new Shape(1, 8, 9, 3)),
        new LayerCase(TestLayers.convolution(3, 3, 3, 3, 3, VALID, true), new Shape(2, 8, 7, 2)),
        new LayerCase(TestLayers.convolution(6, 4, 4, 3, 2, uneven, true), new Shape(2, 5, 6, 3)),
        new LayerCase(TestLayers.convolution(2, 3, 2, 1, 3, uneven, false), new Shape(1, 4, 5, 1)),
        new LayerCase(TestLayers.convolution(9, 1, 1, 1, 1, VALID, true), new Shape(3, 4, 3, 8)),
        new LayerCase(TestLayers.convolution(3, 1, 1, 2, 3, VALID, false), new Shape(2, 5, 7, 5)),
        new LayerCase(TestLayers.convolution(4, 7, 3, 1, 1, SAME, true), new Shape(1, 3, 8, 2)),
        new LayerCase(TestLayers.convolution(4, 5, 5, 2, 2, SAME, false), new Shape(1, 2, 3, 2)),
        new LayerCase(TestLayers.convolution(8, 3, 3, 1, 1, SAME, true), new Shape(4, 1, 1, 6)),
        new LayerCase(
            TestLayers.convolution(2, 2, 2, 1, 1, new Padding.Explicit(4, 3, 5, 6), true),
            new Shape(1, 2, 3, 2)),
        new LayerCase(TestLayers.convolution(16, 3, 3, 1, 1, SAME, true), new Shape(1, 5, 6, 32)),
        new LayerCase(TestLayers.convolution(40, 3, 3, 1, 1, VALID, true), new Shape(1, 6, 5, 16)));
  }

  private static List<LayerCase> normalizations() {
    BatchNormalization other = new BatchNormalization(0.25, 0.5, false);
    return List.of(
        new LayerCase(BatchNormalization.DEFAULT, new Shape(2, 3, 5, 7)),
        new LayerCase(BatchNormalization.DEFAULT, new Shape(1, 4, 3, 33)),
        new LayerCase(BatchNormalization.DEFAULT, new Shape(2, 11, 13, 2)),
        new LayerCase(other, new Shape(3, 5, 4, 16)),
        new LayerCase(other, Shape.flat(9, 19)));
  }

  private static List<LayerCase> poolings() {
    List<LayerCase> cases = new ArrayList<>();
    for (PoolingFunction function : PoolingFunction.values()) {
      Padding uneven = new Padding.Explicit(3, 0, 1, 2);
      cases.add(pooling(function, 2, 2, 2, 2, VALID, new Shape(2, 6, 4, 3)));
      cases.add(pooling(function, 2, 2, 2, 2, VALID, new Shape(2, 5, 7, 18)));
      cases.add(pooling(function, 3, 3, 2, 2, SAME, new Shape(1, 6, 7, 4)));
      cases.add(pooling(function, 3, 2, 1, 1, SAME, new Shape(2, 4, 5, 2)));
      cases.add(pooling(function, 2, 3, 3, 1, VALID, new Shape(1, 7, 6, 5)));
      cases.add(pooling(function, 4, 3, 2, 3, uneven, new Shape(2, 5, 5, 3)));
      cases.add(pooling(function, 4, 3, 2, 3, uneven, new Shape(2, 5, 5, 16)));
      cases.add(pooling(function, 1, 1, 1, 1, VALID, new Shape(1, 1, 1, 1)));
      cases.add(pooling(function, 3, 3, 1, 1, SAME, new Shape(1, 1, 1, 17)));
    }
    cases.add(new LayerCase(new GlobalAveragePooling(), new Shape(2, 5, 3, 7)));
    cases.add(new LayerCase(new GlobalAveragePooling(), new Shape(3, 2, 4, 32)));
    cases.add(new LayerCase(new GlobalAveragePooling(), new Shape(1, 1, 1, 1)));
    return cases;
  }

  private static List<LayerCase> responseNormalizations() {
    LocalResponseNormalization alexNet = LocalResponseNormalization.DEFAULT;
    LocalResponseNormalization wide = new LocalResponseNormalization(9, 0.3, 0.75, 1, true);
    LocalResponseNormalization single = new LocalResponseNormalization(1, 2, 1.5, 0.5, false);
    return List.of(
        new LayerCase(alexNet, new Shape(2, 3, 4, 19)),
        new LayerCase(alexNet, Shape.flat(1, 1)),
        new LayerCase(wide, new Shape(2, 2, 1, 5)),
        new LayerCase(wide, new Shape(1, 3, 3, 32)),
        new LayerCase(single, Shape.flat(3, 8)));
  }

  private static List<LayerCase> filters() {
    Padding uneven = new Padding.Explicit(2, 0, 1, 3);
    FilterKernel integer = FilterKernel.IntegerGaussian.FIVE;
    return List.of(
        new LayerCase(new Filter(FilterKernel.Sobel.X, SAME), new Shape(2, 5, 4, 3)),
        new LayerCase(new Filter(FilterKernel.Sobel.Y, uneven), new Shape(1, 4, 6, 17)),
        new LayerCase(new Filter(FilterKernel.Sobel.X, SAME), new Shape(1, 1, 1, 1)),
        new LayerCase(new Filter(new FilterKernel.Gaussian(3, 0.7), VALID), new Shape(2, 6, 5, 2)),
        new LayerCase(new Filter(new FilterKernel.Gaussian(7, 0), SAME), new Shape(1, 3, 9, 4)),
        new LayerCase(new Filter(integer, SAME), new Shape(2, 6, 7, 3)),
        new LayerCase(new Grey(), new Shape(2, 3, 5, 3)),
        new LayerCase(new Grey(), new Shape(1, 1, 1, 3)));
  }

  private static LayerCase pooling(
      PoolingFunction function, int r, int s, int strideH, int strideW, Padding padding, Shape x) {
    SlidingWindow window = new SlidingWindow(r, s, strideH, strideW, padding);
    return new LayerCase(new Pooling(function, window), x);
  }

  /** Values for the input. */
  float[] values() {
    return TestValues.spread(key(0), (int) x.size());
  }

  /** Values for each parameter. */
  List<float[]> parameters() {
    List<float[]> values = new ArrayList<>();
    for (ParameterSpec spec : layer.parameters(x)) {
      values.add(TestValues.spread(key(1 + values.size()), spec.size()));
    }
    return values;
  }

  /** Values for the gradient of the output. */
  float[] outputGradient() {
    return TestValues.spread(key(9), (int) layer.outputShape(x).size());
  }

  private RandomKey key(int purpose) {
    return TestValues.key(31 * layer.toString().hashCode() + x.hashCode()).with(purpose);
  }

  /** What the twin makes of {@code input}. */
  LayerTwin.Pass twin(double[] input, List<double[]> parameters) {
    Deque<double[]> queue = new ArrayDeque<>(parameters);
    return LayerTwin.run(layer, x, input, queue);
  }

  /** What the twin makes of this case's own values. */
  LayerTwin.Pass twin() {
    return twin(
        TestValues.doubles(values()), parameters().stream().map(TestValues::doubles).toList());
  }
}
