package convoy.engine.layer;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;

import convoy.engine.tensor.Shape;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Holds the twin itself against differences of its forward pass, and against sums by hand. */
class LayerTwinTest {
  private static final double STEP = 1e-5;

  static List<LayerCase> layers() {
    return LayerCase.all();
  }

  @ParameterizedTest
  @MethodSource("layers")
  void backwardIsTheSlopeOfForward(LayerCase layer) {
    List<double[]> parameters = layer.parameters().stream().map(TestValues::doubles).toList();
    checkSlopes(
        layer.layer(),
        layer.x(),
        TestValues.doubles(layer.values()),
        parameters,
        !(layer.layer() instanceof Scaling));
  }

  @ParameterizedTest
  @CsvSource({"4, 4", "5, 3", "1, 1"})
  void backwardOfTreesIsTheSlopeOfForward(int height, int width) {
    Shape x = new Shape(2, height, width, 3);
    Padding same = new Padding.Same();
    Layer identity =
        Residual.identity(List.of(TestLayers.convolution(3, 3, 3, 1, 1, same, true), new Relu()));
    Layer projected =
        new Residual(
            new Sequence(
                List.of(
                    TestLayers.convolution(4, 3, 3, 2, 2, same, true),
                    new Relu(),
                    TestLayers.convolution(4, 3, 3, 1, 1, same, false))),
            Optional.of(new Sequence(List.of(TestLayers.convolution(4, 1, 1, 2, 2, same, true)))));
    Layer tree =
        new Sequence(
            List.of(
                identity,
                projected,
                TestLayers.maxPooling(2, 2, 2, 2, same),
                new Branches(
                    List.of(
                        List.of(TestLayers.convolution(2, 1, 1, 1, 1, same, true)),
                        List.of(),
                        List.of(new Relu(), TestLayers.convolution(1, 1, 1, 1, 1, same, false)))),
                new Flatten(),
                new Dense(3, true)));
    List<double[]> parameters = new ArrayList<>();
    int pixels = (height + 3) / 4 * ((width + 3) / 4);
    for (int size : new int[] {81, 3, 108, 4, 144, 12, 4, 8, 2, 4, 21 * pixels, 3}) {
      parameters.add(
          TestValues.doubles(TestValues.spread(TestValues.key(parameters.size()), size)));
    }
    double[] values = TestValues.doubles(TestValues.spread(TestValues.key(77), 6 * height * width));
    checkSlopes(tree, x, values, parameters, true);
  }

  private static void checkSlopes(
      Layer layer, Shape x, double[] values, List<double[]> parameters, boolean input) {
    LayerTwin.Pass pass = LayerTwin.run(layer, x, values, new ArrayDeque<>(parameters));
    int size = pass.y().length;
    double[] dy = TestValues.doubles(TestValues.spread(TestValues.key(5), size));
    LayerTwin.Gradients gradients = pass.backward().apply(dy);
    if (input) {
      checkSlopes(layer, x, values, parameters, dy, values, gradients.dx());
    }
    for (int i = 0; i < parameters.size(); i++) {
      double[] gradient = gradients.parameters().get(i);
      checkSlopes(layer, x, values, parameters, dy, parameters.get(i), gradient);
    }
  }

  /** Moves each of {@code varied} (an operand of the layer) a little to both sides. */
  private static void checkSlopes(
      Layer layer,
      Shape x,
      double[] values,
      List<double[]> parameters,
      double[] dy,
      double[] varied,
      double[] gradient) {
    double[] slopes = new double[varied.length];
    for (int i = 0; i < varied.length; i++) {
      double own = varied[i];
      varied[i] = own + STEP;
      double above =
          TestValues.dot(dy, LayerTwin.run(layer, x, values, new ArrayDeque<>(parameters)).y());
      varied[i] = own - STEP;
      double below =
          TestValues.dot(dy, LayerTwin.run(layer, x, values, new ArrayDeque<>(parameters)).y());
      varied[i] = own;
      slopes[i] = (above - below) / (2 * STEP);
    }
    assertArrayEquals(slopes, gradient, 1e-7);
  }

  @Test
  void convolutionIsTheSumByHand() {
    // x = 1 2 3 / 4 5 6 / 7 8 9, w = 1 2 / 3 4, b = 100.
    Convolution layer = TestLayers.convolution(1, 2, 2, 1, 1, new Padding.Valid(), true);
    LayerTwin.Pass pass =
        LayerTwin.run(
            layer,
            new Shape(1, 3, 3, 1),
            new double[] {1, 2, 3, 4, 5, 6, 7, 8, 9},
            new ArrayDeque<>(List.of(new double[] {1, 2, 3, 4}, new double[] {100})));
    assertEquals(new Shape(1, 2, 2, 1), pass.shape());
    assertArrayEquals(new double[] {137, 147, 167, 177}, pass.y());
    LayerTwin.Gradients gradients = pass.backward().apply(new double[] {1, 0, 0, 10});
    assertArrayEquals(new double[] {1, 2, 0, 3, 14, 20, 0, 30, 40}, gradients.dx());
    assertArrayEquals(new double[] {51, 62, 84, 95}, gradients.parameters().get(0));
    assertArrayEquals(new double[] {11}, gradients.parameters().get(1));
  }
}
