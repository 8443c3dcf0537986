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
 * counted apart, so that it shows. The sum has room for 2^23 images of that largest loss, and for
 * 5e10 images of loss 10; beyond it {@link ArithmeticException} is thrown.
 *
 * <p>An image with an output that is NaN is right for no class and not among the top five.
 */
public final class Evaluation {
  /** How many classes the top-5 accuracy looks at. */
  private static final int TOP = 5;

  /** Units of a loss of 1. */
  private static final double LOSS_UNITS = 0x1p24;

  /** The largest loss of one image. */
  private static final double LARGEST_LOSS = 0x1p16;

  private final ConfusionMatrix confusion;
  private long topFive;
  private long lossUnits;
  private long clampedLosses;

  /**
   * An evaluation of no images yet.
   *
   * @throws IllegalArgumentException if there is no class
   */
  public Evaluation(int classes) {
    confusion = new ConfusionMatrix(classes);
  }

  /**
   * Counts one image.
   *
   * <p>The predicted class is the one with the largest output, the first of several. The top five
   * are taken in the same order.
   *
   * @param label its class
   * @param outputs logits or probabilities of the classes, from {@code offset} on
   * @param offset index of the first class's output
   * @param loss of this image
   * @throws IllegalArgumentException if {@code label} is no class
   */
  public void add(int label, float[] outputs, int offset, double loss) {
    int predicted = largest(outputs, offset);
    if (predicted < 0) {
      confusion.addUndecided(label);
    } else {
      confusion.add(label, predicted);
      topFive += rank(label, outputs, offset) < TOP ? 1 : 0;
    }
    double counted = loss;
    if (!(Math.abs(loss) <= LARGEST_LOSS)) {
      clampedLosses++;
      counted = LARGEST_LOSS;
    }
    lossUnits = Math.addExact(lossUnits, Math.round(counted * LOSS_UNITS));
  }

  /**
   * Adds the counts of {@code other}.
   *
   * @throws IllegalArgumentException if it has another number of classes
   */
  public void merge(Evaluation other) {
    confusion.merge(other.confusion);
    topFive += other.topFive;
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
    return images() == 0 ? 0 : lossUnits / LOSS_UNITS / images();
  }

  /** Images whose loss was beyond 65,536, infinite or NaN, and was counted as 65,536. */
  public long clampedLosses() {
    return clampedLosses;
  }

  /** Share of images that were taken for their own class; 0 without images. */
  public double accuracy() {
    return confusion.accuracy();
  }

  /** Share of images whose class is among the five largest outputs; 0 without images. */
  public double topFiveAccuracy() {
    return images() == 0 ? 0 : (double) topFive / images();
  }

  /**
   * All measures as JSON. The keys are stable: images, loss, accuracy, top5Accuracy,
   * imagesPerSecond, undecidedImages (an output was NaN), clampedLosses, confusionMatrix (a row for
   * each label, a column for each predicted class), classes (name, images, precision, recall, f1).
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
        .put("top5Accuracy", topFiveAccuracy())
        .put("imagesPerSecond", imagesPerSecond)
        .put("undecidedImages", confusion.undecided())
        .put("clampedLosses", clampedLosses);
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
