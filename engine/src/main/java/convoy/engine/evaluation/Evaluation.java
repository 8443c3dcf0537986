package convoy.engine.evaluation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * The measures of a network over images, counted image by image and merged in any order.
 *
 * <p>Losses are summed as integers: each image's loss is rounded to a multiple of 2^-24 (6e-8), so
 * that a mean is off by 3e-8 at most. A loss beyond 65,536, infinite or NaN counts as 65,536 and is
 * counted apart, so that it shows. The sum of the others has room for 5e10 images of loss 10;
 * beyond it {@link ArithmeticException} is thrown.
 *
 * <p>An image with an output that is NaN is right for no class and not among the top k.
 */
public final class Evaluation {
  /** The largest k whose top-k accuracy is told. */
  private static final int MOST_TOP = 10;

  /** Units of a loss of 1. */
  private static final double LOSS_UNITS = 0x1p24;

  /** The largest loss of one image. */
  private static final double LARGEST_LOSS = 0x1p16;

  private final ConfusionMatrix confusion;

  /** For each rank, from 0, the images whose class has the (rank + 1)-th largest output. */
  private final long[] ranks;

  /** Of the losses that were not clamped. */
  private long lossUnits;

  private long clampedLosses;

  /**
   * An evaluation of no images yet.
   *
   * @throws IllegalArgumentException if there is no class
   */
  public Evaluation(int classes) {
    confusion = new ConfusionMatrix(classes);
    ranks = new long[Math.min(classes, MOST_TOP)];
  }

  /**
   * Counts one image.
   *
   * <p>The predicted class is the one with the largest output, the first of several. The top k are
   * taken in the same order.
   *
   * @param label its class
   * @param outputs logits or probabilities of the classes, from {@code offset} on
   * @param offset index of the first class's output
   * @param loss of this image
   * @return the predicted class, or -1 where an output is NaN
   * @throws IllegalArgumentException if {@code label} is no class
   */
  public int add(int label, float[] outputs, int offset, double loss) {
    int predicted = largest(outputs, offset);
    if (predicted < 0) {
      confusion.addUndecided(label);
    } else {
      confusion.add(label, predicted);
      int rank = rank(label, outputs, offset);
      if (rank < ranks.length) {
        ranks[rank]++;
      }
    }
    if (Math.abs(loss) <= LARGEST_LOSS) {
      lossUnits = Math.addExact(lossUnits, Math.round(loss * LOSS_UNITS));
    } else {
      clampedLosses++;
    }
    return predicted;
  }

  /**
   * Adds the counts of {@code other}.
   *
   * @throws IllegalArgumentException if it has another number of classes
   */
  public void merge(Evaluation other) {
    confusion.merge(other.confusion);
    for (int rank = 0; rank < ranks.length; rank++) {
      ranks[rank] += other.ranks[rank];
    }
    lossUnits = Math.addExact(lossUnits, other.lossUnits);
    clampedLosses += other.clampedLosses;
  }

  /** Images counted. */
  public long images() {
    return confusion.images();
  }

  /** Which class was taken for which; shared, not copied. */
  public ConfusionMatrix confusion() {
    return confusion;
  }

  /** The mean loss; 0 without images. */
  public double loss() {
    double sum = lossUnits / LOSS_UNITS + clampedLosses * LARGEST_LOSS;
    return images() == 0 ? 0 : sum / images();
  }

  /** Images whose loss was beyond 65,536, infinite or NaN, and was counted as 65,536. */
  public long clampedLosses() {
    return clampedLosses;
  }

  /** Share of images that were taken for their own class; 0 without images. */
  public double accuracy() {
    return confusion.accuracy();
  }

  /** Where the accuracy lies that infinitely many such images would show. */
  public Interval accuracyInterval() {
    return Interval.of(confusion.right(), images());
  }

  /**
   * Share of images whose class is among the {@code k} largest outputs; 0 without images.
   *
   * @param k 1 or more; beyond the number of classes it is that of all classes
   * @throws IllegalArgumentException if it is above 10 and below the number of classes
   */
  public double topAccuracy(int k) {
    int counted = Math.min(k, confusion.classes());
    if (k < 1 || counted > ranks.length) {
      throw new IllegalArgumentException("top-" + k + ", wanted 1 to " + MOST_TOP);
    }
    long among = 0;
    for (int rank = 0; rank < counted; rank++) {
      among += ranks[rank];
    }
    return images() == 0 ? 0 : (double) among / images();
  }

  /**
   * All measures as JSON. The keys are stable: images, loss, accuracy, accuracyInterval (low and
   * high end, 95 %), top5Accuracy, topAccuracies (for k = 1, 2, ...), macro and weighted
   * (precision, recall, f1), imagesPerSecond, undecidedImages (an output was NaN), clampedLosses,
   * confusionMatrix (a row for each label, a column for each predicted class), classes (name,
   * images, precision, recall, f1).
   *
   * @throws IllegalArgumentException if there is not one name for each class
   */
  public ObjectNode toTree(List<String> classNames, double imagesPerSecond) {
    int classes = confusion.classes();
    if (classNames.size() != classes) {
      throw new IllegalArgumentException(
          "got " + classNames.size() + " class names, wanted " + classes);
    }
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("images", images())
        .put("loss", loss())
        .put("accuracy", accuracy())
        .put("top5Accuracy", topAccuracy(5))
        .put("imagesPerSecond", imagesPerSecond)
        .put("undecidedImages", confusion.undecided())
        .put("clampedLosses", clampedLosses);
    Interval interval = accuracyInterval();
    tree.putArray("accuracyInterval").add(interval.low()).add(interval.high());
    ArrayNode tops = tree.putArray("topAccuracies");
    for (int k = 1; k <= ranks.length; k++) {
      tops.add(topAccuracy(k));
    }
    write(confusion.macroAverages(), tree.putObject("macro"));
    write(confusion.weightedAverages(), tree.putObject("weighted"));
    ArrayNode rows = tree.putArray("confusionMatrix");
    ArrayNode perClass = tree.putArray("classes");
    for (int label = 0; label < classes; label++) {
      ArrayNode row = rows.addArray();
      for (int predicted = 0; predicted < classes; predicted++) {
        row.add(confusion.count(label, predicted));
      }
      perClass
          .addObject()
          .put("name", classNames.get(label))
          .put("images", confusion.images(label))
          .put("precision", confusion.precision(label))
          .put("recall", confusion.recall(label))
          .put("f1", confusion.f1(label));
    }
    return tree;
  }

  private static void write(ConfusionMatrix.Averages averages, ObjectNode tree) {
    tree.put("precision", averages.precision())
        .put("recall", averages.recall())
        .put("f1", averages.f1());
  }

  /** The first class with the largest output, or -1 where an output is NaN. */
  private int largest(float[] outputs, int offset) {
    int largest = 0;
    for (int c = 0; c < confusion.classes(); c++) {
      if (Float.isNaN(outputs[offset + c])) {
        return -1;
      }
      if (outputs[offset + c] > outputs[offset + largest]) {
        largest = c;
      }
    }
    return largest;
  }

  /** Number of classes that come before {@code label}. */
  private int rank(int label, float[] outputs, int offset) {
    float own = outputs[offset + label];
    int before = 0;
    for (int c = 0; c < confusion.classes(); c++) {
      float value = outputs[offset + c];
      if (value > own || (value == own && c < label)) {
        before++;
      }
    }
    return before;
  }
}
