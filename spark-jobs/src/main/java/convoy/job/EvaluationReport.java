package convoy.job;

import convoy.dataprep.ImageDataset;
import convoy.dataprep.ImageSize;
import convoy.dataprep.Split;
import convoy.engine.evaluation.Calibration;
import convoy.engine.evaluation.ConfusionMatrix;
import convoy.engine.evaluation.Evaluation;
import convoy.engine.evaluation.Interval;
import convoy.engine.evaluation.PairedAnswers;
import convoy.engine.evaluation.ScoreHistogram;
import convoy.engine.evaluation.Scorecard;
import convoy.evaluation.EvaluationRun;
import convoy.evaluation.Mistake;
import java.io.IOException;
import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * The page of an evaluation: one HTML file that loads nothing. Models and views in a table; of each
 * model, under the first view, classes, confusion matrix, reliability diagram and worst mistakes.
 *
 * @param dataset what was evaluated on
 * @param split its part
 * @param result what was counted
 */
record EvaluationReport(ImageDataset dataset, Split split, EvaluationResult result) {
  /** More classes than this make no heat map that anybody could read. */
  private static final int WIDEST_MATRIX = 100;

  private static final String STYLE =
      """
      body { font: 15px/1.45 system-ui, sans-serif; color: #222; max-width: 80em; margin: 2em auto;
        padding: 0 1em; }
      h2 { margin-top: 2.2em; border-bottom: 1px solid #ddd; }
      table { border-collapse: collapse; margin: 0.8em 0; }
      th, td { padding: 0.25em 0.7em; text-align: right; font-variant-numeric: tabular-nums;
        white-space: nowrap; }
      th { color: #555; font-weight: 600; }
      th:first-child, td:first-child, .text { text-align: left; white-space: normal; }
      tbody tr { border-top: 1px solid #eee; }
      .heat td { min-width: 2.6em; padding: 0.3em 0.4em; text-align: center; }
      svg { overflow: visible; }
      .mistakes { display: flex; flex-wrap: wrap; gap: 1em; }
      figure { margin: 0; width: 8.5em; font-size: 13px; overflow-wrap: anywhere; }
      figure img { width: 8em; height: 8em; object-fit: contain; image-rendering: pixelated;
        background: #eee; }
      .note { color: #555; }
      """;

  /** The page; {@code run} gives the pixels of mistakes. */
  String html(EvaluationRun run) throws IOException {
    StringBuilder page = new StringBuilder();
    page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
    page.append("<title>Evaluation</title>\n<style>\n").append(STYLE).append("</style>\n</head>\n");
    page.append("<body>\n<h1>Evaluation</h1>\n");
    String folder = escaped(dataset.folder().toString());
    add(page, "<p>%s, %s images: %,d", folder, split.folderName(), result.scores().images());
    long unlabelled = result.scores().unlabelled();
    if (unlabelled > 0) {
      add(page, ", of which %,d without a label have no part in the measures", unlabelled);
    }
    add(page, ".<br>Fingerprint of the data set <code>%s</code></p>\n", dataset.fingerprint());
    addViews(page);
    if (result.models().size() > 1) {
      addComparisons(page);
    }
    Set<Long> ids = new HashSet<>();
    for (int m = 0; m < result.models().size(); m++) {
      result.scores().mistakes(m).list().forEach(mistake -> ids.add(mistake.id()));
    }
    Map<Long, byte[]> pixels = ids.isEmpty() ? Map.of() : run.pixels(ids);
    for (int m = 0; m < result.models().size(); m++) {
      addModel(page, m, pixels);
    }
    return page.append("</body>\n</html>\n").toString();
  }

  private void addViews(StringBuilder page) {
    page.append("<h2>Models and views</h2>\n<table>\n<thead><tr><th>model</th>");
    page.append("<th class=\"text\">view</th><th>accuracy</th><th>95 % interval</th><th>loss</th>");
    page.append("<th>top-5</th><th>macro F1</th><th>Brier score</th><th>calibration error</th>");
    page.append("</tr></thead>\n<tbody>\n");
    for (int m = 0; m < result.models().size(); m++) {
      for (int column = 0; column < result.columns().size(); column++) {
        Scorecard card = result.scores().card(m, column);
        Evaluation evaluation = card.evaluation();
        Interval interval = evaluation.accuracyInterval();
        double percent = 100 * evaluation.accuracy();
        add(
            page,
            "<tr><td>%s</td><td class=\"text\">%s</td><td style=\"background: linear-gradient(to"
                + " right, #dbe7f3 %.1f%%, transparent 0)\">%.2f %%</td><td>%.2f to %.2f</td>",
            escaped(result.models().get(m)),
            escaped(result.columns().get(column)),
            percent,
            percent,
            100 * interval.low(),
            100 * interval.high());
        add(
            page,
            "<td>%.4f</td><td>%.2f %%</td><td>%.2f %%</td><td>%s</td><td>%s</td></tr>\n",
            evaluation.loss(),
            100 * evaluation.topAccuracy(5),
            100 * evaluation.confusion().macroAverages().f1(),
            EvaluationTable.measure(card.probabilities().brierScore()),
            EvaluationTable.measure(card.probabilities().calibration().error()));
      }
    }
    page.append("</tbody>\n</table>\n");
  }

  private void addComparisons(StringBuilder page) {
    page.append("<h2>Model against model</h2>\n<table>\n<thead><tr><th>first</th>");
    page.append("<th class=\"text\">second</th><th class=\"text\">view</th>");
    page.append("<th>only first right</th><th>only second right</th><th>McNemar's p</th>");
    page.append("<th class=\"text\">images that the second gained</th></tr></thead>\n<tbody>\n");
    for (int first = 0; first < result.models().size(); first++) {
      for (int second = first + 1; second < result.models().size(); second++) {
        for (int column = 0; column < result.columns().size(); column++) {
          addComparison(page, first, second, column);
        }
      }
    }
    page.append("</tbody>\n</table>\n");
  }

  private void addComparison(StringBuilder page, int first, int second, int column) {
    PairedAnswers answers = result.scores().pair(first, second, column);
    StringBuilder gains = new StringBuilder();
    for (int c = 0; c < result.classes().size(); c++) {
      if (answers.gained(c) != 0) {
        add(gains, "%s %+d ", escaped(result.classes().get(c)), answers.gained(c));
      }
    }
    add(
        page,
        "<tr><td>%s</td><td class=\"text\">%s</td><td class=\"text\">%s</td><td>%,d</td>"
            + "<td>%,d</td><td>%.3g</td><td class=\"text\">%s</td></tr>\n",
        escaped(result.models().get(first)),
        escaped(result.models().get(second)),
        escaped(result.columns().get(column)),
        answers.onlyFirst(),
        answers.onlySecond(),
        answers.mcNemar(),
        gains);
  }

  private void addModel(StringBuilder page, int model, Map<Long, byte[]> pixels)
      throws IOException {
    Scorecard card = result.scores().card(model, 0);
    add(
        page,
        "<h2>%s</h2>\n<p class=\"note\">Under the view %s.</p>\n",
        escaped(result.models().get(model)),
        escaped(result.columns().get(0)));
    addUnusual(page, card.evaluation());
    addClasses(page, card);
    if (result.classes().size() <= WIDEST_MATRIX) {
      addMatrix(page, card.evaluation().confusion());
    }
    page.append("<h3>Reliability</h3>\n");
    Calibration calibration = card.probabilities().calibration();
    page.append(
        Double.isNaN(calibration.error())
            ? "<p>No image has probabilities.</p>\n"
            : ReliabilityDiagram.svg(calibration));
    addMistakes(page, result.scores().mistakes(model).list(), pixels);
  }

  private static void addUnusual(StringBuilder page, Evaluation evaluation) {
    long undecided = evaluation.confusion().undecided(), clamped = evaluation.clampedLosses();
    if (undecided > 0) {
      add(
          page,
          "<p>%,d images have an output that is no number: they count as wrong.</p>\n",
          undecided);
    }
    if (clamped > 0) {
      add(
          page,
          "<p>%,d losses are above 65,536 or no number: they count as 65,536.</p>\n",
          clamped);
    }
  }

  private void addClasses(StringBuilder page, Scorecard card) {
    page.append("<h3>Classes</h3>\n<table>\n<thead><tr><th>class</th><th>images</th>");
    page.append("<th>precision</th><th>recall</th><th>F1</th><th>ROC AUC</th>");
    page.append("<th>average precision</th></tr></thead>\n<tbody>\n");
    ConfusionMatrix confusion = card.evaluation().confusion();
    for (int c = 0; c < result.classes().size(); c++) {
      ScoreHistogram histogram = card.probabilities().histogram(c);
      add(
          page,
          "<tr><td>%s</td><td>%,d</td><td>%.2f %%</td><td>%.2f %%</td><td>%.2f %%</td>"
              + "<td>%s</td><td>%s</td></tr>\n",
          escaped(result.classes().get(c)),
          confusion.images(c),
          100 * confusion.precision(c),
          100 * confusion.recall(c),
          100 * confusion.f1(c),
          measure(histogram.rocAuc()),
          measure(histogram.averagePrecision()));
    }
    page.append("</tbody>\n</table>\n");
  }

  /** With its resolution, which is rounded up. */
  private static String measure(ScoreHistogram.Binned measure) {
    String value = EvaluationTable.measure(measure.value());
    if (Double.isNaN(measure.value())) {
      return value;
    }
    BigDecimal resolution =
        BigDecimal.valueOf(Math.max(1e-9, measure.resolution()))
            .round(new MathContext(1, RoundingMode.UP));
    return String.format(Locale.ROOT, "%s &#177; %.1g", value, resolution);
  }

  private void addMatrix(StringBuilder page, ConfusionMatrix confusion) {
    page.append("<h3>Confusion matrix</h3>\n<p class=\"note\">A row for each class, a column for ");
    page.append("each predicted class; the darker, the larger the share of the row.</p>\n");
    page.append("<table class=\"heat\">\n<thead><tr><th></th>");
    result.classes().forEach(name -> add(page, "<th>%s</th>", escaped(name)));
    page.append("</tr></thead>\n<tbody>\n");
    for (int label = 0; label < result.classes().size(); label++) {
      add(page, "<tr><td>%s</td>", escaped(result.classes().get(label)));
      for (int predicted = 0; predicted < result.classes().size(); predicted++) {
        long count = confusion.count(label, predicted);
        double share = (double) count / Math.max(1, confusion.images(label));
        String colour = label == predicted ? "31, 119, 180" : "214, 69, 65";
        add(
            page,
            "<td style=\"background: rgba(%s, %.3f)%s\">%d</td>",
            colour,
            share,
            share > 0.6 ? "; color: #fff" : "",
            count);
      }
      page.append("</tr>\n");
    }
    page.append("</tbody>\n</table>\n");
  }

  private void addMistakes(StringBuilder page, List<Mistake> mistakes, Map<Long, byte[]> pixels)
      throws IOException {
    page.append("<h3>The most confident mistakes</h3>\n");
    if (mistakes.isEmpty()) {
      page.append("<p>There is none.</p>\n");
      return;
    }
    ImageSize size = dataset.imageSize();
    page.append("<div class=\"mistakes\">\n");
    for (Mistake mistake : mistakes) {
      byte[] png = PngFile.bytes(size.width(), size.channels(), pixels.get(mistake.id()));
      add(
          page,
          "<figure><img alt=\"image %d\" src=\"data:image/png;base64,%s\"><figcaption>%s taken for"
              + " <b>%s</b>, %.1f %%<br><span class=\"note\">id %d%s</span></figcaption>"
              + "</figure>\n",
          mistake.id(),
          Base64.getEncoder().encodeToString(png),
          escaped(result.classes().get(mistake.label())),
          escaped(result.classes().get(mistake.predicted())),
          100 * mistake.confidence(),
          mistake.id(),
          mistake.name().isEmpty() ? "" : "<br>" + escaped(mistake.name()));
    }
    page.append("</div>\n");
  }

  private static void add(StringBuilder page, String format, Object... values) {
    page.append(String.format(Locale.ROOT, format, values));
  }

  private static String escaped(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
