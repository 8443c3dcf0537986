package convoy.engine.evaluation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import convoy.engine.layer.Dense;
import convoy.engine.loss.SoftmaxCrossEntropy;
import convoy.engine.tensor.Shape;
import convoy.engine.tensor.Tensor;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * Expected values are those of scikit-learn and numpy; engine/src/test/python/probability_golden.py
 * prints them.
 */
class ProbabilityMeasuresTest {
  private static final int CLASSES = 5;
  private static final int IMAGES = 500;
  private static final double[] ROC_AUC = {
    0.8498909179056238, 0.8573551942557911, 0.8505358830508134, 0.8597854740478138
  };
  private static final double[] AVERAGE_PRECISION = {
    0.7007961978320018, 0.7168309357822447, 0.7407935380925719, 0.7280838008117855
  };
  private static final long[] BINS = {0, 0, 0, 0, 16, 65, 86, 117, 48, 52, 16, 40, 37, 21, 2};
  private static final double[] ACCURACIES = {
    0.375,
    0.18461538461538463,
    0.45348837209302323,
    0.452991452991453,
    0.75,
    0.9423076923076923,
    0.875,
    0.8,
    0.8918918918918919,
    1.0,
    1.0
  };
  private static final double[] CONFIDENCES = {
    0.3180532469103558,
    0.3698013588024945,
    0.4375003324987266,
    0.5041944891061505,
    0.5621734969302651,
    0.6247228418366219,
    0.7004523175537966,
    0.7670391567509595,
    0.8376225641394409,
    0.8771855520605785,
    0.969230651434999
  };

  @Test
  void measuresAreThoseOfScikitLearn() {
    ProbabilityMeasures measures = part(0, 1);
    assertEquals(0.5427704478354844, measures.brierScore(), 1e-9);
    for (int c = 0; c < ROC_AUC.length; c++) {
      assertWithin(ROC_AUC[c], measures.histogram(c).rocAuc());
      assertWithin(AVERAGE_PRECISION[c], measures.histogram(c).averagePrecision());
    }
  }

  @Test
  void lossIsThatOfScikitLearn() {
    double sum = 0;
    for (int i = 0; i < IMAGES; i++) {
      Tensor scores = Tensor.dense(scores(i), 0, Shape.flat(1, CLASSES));
      sum += SoftmaxCrossEntropy.DEFAULT.loss(scores, 0, label(i));
    }
    assertEquals(1.0520019459190066, sum / IMAGES, 1e-12);
  }

  private static void assertWithin(double wanted, ScoreHistogram.Binned got) {
    assertTrue(got.resolution() >= 0 && got.resolution() < 4e-3, "resolution " + got.resolution());
    assertEquals(wanted, got.value(), got.resolution() + 1e-12);
  }

  @Test
  void calibrationIsThatOfScikitLearn() {
    Calibration calibration = part(0, 1).calibration();
    List<Calibration.Bin> bins = calibration.bins();
    for (int i = 0, filled = 0; i < BINS.length; i++) {
      Calibration.Bin bin = bins.get(i);
      assertEquals(BINS[i], bin.images());
      assertEquals(i / 15.0, bin.from());
      assertEquals((i + 1) / 15.0, bin.to());
      if (bin.images() > 0) {
        assertEquals(ACCURACIES[filled], bin.accuracy(), 1e-12);
        assertEquals(CONFIDENCES[filled], bin.confidence(), 1e-9);
        filled++;
      }
    }
    assertEquals(0.10920770250753585, calibration.error(), 1e-9);
  }

  @Test
  void partsMergedInAnyOrderGiveTheSameDigits() {
    ProbabilityMeasures whole = part(0, 1), forward = part(0, 3), backward = part(2, 3);
    forward.merge(part(1, 3));
    forward.merge(part(2, 3));
    backward.merge(part(1, 3));
    backward.merge(part(0, 3));
    for (ProbabilityMeasures merged : List.of(forward, backward)) {
      assertEquals(whole.brierScore(), merged.brierScore());
      assertEquals(whole.calibration().bins(), merged.calibration().bins());
      for (int c = 0; c < CLASSES; c++) {
        assertEquals(whole.histogram(c).rocAuc(), merged.histogram(c).rocAuc());
        assertEquals(whole.histogram(c).averagePrecision(), merged.histogram(c).averagePrecision());
      }
    }
  }

  /** Ten others ahead; then two of the class, as probable as each other, before five others. */
  @Test
  void theResolutionCoversTiesWithinABin() {
    ScoreHistogram histogram = new ScoreHistogram(8192);
    for (int i = 0; i < 10; i++) {
      histogram.add(0.9, false);
    }
    for (int i = 0; i < 7; i++) {
      histogram.add(0.5, i < 2);
    }
    ScoreHistogram.Binned precision = histogram.averagePrecision();
    assertEquals(2.0 / 17, precision.value(), 1e-15);
    assertEquals(2.0 / 12 - 2.0 / 17, precision.resolution(), 1e-15);
  }

  /** By hand: of the six pairs four are in order and one is level; precisions 1, 2/3 with a tie. */
  @Test
  void rankingOfFiveImagesIsThatByHand() {
    ScoreHistogram histogram = new ScoreHistogram(8192);
    histogram.add(0.9, true);
    histogram.add(0.5, true);
    histogram.add(0.5, false);
    histogram.add(0.7, false);
    histogram.add(0.1, false);
    ScoreHistogram.Binned auc = histogram.rocAuc();
    assertEquals(4.5 / 6, auc.value(), 1e-15);
    assertEquals(0.5 / 6, auc.resolution(), 1e-15);
    ScoreHistogram.Binned precision = histogram.averagePrecision();
    assertEquals((1 + 2.0 / 4) / 2, precision.value(), 1e-15);
    assertEquals((2.0 / 3 - 2.0 / 4) / 2, precision.resolution(), 1e-15);
  }

  @Test
  void certainAndImpossibleClassesAreRankedToo() {
    ScoreHistogram histogram = new ScoreHistogram(256);
    histogram.add(1, true);
    histogram.add(0, false);
    assertEquals(new ScoreHistogram.Binned(1, 0), histogram.rocAuc());
    assertEquals(new ScoreHistogram.Binned(1, 0), histogram.averagePrecision());
  }

  @Test
  void classWithoutImagesHasNoRanking() {
    ScoreHistogram histogram = part(0, 1).histogram(4);
    assertTrue(Double.isNaN(histogram.rocAuc().value()));
    assertTrue(Double.isNaN(histogram.averagePrecision().value()));
  }

  @Test
  void manyClassesHaveCoarserHistograms() {
    assertEquals(8192, ProbabilityMeasures.bins(10));
    assertEquals(1024, ProbabilityMeasures.bins(100));
    assertEquals(256, ProbabilityMeasures.bins(1000));
  }

  @Test
  void coarseBinsTellHowFarTheyAreOff() {
    int classes = 300, images = 400;
    ProbabilityMeasures measures = new ProbabilityMeasures(classes);
    Random random = new Random(5);
    double[][] found = new double[images][classes];
    int[] labels = new int[images];
    for (int i = 0; i < images; i++) {
      labels[i] = i % 2;
      double sum = 0;
      for (int c = 0; c < classes; c++) {
        found[i][c] = Math.exp(4 * random.nextGaussian() + (c == labels[i] ? 6 : 0));
        sum += found[i][c];
      }
      for (int c = 0; c < classes; c++) {
        found[i][c] /= sum;
      }
      measures.add(labels[i], 0, found[i]);
    }
    for (int c = 0; c < 2; c++) {
      double ahead = 0, precision = 0;
      for (int own = c; own < images; own += 2) {
        int above = 0;
        for (int other = 1 - c; other < images; other += 2) {
          ahead += found[own][c] > found[other][c] ? 1 : 0;
          above += found[own][c] > found[other][c] ? 0 : 1;
        }
        int ranked = 0;
        for (int same = c; same < images; same += 2) {
          ranked += found[same][c] >= found[own][c] ? 1 : 0;
        }
        precision += (double) ranked / (ranked + above);
      }
      ScoreHistogram histogram = measures.histogram(c);
      double auc = ahead / (images / 2 * (images / 2)), average = precision / (images / 2);
      assertEquals(auc, histogram.rocAuc().value(), histogram.rocAuc().resolution());
      ScoreHistogram.Binned binned = histogram.averagePrecision();
      assertEquals(average, binned.value(), binned.resolution());
      assertTrue(histogram.rocAuc().resolution() < 0.02, "else it tells nothing");
      assertTrue(binned.resolution() < 0.02, "else it tells nothing");
    }
  }

  @Test
  void measuresOfOtherClassesAreRefused() {
    ProbabilityMeasures measures = new ProbabilityMeasures(2);
    assertThrows(IllegalArgumentException.class, () -> measures.merge(new ProbabilityMeasures(3)));
    assertEquals(Double.NaN, measures.brierScore(), "of no image");
    assertEquals(Double.NaN, measures.calibration().error(), "of no image");
  }

  /** The images from {@code first} on, each {@code step}-th. */
  private static ProbabilityMeasures part(int first, int step) {
    ProbabilityMeasures measures = new ProbabilityMeasures(CLASSES);
    Probabilities probabilities = new Probabilities(new Dense(CLASSES, true));
    for (int i = first; i < IMAGES; i += step) {
      float[] scores = scores(i);
      int predicted = 0;
      for (int c = 0; c < CLASSES; c++) {
        predicted = scores[c] > scores[predicted] ? c : predicted;
      }
      double[] found = new double[CLASSES];
      probabilities.write(scores, 0, found);
      measures.add(label(i), predicted, found);
    }
    return measures;
  }

  private static int label(int i) {
    return (i * 7 + i / 11) % 4;
  }

  private static float[] scores(int i) {
    float[] scores = new float[CLASSES];
    for (int c = 0; c < CLASSES; c++) {
      scores[c] = (i * 37 + c * 11 + i * c * 3) % 64 / 16f + (c == label(i) ? 1.5f : 0);
    }
    return scores;
  }
}
