package convoy.job;

import convoy.engine.evaluation.ConfusionMatrix;
import convoy.engine.evaluation.Evaluation;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The measures of an evaluation as lines for a terminal. */
final class EvaluationTable {
  /** More classes than this make a matrix that no terminal shows; the JSON has it. */
  private static final int WIDEST_MATRIX = 20;

  private EvaluationTable() {}

  static List<String> lines(Evaluation evaluation, List<String> classes, double imagesPerSecond) {
    List<String> lines = new ArrayList<>();
    lines.add(
        format(
            "%,d images  loss %.4f  accuracy %.2f%%  top-5 %.2f%%  %.0f images/s",
            evaluation.images(),
            evaluation.loss(),
            100 * evaluation.accuracy(),
            100 * evaluation.topAccuracy(5),
            imagesPerSecond));
    ConfusionMatrix confusion = evaluation.confusion();
    int width = classes.stream().mapToInt(String::length).max().orElse(0);
    width = Math.max(width, "class".length());
    lines.add("");
    lines.add(format("%-" + width + "s  images  precision  recall      F1", "class"));
    for (int c = 0; c < classes.size(); c++) {
      lines.add(
          format(
              "%-" + width + "s %7d    %6.2f%% %6.2f%% %6.2f%%",
              classes.get(c),
              confusion.images(c),
              100 * confusion.precision(c),
              100 * confusion.recall(c),
              100 * confusion.f1(c)));
    }
    if (classes.size() <= WIDEST_MATRIX) {
      addMatrix(confusion, classes, width, lines);
    }
    return lines;
  }

  private static void addMatrix(
      ConfusionMatrix confusion, List<String> classes, int width, List<String> lines) {
    lines.add("");
    lines.add("confusion matrix: a row for each class, a column for each predicted class");
    for (int label = 0; label < classes.size(); label++) {
      StringBuilder row = new StringBuilder(format("%-" + width + "s", classes.get(label)));
      for (int predicted = 0; predicted < classes.size(); predicted++) {
        row.append(format(" %5d", confusion.count(label, predicted)));
      }
      lines.add(row.toString());
    }
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
