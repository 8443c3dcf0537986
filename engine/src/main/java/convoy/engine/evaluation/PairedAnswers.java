package convoy.engine.evaluation;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.List;

/**
 * The answers of two models to the same images, class by class: how many both, only the first, only
 * the second and none had right. Merged in any order.
 */
public final class PairedAnswers {
  private final long[] both;
  private final long[] onlyFirst;
  private final long[] onlySecond;
  private final long[] none;

  /** No answers yet. */
  public PairedAnswers(int classes) {
    both = new long[classes];
    onlyFirst = new long[classes];
    onlySecond = new long[classes];
    none = new long[classes];
  }

  /** Counts the answers to an image of class {@code label}. */
  public void add(int label, boolean firstIsRight, boolean secondIsRight) {
    long[] counts =
        firstIsRight ? (secondIsRight ? both : onlyFirst) : secondIsRight ? onlySecond : none;
    counts[label]++;
  }

  /**
   * Adds the counts of {@code other}.
   *
   * @throws IllegalArgumentException if it has another number of classes
   */
  public void merge(PairedAnswers other) {
    if (other.both.length != both.length) {
      throw new IllegalArgumentException(
          "answers of " + other.both.length + " classes, wanted " + both.length);
    }
    for (int c = 0; c < both.length; c++) {
      both[c] += other.both[c];
      onlyFirst[c] += other.onlyFirst[c];
      onlySecond[c] += other.onlySecond[c];
      none[c] += other.none[c];
    }
  }

  /** Images that the first model alone had right. */
  public long onlyFirst() {
    return sum(onlyFirst);
  }

  /** Images that the second model alone had right. */
  public long onlySecond() {
    return sum(onlySecond);
  }

  /** Of class {@code c}, how many more images the second model had right than the first. */
  public long gained(int c) {
    return onlySecond[c] - onlyFirst[c];
  }

  /** Images of class {@code c}. */
  public long images(int c) {
    return both[c] + onlyFirst[c] + onlySecond[c] + none[c];
  }

  /**
   * The two-sided p-value of McNemar's test: how probable it is that the images which one model
   * alone had right are shared out at least so unevenly if both models are equally good. Exact, by
   * the binomial distribution: with n such images and b of them the smaller part, min(1, 2 sum over
   * i from 0 to b of (n choose i) / 2^n). McNemar, "Note on the Sampling Error of the Difference
   * Between Correlated Proportions or Percentages", 1947.
   */
  public double mcNemar() {
    long first = onlyFirst(), second = onlySecond();
    long n = first + second, least = Math.min(first, second);
    // From the largest term down, so that nothing is lost below the smallest double.
    double logarithm = -n * StrictMath.log(2);
    for (long i = 1; i <= least; i++) {
      logarithm += StrictMath.log((double) (n - i + 1) / i);
    }
    double ratio = 1, ratios = 0;
    for (long i = least; i >= 0 && ratio > 1e-18; i--) {
      ratios += ratio;
      ratio *= i / (double) (n - i + 1);
    }
    return Math.min(1, 2 * StrictMath.exp(logarithm) * ratios);
  }

  /**
   * As JSON: onlyFirst and onlySecond (images that one alone had right), pValue (McNemar's test)
   * and classes (name, images, onlyFirst, onlySecond, gained: how many more the second had right).
   */
  public ObjectNode toTree(List<String> classNames) {
    ObjectNode tree = JsonNodeFactory.instance.objectNode();
    tree.put("onlyFirst", onlyFirst()).put("onlySecond", onlySecond()).put("pValue", mcNemar());
    ArrayNode classes = tree.putArray("classes");
    for (int c = 0; c < both.length; c++) {
      classes
          .addObject()
          .put("name", classNames.get(c))
          .put("images", images(c))
          .put("onlyFirst", onlyFirst[c])
          .put("onlySecond", onlySecond[c])
          .put("gained", gained(c));
    }
    return tree;
  }

  private static long sum(long[] counts) {
    long sum = 0;
    for (long count : counts) {
      sum += count;
    }
    return sum;
  }
}
