package convoy.registry;

import convoy.engine.evaluation.ConfusionMatrix;
import convoy.engine.evaluation.PairedAnswers;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/**
 * When a challenger is better than the champion: by accuracy, by McNemar's test on their answers to
 * the same images, and by no class having lost too much.
 *
 * @param margin the least gain in accuracy, as a share of the images; 0 or more, default 0, and the
 *     gain has to be above 0
 * @param significance the largest p-value of the test, above 0 and up to 1, default 0.05
 * @param largestFall the most by which the recall of a class may fall; 0 to 1, default 0.05
 */
public record PromotionRule(double margin, double significance, double largestFall) {
  /** By how much a difference of two shares may be off that was computed in double. */
  private static final double ROUNDING = 1e-12;

  /** With all settings at their default. */
  public static final PromotionRule DEFAULT = new PromotionRule(0, 0.05, 0.05);

  public PromotionRule {
    check("margin", margin, margin >= 0 && margin < 1, "0 or more and below 1");
    check("significance", significance, significance > 0 && significance <= 1, "0 to 1, not 0");
    check("largest fall", largestFall, largestFall >= 0 && largestFall <= 1, "0 to 1");
  }

  private static void check(String name, double value, boolean fits, String wanted) {
    if (!fits) {
      throw new IllegalArgumentException(name + " is " + value + ", wanted " + wanted);
    }
  }

  /**
   * Decides.
   *
   * @param champion its answers
   * @param challenger its answers to the same images
   * @param answers of both, the champion first
   * @param classes their names
   */
  public Decision decide(
      ConfusionMatrix champion,
      ConfusionMatrix challenger,
      PairedAnswers answers,
      List<String> classes) {
    List<String> against = new ArrayList<>(), others = new ArrayList<>();
    double gain = challenger.accuracy() - champion.accuracy();
    boolean better = gain > 0 && gain >= margin - ROUNDING;
    (better ? others : against)
        .add(
            format(
                "accuracy %.2f%% against the champion's %.2f%%: %+.2f points, wanted %s",
                100 * challenger.accuracy(),
                100 * champion.accuracy(),
                100 * gain,
                margin > 0 ? format("at least %.2f", 100 * margin) : "more than 0"));
    double p = answers.mcNemar();
    (p <= significance ? others : against)
        .add(
            format(
                "McNemar's test: alone right on %,d images to %,d, p = %.3g, wanted at most %.3g",
                answers.onlySecond(), answers.onlyFirst(), p, significance));
    boolean noneFell = true;
    for (int c = 0; c < classes.size(); c++) {
      double fall = champion.recall(c) - challenger.recall(c);
      if (fall > largestFall + ROUNDING) {
        noneFell = false;
        against.add(
            format(
                "class %s: recall fell from %.2f%% to %.2f%%, by more than %.2f points",
                classes.get(c),
                100 * champion.recall(c),
                100 * challenger.recall(c),
                100 * largestFall));
      }
    }
    if (noneFell) {
      others.add(format("no class's recall fell by more than %.2f points", 100 * largestFall));
    }
    boolean promote = against.isEmpty();
    against.addAll(others);
    return new Decision(promote, against);
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
