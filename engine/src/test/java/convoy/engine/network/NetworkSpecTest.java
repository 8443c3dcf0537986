package convoy.engine.network;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.layer.Branches;
import convoy.engine.layer.Convolution;
import convoy.engine.layer.Dense;
import convoy.engine.layer.Dropout;
import convoy.engine.layer.Flatten;
import convoy.engine.layer.Frozen;
import convoy.engine.layer.Layer;
import convoy.engine.layer.Padding;
import convoy.engine.layer.Relu;
import convoy.engine.layer.Residual;
import convoy.engine.layer.Scaling;
import convoy.engine.layer.Softmax;
import convoy.engine.layer.TestLayers;
import convoy.engine.tensor.Shape;
import java.util.List;
import java.util.Locale;
import org.junit.jupiter.api.Test;

class NetworkSpecTest {
  private static final Shape IMAGE = new Shape(1, 8, 8, 3);
  private static final Padding VALID = new Padding.Valid();

  @Test
  void summaryCountsShapesParametersAndMultiplications() {
    NetworkSpec spec =
        network(
            TestLayers.convolution(4, 3, 3, 1, 1, VALID, true),
            new Relu(),
            Residual.identity(List.of(TestLayers.convolution(4, 1, 1, 1, 1, VALID, false))),
            new Flatten(),
            new Dense(2, true));
    assertEquals(
        List.of(
            new LayerSummary("convolution1", new Shape(1, 6, 6, 4), 112, 36 * 4 * 27),
            new LayerSummary("relu1", new Shape(1, 6, 6, 4), 0, 0),
            new LayerSummary("convolution2", new Shape(1, 6, 6, 4), 16, 36 * 16),
            new LayerSummary("residual1", new Shape(1, 6, 6, 4), 0, 0),
            new LayerSummary("flatten1", Shape.flat(1, 144), 0, 0),
            new LayerSummary("dense1", Shape.flat(1, 2), 290, 288)),
        spec.summary());
  }

  @Test
  void layoutHoldsParametersInOrderAndWithoutGaps() {
    NetworkSpec spec = TestNetworks.projected();
    ParameterLayout layout = spec.layout();
    assertEquals(
        List.of(
            "convolution1/weights",
            "convolution1/bias",
            "convolution2/weights",
            "convolution3/weights",
            "convolution3/bias",
            "convolution4/weights",
            "convolution4/bias",
            "dense1/weights",
            "dense1/bias"),
        layout.entries().stream().map(ParameterLayout.Entry::name).toList());
    int offset = 0;
    for (ParameterLayout.Entry entry : layout.entries()) {
      assertEquals(offset, entry.offset());
      offset += entry.size();
    }
    assertEquals(offset, layout.size());
    assertEquals("dense1/bias", layout.entry("dense1/bias").name());
    assertThrows(IllegalArgumentException.class, () -> layout.entry("dense1/weight"));
  }

  @Test
  void weightsAreTheParametersOfSeveralDimensions() {
    ParameterLayout layout = TestNetworks.onlyDense().layout();
    assertArrayEquals(new int[] {0, 48}, layout.weights());
    for (NetworkSpec spec : TestNetworks.all()) {
      int[] ranges = spec.layout().weights();
      for (ParameterLayout.Entry entry : spec.layout().entries()) {
        boolean inside = false;
        for (int i = 0; i < ranges.length; i += 2) {
          inside |= entry.offset() >= ranges[i] && entry.offset() < ranges[i + 1];
        }
        assertEquals(
            entry.name().toLowerCase(Locale.ROOT).endsWith("weights"), inside, entry.name());
      }
    }
  }

  @Test
  void firstParametersDependOnTheSeedAlone() {
    ParameterLayout layout = TestNetworks.residualPool().layout();
    float[] values = Parameters.initial(layout, 5).values();
    assertArrayEquals(values, Parameters.initial(layout, 5).values());
    assertNotEquals(values[0], Parameters.initial(layout, 6).values()[0]);
    ParameterLayout.Entry weights = layout.entry("dense1/weights");
    double limit = Math.sqrt(6.0 / (24 + 12));
    for (int i = 0; i < weights.size(); i++) {
      assertTrue(Math.abs(values[weights.offset() + i]) <= limit);
    }
    assertEquals(0, values[layout.entry("dense1/bias").offset()]);
    // Equal layers get values of their own.
    assertNotEquals(
        values[layout.entry("convolution2/weights").offset()],
        values[layout.entry("convolution3/weights").offset()]);
  }

  @Test
  void parametersAreFiniteUntilOneIsNot() {
    Parameters parameters = Parameters.initial(TestNetworks.onlyDense().layout(), 1);
    assertTrue(parameters.areFinite());
    for (float value : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
      parameters.values()[7] = value;
      assertEquals(false, parameters.areFinite());
    }
    assertThrows(
        IllegalArgumentException.class, () -> new Parameters(parameters.layout(), new float[3]));
  }

  @Test
  void layerThatDoesNotFitIsNamedWithBothSizes() {
    Convolution fits = TestLayers.convolution(16, 1, 1, 1, 1, VALID, true);
    String message =
        refusal(fits, fits, TestLayers.convolution(16, 11, 11, 1, 1, VALID, true), new Flatten());
    assertTrue(
        message.startsWith(
            "network tested, convolution3: its 11x11 window does not fit an input of 8x8x16"),
        message);
  }

  @Test
  void layerWithinABlockIsNamedToo() {
    String message = refusal(Residual.identity(List.of(new Relu(), new Dense(3, true))));
    assertTrue(message.startsWith("network tested, dense1: the input is 8x8x3"), message);
    assertTrue(message.contains("flatten"), message);
  }

  @Test
  void blockWhoseSummandsDifferIsNamedWithBothShapes() {
    String message =
        refusal(Residual.identity(List.of(TestLayers.convolution(4, 3, 3, 1, 1, VALID, true))));
    assertTrue(
        message.startsWith(
            "network tested, residual1: the body makes 6x6x4, but the input is 8x8x3"),
        message);
  }

  @Test
  void scalingBehindAnotherLayerIsRefused() {
    String message = refusal(Scaling.by(2), new Relu(), Scaling.by(2), new Flatten());
    assertTrue(message.startsWith("network tested, scaling2: "), message);
    assertTrue(message.contains("first"), message);
    // A view of the input is still the input, and the first layer of a block may be it.
    network(Residual.identity(List.of(Scaling.by(2))), new Flatten(), new Dense(2, true));
    network(new Flatten(), Scaling.by(2), new Dense(2, true));
  }

  @Test
  void parametersBeyondAnArrayAreRefusedWithTheLayersName() {
    int large = 1 << 20;
    String weights = refusal(new Flatten(), new Dense(large, true), new Dense(large, true));
    assertTrue(weights.startsWith("network tested, dense2: weights of [1048576, "), weights);
    Layer[] layers = {
      new Flatten(), new Dense(1 << 15, true), new Dense(1 << 15, true), new Dense(1 << 15, true)
    };
    String sum =
        assertThrows(IllegalArgumentException.class, () -> network(layers).layout()).getMessage();
    assertTrue(sum.contains("at most 2^31 parameters"), sum);
  }

  @Test
  void outputMustBeARowOfScores() {
    assertTrue(refusal(new Relu()).contains("the last layer makes 8x8x3"));
    assertTrue(refusal(new Flatten(), new Dense(1, true)).contains("two or more"));
  }

  @Test
  void lastLayerIsTheOneThatMakesTheOutputs() {
    Dense dense = new Dense(2, true);
    Softmax softmax = new Softmax();
    assertEquals(dense, network(new Flatten(), dense, new Dropout(0.5)).lastLayer());
    assertEquals(softmax, network(new Flatten(), dense, softmax, new Dropout(0)).lastLayer());
    Layer alike = new Branches(List.of(List.of(dense, softmax), List.of(dense, softmax)));
    assertEquals(softmax, network(new Flatten(), alike).lastLayer());
    Layer different = new Branches(List.of(List.of(dense, softmax), List.of(dense)));
    assertEquals(different, network(new Flatten(), different).lastLayer());
    Layer passing = new Branches(List.of(List.of(dense), List.of(new Dropout(0.5))));
    assertEquals(passing, network(new Flatten(), passing).lastLayer());
    Layer frozen = new Frozen(alike);
    assertEquals(softmax, network(new Flatten(), frozen).lastLayer());
    Layer block = Residual.identity(List.of(dense, softmax));
    assertEquals(block, network(new Flatten(), dense, block).lastLayer());
  }

  @Test
  void classNamesAreAsManyAsScoresAndAllDifferent() {
    NetworkSpec spec = network(new Flatten(), new Dense(2, true));
    List<String> names = List.of("cat", "dog");
    assertEquals(names, spec.withClassNames(names).classNames());
    String message =
        assertThrows(
                IllegalArgumentException.class,
                () -> spec.withClassNames(List.of("cat", "dog", "horse")))
            .getMessage();
    assertTrue(message.contains("2 outputs") && message.contains("3 classes"), message);
    assertThrows(IllegalArgumentException.class, () -> spec.withClassNames(List.of("cat", "cat")));
  }

  private static NetworkSpec network(Layer... layers) {
    return TestNetworks.network("tested", IMAGE, List.of(layers));
  }

  private static String refusal(Layer... layers) {
    return assertThrows(IllegalArgumentException.class, () -> network(layers)).getMessage();
  }
}
