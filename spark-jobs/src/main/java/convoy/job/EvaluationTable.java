package convoy.job;

import convoy.engine.data.ImageView;
import convoy.engine.evaluation.ConfusionMatrix;
import convoy.engine.evaluation.Evaluation;
import convoy.engine.evaluation.Interval;
import convoy.engine.evaluation.PairedAnswers;
import convoy.engine.evaluation.ScoreHistogram;
import convoy.engine.evaluation.Scorecard;
import convoy.evaluation.Scores;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** The measures of an evaluation as lines for a terminal. */
final class EvaluationTable {
  /** More classes than this make a matrix that no terminal shows; the JSON has it. */
  private static final int WIDEST_MATRIX = 20;

  private static final String CLEAN = new ImageView.Clean().name();

  private EvaluationTable() {}

  /** The first model under the first view in full, the others in a line each. */
  static List<String> lines(EvaluationResult result) {
    Scores scores = result.scores();
    if (scores.labelled() == 0) {
      return List.of(
          format(
              "%,d images without a label were scored  %.0f images/s",
              scores.unlabelled(), result.imagesPerSecond()));
    }
    Scorecard card = scores.card(0, 0);
    List<String> lines = new ArrayList<>();
    boolean several = result.models().size() * result.columns().size() > 1;
    if (several || !result.columns().get(0).equals(CLEAN)) {
      lines.add(format("%s, %s", result.models().get(0), result.columns().get(0)));
    }
    addTotals(card, result.imagesPerSecond(), lines);
    addUnusual(card, scores.unlabelled(), lines);
    addClasses(card, result.classes(), lines);
    if (result.classes().size() <= WIDEST_MATRIX) {
      addMatrix(card.evaluation().confusion(), result.classes(), lines);
    }
    if (several) {
      addViews(result, lines);
    }
    if (result.models().size() > 1) {
      addComparisons(result, lines);
    }
    return lines;
  }

  private static void addTotals(Scorecard card, double imagesPerSecond, List<String> lines) {
    Evaluation evaluation = card.evaluation();
    lines.add(
        format(
            "%,d images  loss %.4f  accuracy %.2f%%  top-5 %.2f%%  %.0f images/s",
            evaluation.images(),
            evaluation.loss(),
            100 * evaluation.accuracy(),
            100 * evaluation.topAccuracy(5),
            imagesPerSecond));
    lines.add(
        format(
            "accuracy lies in %s with 95 %% confidence  Brier score %s  calibration error %s",
            interval(evaluation),
            measure(card.probabilities().brierScore()),
            measure(calibrationError(card))));
  }

  /** What should not be, and what has no part in the measures. */
  private static void addUnusual(Scorecard card, long unlabelled, List<String> lines) {
    if (unlabelled > 0) {
      lines.add(format("%,d images without a label have no part in this", unlabelled));
    }
    long undecided = card.evaluation().confusion().undecided();
    if (undecided > 0) {
      lines.add(
          format("%,d images have an output that is no number: they count as wrong", undecided));
    }
    long clamped = card.evaluation().clampedLosses();
    if (clamped > 0) {
      lines.add(format("%,d losses are above 65,536 or no number: they count as 65,536", clamped));
    }
  }

  private static String interval(Evaluation evaluation) {
    Interval interval = evaluation.accuracyInterval();
    return format("%.2f..%.2f%%", 100 * interval.low(), 100 * interval.high());
  }

  private static double calibrationError(Scorecard card) {
    return card.probabilities().calibration().error();
  }

  private static void addClasses(Scorecard card, List<String> classes, List<String> lines) {
    ConfusionMatrix confusion = card.evaluation().confusion();
    TextTable table = new TextTable(1);
    table.add("class", "images", "precision", "recall", "F1", "ROC AUC", "average precision");
    for (int c = 0; c < classes.size(); c++) {
      ScoreHistogram histogram = card.probabilities().histogram(c);
      table.add(
          classes.get(c),
          TextTable.count(confusion.images(c)),
          percent(confusion.precision(c)),
          percent(confusion.recall(c)),
          percent(confusion.f1(c)),
          measure(histogram.rocAuc().value()),
          measure(histogram.averagePrecision().value()));
    }
    addAverages("macro", confusion.macroAverages(), table);
    addAverages("weighted", confusion.weightedAverages(), table);
    lines.add("");
    lines.addAll(table.lines());
  }

  private static void addAverages(String kind, ConfusionMatrix.Averages averages, TextTable table) {
    table.add(
        kind,
        "",
        percent(averages.precision()),
        percent(averages.recall()),
        percent(averages.f1()));
  }

  private static void addMatrix(
      ConfusionMatrix confusion, List<String> classes, List<String> lines) {
    TextTable table = new TextTable(1);
    for (int label = 0; label < classes.size(); label++) {
      List<String> row = new ArrayList<>(List.of(classes.get(label)));
      for (int predicted = 0; predicted < classes.size(); predicted++) {
        row.add(Long.toString(confusion.count(label, predicted)));
      }
      table.add(row.toArray(String[]::new));
    }
    lines.add("");
    lines.add("confusion matrix: a row for each class, a column for each predicted class");
    lines.addAll(table.lines());
  }

  private static void addViews(EvaluationResult result, List<String> lines) {
    TextTable table = new TextTable(2);
    table.add("model", "view", "accuracy", "95 %", "loss", "top-5", "Brier", "calibration");
    for (int m = 0; m < result.models().size(); m++) {
      for (int column = 0; column < result.columns().size(); column++) {
        Scorecard card = result.scores().card(m, column);
        Evaluation evaluation = card.evaluation();
        table.add(
            result.models().get(m),
            result.columns().get(column),
            percent(evaluation.accuracy()),
            interval(evaluation),
            measure(evaluation.loss()),
            percent(evaluation.topAccuracy(5)),
            measure(card.probabilities().brierScore()),
            measure(calibrationError(card)));
      }
    }
    lines.add("");
    lines.addAll(table.lines());
  }

  private static void addComparisons(EvaluationResult result, List<String> lines) {
    for (int first = 0; first < result.models().size(); first++) {
      for (int second = first + 1; second < result.models().size(); second++) {
        for (int column = 0; column < result.columns().size(); column++) {
          addComparison(result, first, second, column, lines);
        }
      }
    }
  }

  private static void addComparison(
      EvaluationResult result, int first, int second, int column, List<String> lines) {
    PairedAnswers answers = result.scores().pair(first, second, column);
    lines.add("");
    lines.add(
        format(
            "%s against %s, %s: alone right %,d to %,d, McNemar's test p = %.3g",
            result.models().get(second),
            result.models().get(first),
            result.columns().get(column),
            answers.onlySecond(),
            answers.onlyFirst(),
            answers.mcNemar()));
    StringBuilder gains = new StringBuilder("images gained:");
    for (int c = 0; c < result.classes().size(); c++) {
      if (answers.gained(c) != 0) {
        gains.append(format(" %s %+d", result.classes().get(c), answers.gained(c)));
      }
    }
    lines.add(gains.toString());
  }

  private static String percent(double share) {
    return format("%.2f%%", 100 * share);
  }

  /** With four places; a dash where there is none. */
  static String measure(double value) {
    return Double.isNaN(value) ? "-" : format("%.4f", value);
  }

  private static String format(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }
}
