package convoy.engine.evaluation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * All measures of one model over images of one kind: those of its answers and those of its
 * probabilities. Counted image by image and merged in any order.
 */
public final class Scorecard {
  private final Evaluation evaluation;
  private final ProbabilityMeasures probabilities;

  /** Bytes of the counts for so many classes: a confusion matrix, and two counts for each bin. */
  public static long sizeBytes(int classes) {
    return Long.BYTES * (long) classes * (classes + 1 + 2L * ProbabilityMeasures.bins(classes));
  }

  /** Measures of no images yet. */
  public Scorecard(int classes) {
    evaluation = new Evaluation(classes);
    probabilities = new ProbabilityMeasures(classes);
  }

  /**
   * Counts one image. Where an output is NaN it counts as wrong, and has no part in the measures of
   * probabilities.
   *
   * @param label its class
   * @param outputs of the classes, from {@code offset} on
   * @param loss of this image
   * @param found the probabilities of the classes
   * @return the predicted class, or -1 where an output is NaN
   * @throws IllegalArgumentException if {@code label} is no class
   */
  public int add(int label, float[] outputs, int offset, double loss, double[] found) {
    int predicted = evaluation.add(label, outputs, offset, loss);
    if (predicted >= 0) {
      probabilities.add(label, predicted, found);
    }
    return predicted;
  }

  /**
   * Adds the counts of {@code other}.
   *
   * @throws IllegalArgumentException if it has another number of classes
   */
  public void merge(Scorecard other) {
    evaluation.merge(other.evaluation);
    probabilities.merge(other.probabilities);
  }

  /** The measures of the answers. */
  public Evaluation evaluation() {
    return evaluation;
  }

  /** The measures of the probabilities. */
  public ProbabilityMeasures probabilities() {
    return probabilities;
  }

  /**
   * All measures as JSON: the keys of {@link Evaluation#toTree}, and brierScore and
   * calibrationError, missing where no image has probabilities, reliability (for each bin from, to,
   * images, confidence, accuracy), and for each of the classes rocAuc, rocAucResolution,
   * averagePrecision and averagePrecisionResolution, missing where it has no images, and the first
   * two also where it has all of them.
   *
   * @throws IllegalArgumentException if there is not one name for each class
   */
  public ObjectNode toTree(List<String> classNames, double imagesPerSecond) {
    ObjectNode tree = evaluation.toTree(classNames, imagesPerSecond);
    write("brierScore", probabilities.brierScore(), tree);
    write("calibrationError", probabilities.calibration().error(), tree);
    ArrayNode reliability = tree.putArray("reliability");
    for (Calibration.Bin bin : probabilities.calibration().bins()) {
      reliability
          .addObject()
          .put("from", bin.from())
          .put("to", bin.to())
          .put("images", bin.images())
          .put("confidence", bin.confidence())
          .put("accuracy", bin.accuracy());
    }
    for (int c = 0; c < classNames.size(); c++) {
      ObjectNode own = (ObjectNode) tree.get("classes").get(c);
      ScoreHistogram histogram = probabilities.histogram(c);
      writeBinned("rocAuc", histogram.rocAuc(), own);
      writeBinned("averagePrecision", histogram.averagePrecision(), own);
    }
    return tree;
  }

  private static void writeBinned(String key, ScoreHistogram.Binned measure, ObjectNode tree) {
    write(key, measure.value(), tree);
    if (tree.has(key)) {
      tree.put(key + "Resolution", measure.resolution());
    }
  }

  private static void write(String key, double value, ObjectNode tree) {
    if (!Double.isNaN(value)) {
      tree.put(key, value);
    }
  }
}
