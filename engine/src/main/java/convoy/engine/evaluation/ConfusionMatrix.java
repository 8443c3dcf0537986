package convoy.engine.evaluation;

/**
 * How often images of each class were taken for each class.
 *
 * <p>An image for which no class can be named is counted as undecided: it belongs to its class, and
 * is right for none. Quotients of 0 by 0 are 0, as in scikit-learn.
 */
public final class ConfusionMatrix {
  private final int classes;

  /** By label and, fastest, by predicted class; the last column counts the undecided. */
  private final long[] counts;

  /**
   * An empty matrix.
   *
   * @throws IllegalArgumentException if there is no class
   */
  public ConfusionMatrix(int classes) {
    if (classes < 1) {
      throw new IllegalArgumentException("got " + classes + " classes, wanted 1 or more");
    }
    this.classes = classes;
    this.counts = new long[Math.multiplyExact(classes, classes + 1)];
  }

  /** Number of classes. */
  public int classes() {
    return classes;
  }

  /** Counts an image of class {@code label} that was taken for class {@code predicted}. */
  public void add(int label, int predicted) {
    counts[index(label, check(predicted))]++;
  }

  /** Counts an image of class {@code label} that was taken for no class. */
  public void addUndecided(int label) {
    counts[index(label, classes)]++;
  }

  /**
   * Adds the counts of {@code other}.
   *
   * @throws IllegalArgumentException if it has another number of classes
   */
  public void merge(ConfusionMatrix other) {
    if (other.classes != classes) {
      throw new IllegalArgumentException(
          "a confusion matrix of " + other.classes + " classes, wanted " + classes);
    }
    for (int i = 0; i < counts.length; i++) {
      counts[i] += other.counts[i];
    }
  }

  /** Images of class {@code label} that were taken for class {@code predicted}. */
  public long count(int label, int predicted) {
    return counts[index(label, check(predicted))];
  }

  /** Images of class {@code label}. */
  public long images(int label) {
    long sum = 0;
    for (int column = 0; column <= classes; column++) {
      sum += counts[index(label, column)];
    }
    return sum;
  }

  /** Images that were taken for class {@code predicted}. */
  public long predictions(int predicted) {
    long sum = 0;
    for (int label = 0; label < classes; label++) {
      sum += count(label, predicted);
    }
    return sum;
  }

  /** All images. */
  public long images() {
    long sum = 0;
    for (long count : counts) {
      sum += count;
    }
    return sum;
  }

  /** Images that were taken for no class. */
  public long undecided() {
    long sum = 0;
    for (int label = 0; label < classes; label++) {
      sum += counts[index(label, classes)];
    }
    return sum;
  }

  /** Images that were taken for their own class. */
  public long right() {
    long right = 0;
    for (int label = 0; label < classes; label++) {
      right += count(label, label);
    }
    return right;
  }

  /** Share of all images that were taken for their own class. */
  public double accuracy() {
    return quotient(right(), images());
  }

  /** Of the images taken for class {@code c}, the share that belongs to it. */
  public double precision(int c) {
    return quotient(count(c, c), predictions(c));
  }

  /** Of the images of class {@code c}, the share that was taken for it. */
  public double recall(int c) {
    return quotient(count(c, c), images(c));
  }

  /** The harmonic mean of precision and recall. */
  public double f1(int c) {
    return quotient(2 * count(c, c), images(c) + predictions(c));
  }

  /**
   * Means over classes.
   *
   * @param precision of {@link #precision}
   * @param recall of {@link #recall}
   * @param f1 of {@link #f1}
   */
  public record Averages(double precision, double recall, double f1) {}

  /** Over the classes that images belong to or were taken for, each counting alike. */
  public Averages macroAverages() {
    double precision = 0, recall = 0, f1 = 0;
    int present = 0;
    for (int c = 0; c < classes; c++) {
      precision += precision(c);
      recall += recall(c);
      f1 += f1(c);
      present += images(c) + predictions(c) > 0 ? 1 : 0;
    }
    int count = Math.max(1, present);
    return new Averages(precision / count, recall / count, f1 / count);
  }

  /** Over all classes, each counting by the images that belong to it. */
  public Averages weightedAverages() {
    double precision = 0, recall = 0, f1 = 0;
    for (int c = 0; c < classes; c++) {
      double weight = quotient(images(c), images());
      precision += weight * precision(c);
      recall += weight * recall(c);
      f1 += weight * f1(c);
    }
    return new Averages(precision, recall, f1);
  }

  private int index(int label, int column) {
    return check(label) * (classes + 1) + column;
  }

  private int check(int c) {
    if (c < 0 || c >= classes) {
      throw new IllegalArgumentException("class " + c + ", wanted 0 to " + (classes - 1));
    }
    return c;
  }

  private static double quotient(long part, long whole) {
    return whole == 0 ? 0 : (double) part / whole;
  }
}
