package convoy.engine.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Expected values are scikit-learn's; engine/src/test/python/evaluation_golden.py prints them. */
class EvaluationTest {
  private static final int CLASSES = 7;
  private static final int IMAGES = 60;

  private static final double[] PRECISION = {
    0.5714285714285714, 0.4444444444444444, 0.5, 0.5714285714285714, 0.3, 0.0, 0.0
  };
  private static final double[] RECALL = {
    0.23529411764705882, 0.5, 0.625, 0.8888888888888888, 0.3333333333333333, 0.0, 0.0
  };
  private static final double[] F1 = {
    0.3333333333333333,
    0.47058823529411764,
    0.5555555555555556,
    0.6956521739130435,
    0.3157894736842105,
    0.0,
    0.0
  };

  @Test
  void measuresAreThoseOfScikitLearn() {
    Evaluation evaluation = part(0, 1);
    assertEquals(60, evaluation.images());
    assertEquals(0.4, evaluation.accuracy());
    assertEquals(0.8333333333333334, evaluation.topAccuracy(5), 1e-15);
    assertEquals(0.4, evaluation.topAccuracy(1), 1e-15);
    assertEquals(0.5166666666666667, evaluation.topAccuracy(2), 1e-15);
    assertEquals(0.7166666666666667, evaluation.topAccuracy(3), 1e-15);
    assertEquals(1, evaluation.topAccuracy(CLASSES));
    assertEquals(Interval.of(24, 60), evaluation.accuracyInterval());
    ConfusionMatrix confusion = evaluation.confusion();
    ConfusionMatrix.Averages macro = confusion.macroAverages();
    assertEquals(0.3410430839002267, macro.precision(), 1e-15);
    assertEquals(0.3689309056956116, macro.recall(), 1e-15);
    assertEquals(0.33870268168289436, macro.f1(), 1e-15);
    ConfusionMatrix.Averages weighted = confusion.weightedAverages();
    assertEquals(0.4185449735449735, weighted.precision(), 1e-15);
    assertEquals(0.4, weighted.recall(), 1e-15);
    assertEquals(0.38297986369732223, weighted.f1(), 1e-15);
    assertEquals(17, confusion.images(0));
    assertEquals(10, confusion.predictions(6));
    assertEquals(7, confusion.count(5, 6));
    for (int c = 0; c < CLASSES; c++) {
      assertEquals(PRECISION[c], confusion.precision(c), 1e-15);
      assertEquals(RECALL[c], confusion.recall(c), 1e-15);
      assertEquals(F1[c], confusion.f1(c), 1e-15);
    }
  }

  /** As scikit-learn leaves them out, whose labels are those that occur. */
  @Test
  void classesThatDoNotOccurHaveNoPartInMacroAverages() {
    ConfusionMatrix all = part(0, 1).confusion();
    ConfusionMatrix wider = new ConfusionMatrix(CLASSES + 2);
    for (int label = 0; label < CLASSES; label++) {
      for (int predicted = 0; predicted < CLASSES; predicted++) {
        for (long i = 0; i < all.count(label, predicted); i++) {
          wider.add(label, predicted);
        }
      }
    }
    assertEquals(0.3410430839002267, wider.macroAverages().precision(), 1e-15);
    assertEquals(0.3689309056956116, wider.macroAverages().recall(), 1e-15);
    assertEquals(0.33870268168289436, wider.macroAverages().f1(), 1e-15);
    assertEquals(0.38297986369732223, wider.weightedAverages().f1(), 1e-15);
  }

  /** As of a model that has diverged, on a large data set. */
  @Test
  void lossesThatAreNoNumbersNeverOverflow() {
    Evaluation evaluation = new Evaluation(2);
    float[] outputs = {Float.NaN, 0};
    int images = 9_000_000;
    for (int i = 0; i < images; i++) {
      evaluation.add(i % 2, outputs, 0, Double.NaN);
    }
    evaluation.merge(evaluation);
    assertEquals(65_536, evaluation.loss());
    assertEquals(2 * images, evaluation.clampedLosses());
    assertEquals(2 * images, evaluation.confusion().undecided());
  }

  @Test
  void partsMergedInAnyOrderGiveTheSameDigits() {
    List<String> names = List.of("a", "b", "c", "d", "e", "f", "g");
    ObjectNode whole = part(0, 1).toTree(names, 1);
    for (int parts = 2; parts <= 7; parts++) {
      Evaluation forward = new Evaluation(CLASSES);
      Evaluation backward = new Evaluation(CLASSES);
      for (int i = 0; i < parts; i++) {
        forward.merge(part(i, parts));
        backward.merge(part(parts - 1 - i, parts));
      }
      assertEquals(whole, forward.toTree(names, 1));
      assertEquals(whole, backward.toTree(names, 1));
    }
  }

  @Test
  void lossIsTheMeanToThreeHundredMillionths() {
    double sum = 0;
    for (int i = 0; i < IMAGES; i++) {
      sum += loss(i);
    }
    assertEquals(sum / IMAGES, part(0, 1).loss(), 3e-8);
  }

  @Test
  void firstOfEqualOutputsIsPredicted() {
    Evaluation evaluation = new Evaluation(3);
    evaluation.add(1, new float[] {9, 1, 2, 2}, 1, 0);
    assertEquals(1, evaluation.confusion().count(1, 1));
  }

  @Test
  void equalOutputsEnterTheTopFiveByLowerIndex() {
    float[] outputs = new float[8];
    Evaluation evaluation = new Evaluation(8);
    evaluation.add(4, outputs, 0, 0);
    assertEquals(1, evaluation.topAccuracy(5));
    evaluation.add(5, outputs, 0, 0);
    assertEquals(0.5, evaluation.topAccuracy(5));
  }

  @Test
  void imageWithNaNIsWrongAndStaysCounted() {
    Evaluation evaluation = new Evaluation(3);
    evaluation.add(0, new float[] {1, Float.NaN, 0}, 0, Double.NaN);
    evaluation.add(0, new float[] {1, 0, 0}, 0, 0.5);
    assertEquals(2, evaluation.images());
    assertEquals(0.5, evaluation.accuracy());
    assertEquals(0.5, evaluation.topAccuracy(5));
    assertEquals(0.5, evaluation.confusion().recall(0));
    assertEquals(1, evaluation.confusion().precision(0));
    assertEquals(1, evaluation.confusion().undecided());
    assertEquals(1, evaluation.clampedLosses());
  }

  @Test
  void infiniteOutputIsTheLargest() {
    Evaluation evaluation = new Evaluation(2);
    evaluation.add(1, new float[] {1, Float.POSITIVE_INFINITY}, 0, 0);
    assertEquals(1, evaluation.accuracy());
  }

  @Test
  void lossBeyondTheLargestIsCountedAsTheLargest() {
    Evaluation evaluation = new Evaluation(1);
    for (double loss : new double[] {65536, 65537, Double.POSITIVE_INFINITY, Double.NaN}) {
      evaluation.add(0, new float[1], 0, loss);
    }
    assertEquals(65536, evaluation.loss());
    assertEquals(3, evaluation.clampedLosses());
  }

  @Test
  void overflowOfTheLossIsRefused() {
    Evaluation evaluation = new Evaluation(1);
    evaluation.add(0, new float[1], 0, 65536);
    assertThrows(
        ArithmeticException.class,
        () -> {
          for (int i = 0; i < 24; i++) {
            evaluation.merge(evaluation);
          }
        });
  }

  @Test
  void noImagesGiveZeros() {
    Evaluation evaluation = new Evaluation(2);
    assertEquals(0, evaluation.loss());
    assertEquals(0, evaluation.accuracy());
    assertEquals(0, evaluation.topAccuracy(5));
    assertEquals(0, evaluation.confusion().f1(1));
  }

  @Test
  void treeHasTheStableKeys() {
    Evaluation evaluation = new Evaluation(2);
    evaluation.add(0, new float[] {1, 0}, 0, 0.25);
    evaluation.add(1, new float[] {1, 0}, 0, 0.75);
    assertEquals(
        "{\"images\":2,\"loss\":0.5,\"accuracy\":0.5,\"top5Accuracy\":1.0,"
            + "\"imagesPerSecond\":10.0,\"undecidedImages\":0,\"clampedLosses\":0,"
            + "\"accuracyInterval\":[0.09453120573423074,0.9054687942657693],"
            + "\"topAccuracies\":[0.5,1.0],"
            + "\"macro\":{\"precision\":0.25,\"recall\":0.5,\"f1\":0.3333333333333333},"
            + "\"weighted\":{\"precision\":0.25,\"recall\":0.5,\"f1\":0.3333333333333333},"
            + "\"confusionMatrix\":[[1,0],[1,0]],"
            + "\"classes\":[{\"name\":\"cat\",\"images\":1,\"precision\":0.5,\"recall\":1.0,"
            + "\"f1\":0.6666666666666666},{\"name\":\"dog\",\"images\":1,\"precision\":0.0,"
            + "\"recall\":0.0,\"f1\":0.0}]}",
        evaluation.toTree(List.of("cat", "dog"), 10).toString());
  }

  @Test
  void labelsAndSizesOutOfRangeAreRefused() {
    Evaluation evaluation = new Evaluation(2);
    assertThrows(IllegalArgumentException.class, () -> new Evaluation(0));
    assertThrows(IllegalArgumentException.class, () -> evaluation.add(2, new float[2], 0, 0));
    assertThrows(IllegalArgumentException.class, () -> evaluation.add(-1, new float[2], 0, 0));
    assertThrows(IllegalArgumentException.class, () -> evaluation.merge(new Evaluation(3)));
    assertThrows(IllegalArgumentException.class, () -> evaluation.toTree(List.of("a"), 1));
    assertEquals(0, evaluation.images());
  }

  @Test
  void topOfMoreThanIsCountedIsRefused() {
    Evaluation evaluation = new Evaluation(20);
    assertEquals(0, evaluation.topAccuracy(10));
    assertThrows(IllegalArgumentException.class, () -> evaluation.topAccuracy(11));
    assertThrows(IllegalArgumentException.class, () -> evaluation.topAccuracy(0));
  }

  /** The images i with i mod parts = part; the formula is that of the Python script. */
  private static Evaluation part(int part, int parts) {
    Evaluation evaluation = new Evaluation(CLASSES);
    for (int i = part; i < IMAGES; i += parts) {
      int label = (i * 5 + i / 7) % 6;
      float[] outputs = new float[CLASSES];
      for (int c = 0; c < CLASSES; c++) {
        outputs[c] = (i * 37 + c * 11 + i * c * 3) % 64 + c / 64f + (c == label ? 20 : 0);
      }
      outputs[5] = -i - 1;
      evaluation.add(label, outputs, 0, loss(i));
    }
    return evaluation;
  }

  private static double loss(int i) {
    return i / 7.0 + 1e-9 * i;
  }
}
