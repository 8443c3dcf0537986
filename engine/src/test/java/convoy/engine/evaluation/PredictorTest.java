package convoy.engine.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import convoy.engine.network.NetworkSpec;
import convoy.engine.network.ParameterLayout;
import convoy.engine.network.Parameters;
import java.util.List;
import org.junit.jupiter.api.Test;

class PredictorTest {
  private static final byte[] WHITE_AND_GREY = {(byte) 255, (byte) 128};

  @Test
  void probabilitiesAreTheSoftmaxOfTheScoresLargestFirst() {
    // Scores: a 255 / 255 = 1, b 0, c (255 + 128) / 255.
    float c = 383 / 255f;
    double sum = Math.E + 1 + Math.exp(c);
    assertPredicted(
        List.of(
            new ClassProbability("c", 2, Math.exp(c) / sum),
            new ClassProbability("a", 0, Math.E / sum),
            new ClassProbability("b", 1, 1 / sum)),
        predict("", WHITE_AND_GREY, 1));
  }

  @Test
  void aSoftmaxAtTheEndIsNotRepeated() {
    List<ClassProbability> scores = predict("", WHITE_AND_GREY, 1);
    assertPredicted(scores, predict(", softmax", WHITE_AND_GREY, 1));
  }

  @Test
  void outputsOfASigmoidStayAsTheyAre() {
    assertPredicted(
        List.of(
            new ClassProbability("c", 2, 1 / (1 + Math.exp(-383 / 255d))),
            new ClassProbability("a", 0, 1 / (1 + Math.exp(-1))),
            new ClassProbability("b", 1, 0.5)),
        predict(", sigmoid", WHITE_AND_GREY, 1));
  }

  @Test
  void largeScoresDoNotOverflowAndEqualOnesKeepTheirOrder() {
    assertPredicted(
        List.of(
            new ClassProbability("a", 0, 0.5),
            new ClassProbability("c", 2, 0.5),
            new ClassProbability("b", 1, 0)),
        predict("", new byte[] {(byte) 255, 0}, 1e5f));
  }

  @Test
  void classesWithoutNamesHaveTheirIndex() {
    NetworkSpec spec = spec("").withClassNames(List.of());
    try (Predictor predictor = new Predictor(spec, parameters(spec, 1), 1)) {
      assertEquals("2", predictor.predict(WHITE_AND_GREY).get(0).name());
    }
  }

  @Test
  void anImageOfAnotherSizeIsRefused() {
    IllegalArgumentException e =
        assertThrows(IllegalArgumentException.class, () -> predict("", new byte[3], 1));
    assertEquals("got 3 pixel values, wanted those of an image of 1x2x1", e.getMessage());
  }

  @Test
  void outputsThatAreNotFiniteAreNoPrediction() {
    IllegalArgumentException e =
        assertThrows(
            IllegalArgumentException.class,
            () -> predict("", WHITE_AND_GREY, Float.POSITIVE_INFINITY));
    assertEquals("network test puts out Infinity; are its weights finite?", e.getMessage());
  }

  private static NetworkSpec spec(String end) {
    return NetworkSpec.fromYaml(
        "test",
        """
        name: test
        input: {height: 1, width: 2, channels: 1}
        classes: [a, b, c]
        layers: [scaling: {deviation: 255}, flatten, dense: {units: 3, bias: false}%s]
        """
            .formatted(end));
  }

  /** Score a is the first pixel, b 0, c the sum of both, all times {@code factor}. */
  private static Parameters parameters(NetworkSpec spec, float factor) {
    ParameterLayout layout = spec.layout();
    return new Parameters(layout, new float[] {factor, 0, factor, 0, 0, factor});
  }

  private static List<ClassProbability> predict(String end, byte[] pixels, float factor) {
    NetworkSpec spec = spec(end);
    try (Predictor predictor = new Predictor(spec, parameters(spec, factor), 1)) {
      return predictor.predict(pixels);
    }
  }

  private static void assertPredicted(
      List<ClassProbability> expected, List<ClassProbability> predicted) {
    assertEquals(expected.size(), predicted.size());
    for (int i = 0; i < expected.size(); i++) {
      assertEquals(expected.get(i).name(), predicted.get(i).name());
      assertEquals(expected.get(i).index(), predicted.get(i).index());
      assertEquals(expected.get(i).probability(), predicted.get(i).probability(), 1e-6);
    }
  }
}
